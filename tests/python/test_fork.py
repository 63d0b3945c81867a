"""fork with everything alive: the child is told, and harms nobody."""

import os
import signal
import socket
import subprocess
import sys
import tempfile

import pytest
import rustchat
from conftest import PATIENCE, in_child, run_script, wait_until

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def test_the_child_is_told_that_the_server_is_its_parents(server, peers):
    peer = peers(server)
    for call in (lambda: server.broadcast("x"), server.stop, server.join, lambda: server.clients):
        assert in_child(call).startswith("StateError: this object was made before fork")
    server.broadcast("still here")
    assert peer.text() == "still here"


def test_the_child_may_have_a_server_of_its_own(server):
    def serve():
        with rustchat.ChatServer(port=0) as own, rustchat.ChatClient(*own.address) as client:
            client.send("child")
            return client.recv(PATIENCE).text

    assert in_child(serve) == "'child'"


def test_a_client_of_the_parent_is_nobody_in_the_child(peers, server):
    peers(server)
    old = server.clients[0]

    def serve():
        with rustchat.ChatServer(port=0) as own, rustchat.ChatClient(*own.address):
            wait_until(lambda: own.clients)
            assert own.clients[0] != old
            own.send(old, "secret")

    assert in_child(serve).startswith("NoSuchPeer")


def test_the_same_object_can_be_started_again_in_the_child(server):
    def again():
        server.start()
        address = server.address
        server.stop()
        return address[0]

    assert in_child(again) == "'127.0.0.1'"


def test_a_connection_lives_on_in_the_child(pair):
    near, far = pair

    def talk():
        far.send(b"from the child")
        return far.recv(PATIENCE)

    near.send(b"from the parent")
    assert in_child(talk) == "b'from the parent'"
    assert near.recv(PATIENCE) == b"from the child"
    # That the child is gone, and has closed its copy, ends nothing here.
    far.send(b"parent again")
    assert near.recv(PATIENCE) == b"parent again"


def test_closing_in_the_child_closes_its_copy_alone(pair):
    near, far = pair
    in_child(far.close)
    far.send(b"still open")
    assert near.recv(PATIENCE) == b"still open"


def test_a_listener_is_its_parents():
    with rustchat.listen(("127.0.0.1", 0), secret="s") as listener:
        assert in_child(lambda: listener.accept(1)).startswith("StateError")
        in_child(listener.close)
        with rustchat.connect(listener.address, secret="s"):
            listener.accept(PATIENCE).close()


def test_a_child_inherits_no_lock_of_a_handler_that_was_writing():
    done = run_script("""
import logging, os, threading, time, rustchat
stream, writing = threading.Lock(), threading.Event()
class Slow(logging.Handler):
    def createLock(self): self.lock = None  # logging looks after its own locks
    def emit(self, record):
        with stream:
            writing.set()
            time.sleep(0.3)
logging.getLogger("rustchat").addHandler(Slow())
logging.getLogger("rustchat").setLevel(logging.DEBUG)
server = rustchat.ChatServer(port=0); server.start()
assert writing.wait(20)
child = os.fork()
if child == 0:
    os._exit(0 if stream.acquire(timeout=5) else 1)
assert os.waitpid(child, 0)[1] == 0
server.stop()
""")
    assert done.returncode == 0, done.stderr


def test_a_child_that_exits_by_the_whole_way_is_quick_and_quiet():
    done = run_script("""
import logging, os, sys, time, rustchat
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
class Server(rustchat.ChatServer):
    def on_message(self, client, text): return text
server = Server(port=0); server.start()
client = rustchat.ChatClient(*server.address); client.start()
listener = rustchat.listen(("127.0.0.1", 0), secret="s")
near = rustchat.connect(listener.address, secret="s"); far = listener.accept()
begin = time.monotonic()
child = os.fork()
if child == 0:
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
assert time.monotonic() - begin < 3, "the child waited for threads it has not"
client.send("hi")
assert client.recv(10).text == "hi"
near.send(b"x")
assert far.recv(10) == b"x"
""")
    assert (done.returncode, done.stderr) == (0, "")


HOLDER = """
import os, signal, sys, time, rustchat
{setup}
child = os.fork()
if child == 0:
    signal.alarm(60)
    os.write(1, b"%d\\n" % os.getpid())
    os.close(1)
    signal.pause()
os.write(1, " ".join(map(str, [{address}])).encode() + b"\\n")
signal.pause()
"""

SETUPS = {
    "chat server": ("thing = rustchat.ChatServer(port=0); thing.start()", "*thing.address"),
    "chat server with a secret": ("thing = rustchat.ChatServer(port=0, secret='s'); thing.start()", "*thing.address"),
    "listener": ("thing = rustchat.listen(('127.0.0.1', 0))", "*thing.address"),
    "listener with a secret": ("thing = rustchat.listen(('127.0.0.1', 0), secret='s')", "*thing.address"),
}


