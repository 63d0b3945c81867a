"""fork with everything alive: the child is told, and harms nobody."""

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