@pytest.fixture
def orphan():
    """Starts a program that forks and is killed; its child lives on. Returns what the program said it listened on."""
    children = []

    def start(setup, address, meanwhile=lambda address: None):
        command = [sys.executable, "-W", "ignore", "-c", HOLDER.format(setup=setup, address=address)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
            try:
                said = sorted((parent.stdout.readline().split() for _ in range(2)), key=len)
                children.append(int(said[0][0]))
                meanwhile(said[1])
            finally:
                parent.kill()
        return said[1]

    yield start
    for child in children:
        os.kill(child, signal.SIGKILL)


@pytest.mark.parametrize("setup", SETUPS)
def test_a_child_does_not_keep_the_port_of_a_parent_that_crashed(orphan, setup):
    host, port = orphan(*SETUPS[setup])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), PATIENCE).close()
    rustchat.listen((host, int(port))).close()


def test_a_child_does_not_keep_the_path_of_a_parent_that_crashed(orphan, tmp_path):
    path = str(tmp_path / "x.sock")
    orphan(f"thing = rustchat.listen({path!r})", "thing.address, 1")
    assert os.path.exists(path)
    rustchat.listen(path).close()


def test_a_child_does_not_keep_members_of_a_parent_that_crashed(orphan):
    """Those that are there at the fork: in the room, in a handshake, and waiting for accept()."""
    peers = []
    # The test gets the other ends, and nobody else has them then.
    setup = """
import array, socket
server = rustchat.ChatServer(port=0); server.start()
listener = rustchat.listen(("127.0.0.1", 0), secret="s")
near = rustchat.connect(listener.address, secret="s")
silent = socket.create_connection(listener.address)
member = socket.create_connection(server.address); member.sendall(b"x\\n"); member.recv(100)
handed = [os.dup(near.fileno()), silent.detach(), member.detach()]
post = socket.socket(socket.AF_UNIX); post.connect(POST)
post.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", handed))])
post.close(); os.close(near.fileno())
for number in handed: os.close(number)
"""
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as post:
        post.bind(f"{directory}/post")
        post.listen()
        post.settimeout(PATIENCE)

        def receive(_address):
            with post.accept()[0] as connection:
                _, numbers, _, _ = socket.recv_fds(connection, 1, 3)
            peers.extend(socket.socket(fileno=number) for number in numbers)

        orphan(setup.replace("POST", repr(f"{directory}/post")), "*server.address", receive)
    assert len(peers) == 3
    for peer in peers:
        with peer:
            peer.settimeout(PATIENCE)
            try:
                while peer.recv(1 << 16):
                    pass
            except ConnectionResetError:
                pass


def test_a_server_sees_the_end_of_a_client_that_crashed_after_a_fork(orphan, server):
    orphan(f"client = rustchat.ChatClient(*{server.address!r}); client.start()", "*client.peer")
    wait_until(lambda: server.stats().joined == 1 and not server.clients)


def test_the_childs_own_files_are_left_alone_by_its_own_children():
    """Numbers that the parent's objects had are the child's to use. Without libuv, which closes its own there."""
    done = run_script("""
import os, rustchat
with rustchat.ChatServer("127.0.0.1", 0):
    child = os.fork()
    if child == 0:
        os.closerange(3, 100)
        numbers = [os.open("/dev/null", os.O_RDONLY) for _ in range(50)]
        grandchild = os.fork()
        if grandchild == 0:
            names = {os.readlink(f"/proc/self/fd/{number}") for number in numbers}
            os._exit(0 if names == {"/dev/null"} else 1)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1]))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
""")
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_what_the_parent_closed_is_not_touched_in_the_child():
    """A number that was a server's and is a file's by the time of the fork."""
    for _ in range(5):
        with rustchat.ChatServer(port=0, workers=2) as server, rustchat.ChatClient(*server.address):
            pass
        rustchat.listen(("127.0.0.1", 0), secret="s").close()
    numbers = [os.open("/dev/null", os.O_RDONLY) for _ in range(50)]
    try:
        names = in_child(lambda: {os.readlink(f"/proc/self/fd/{number}") for number in numbers})
        assert names == "{'/dev/null'}"
    finally:
        for number in numbers:
            os.close(number)


def test_a_start_that_was_under_way_does_not_bind_the_child(background):
    """A client that is connecting when the process forks can be started in the child."""
    with socket.create_server(("127.0.0.1", 0), backlog=1) as silent, rustchat.ChatServer(port=0) as server:
        client = rustchat.ChatClient(*silent.getsockname(), framing="u32be", secret="s")
        starting = background(client.start)
        connection, _ = silent.accept()

        address = server.address

        def again():
            client.__init__(*address)
            client.start()
            client.send("x")
            return client.recv(PATIENCE).text

        assert in_child(again) == "'x'"
        connection.close()
        with pytest.raises(rustchat.Error):
            starting.result()
