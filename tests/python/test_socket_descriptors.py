"""Descriptors of sockets: none is left behind, and none is used that may be another file's."""

import contextlib
import os
import threading

import pytest
import rustchat
import rustchat.socket as socket
from conftest import PATIENCE, wait_until
from waiting import wait_until_it_waits


def open_descriptors():
    """Each with what it is."""
    found = {}
    for number in os.listdir("/proc/self/fd"):
        try:
            found[number] = os.readlink(f"/proc/self/fd/{number}")
        except FileNotFoundError:
            # That of the listing itself.
            continue
    return found


@pytest.fixture
def nothing_left():
    before = open_descriptors()
    yield
    assert open_descriptors() == before


def test_a_second_init_closes_the_first_descriptor(nothing_left):
    sock = socket.socket()
    for _ in range(100):
        sock.__init__()
    sock.__init__(socket.AF_UNIX, socket.SOCK_DGRAM)
    assert (sock.family, sock.type) == (socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.close()


def test_a_second_init_with_the_same_descriptor_keeps_it(nothing_left):
    with socket.socket() as sock:
        sock.__init__(fileno=sock.fileno())
        sock.bind(("127.0.0.1", 0))


def test_a_second_init_that_fails_changes_nothing(nothing_left):
    with socket.socket() as sock:
        number = sock.fileno()
        with pytest.raises(OSError, match="Invalid argument"):
            sock.__init__(socket.AF_INET, 99, 99)
        with pytest.raises(OSError, match="Bad file descriptor"):
            sock.__init__(fileno=1 << 20)
        assert sock.fileno() == number
        sock.bind(("127.0.0.1", 0))


def test_a_second_init_waits_for_the_calls_on_the_first_descriptor(nothing_left, background):
    near, far = socket.socketpair()
    waiting = background(near.recv, 1)
    wait_until(lambda: waiting.native_id is not None)
    wait_until_it_waits(os.getpid(), waiting.native_id)
    number = near.fileno()
    near.__init__(socket.AF_UNIX)
    assert near.fileno() != number
    # Nobody has got the number, and with it what is sent to the first socket.
    assert os.readlink(f"/proc/self/fd/{number}").startswith("socket:")
    far.sendall(b"x")
    assert waiting.result() == b"x"
    near.close()
    far.close()


@pytest.mark.parametrize("shared", [False, True], ids=["attached", "detached"])
def test_no_call_meets_the_file_that_got_the_number(background, shared):
    """One thread receives, one closes, one opens sockets, all as fast as they can."""
    over = threading.Event()
    current = [socket.socketpair()]
    seen = set()

    def receive():
        while not over.is_set():
            near, _far = current[0]
            try:
                near.setblocking(False)
                seen.add(near.recv(10))
            except OSError:
                pass

    def open_sockets():
        # Their other end has sent what must not be seen.
        while not over.is_set():
            one, other = socket.socketpair()
            other.sendall(b"SECRET")
            other.close()
            one.close()

    def replace():
        for _ in range(3000):
            near, far = current[0]
            near.close()
            far.close()
            current[0] = socket.socketpair()

    threads = [background(receive), background(open_sockets)] if shared else [background(receive)]
    try:
        replace()
    finally:
        over.set()
        for thread in threads:
            thread.join(PATIENCE)
        for sock in current[0]:
            sock.close()
    assert seen <= {b""}


def made_by_the_package(tmp_path):
    """Everything there is that has descriptors, alive."""
    stack = contextlib.ExitStack()
    server = stack.enter_context(rustchat.ChatServer(port=0, workers=2))
    client = stack.enter_context(rustchat.ChatClient(*server.address))
    client.fileno()
    stack.enter_context(rustchat.ChatServer(str(tmp_path / "chat.sock"), workers=1, secret="s"))
    listener = stack.enter_context(rustchat.listen(("127.0.0.1", 0), secret="s"))
    listener.fileno()
    stack.enter_context(rustchat.connect(listener.address, secret="s"))
    stack.enter_context(listener.accept(PATIENCE))
    plain = stack.enter_context(rustchat.listen(str(tmp_path / "plain.sock")))
    stack.enter_context(rustchat.connect(plain.address))
    stack.enter_context(plain.accept(PATIENCE))
    one, other = socket.socketpair()
    stack.enter_context(one)
    stack.enter_context(other)
    stack.enter_context(one.dup())
    stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    return stack


def test_no_descriptor_survives_exec(tmp_path):
    before = open_descriptors()
    with made_by_the_package(tmp_path):
        new = open_descriptors().keys() - before.keys()
        assert len(new) > 20
        assert [number for number in new if os.get_inheritable(int(number))] == []
    assert open_descriptors() == before


@pytest.mark.parametrize("name", ["connection", "accepted", "listener", "listener with a secret", "client", "socket"])
def test_what_is_closed_has_no_descriptor(name):
    with (
        rustchat.ChatServer(port=0) as server,
        rustchat.listen(("127.0.0.1", 0), secret="s") as guarded,
        rustchat.listen(("127.0.0.1", 0)) as listener,
        rustchat.connect(listener.address) as connection,
        listener.accept(PATIENCE) as accepted,
    ):
        client = rustchat.ChatClient(*server.address)
        client.start()
        things = {
            "connection": connection,
            "accepted": accepted,
            "listener": listener,
            "listener with a secret": guarded,
            "client": client,
            "socket": socket.socket(),
        }
        assert things[name].fileno() >= 0
        (client.stop if name == "client" else things[name].close)()
        assert things[name].fileno() == -1
        things["socket"].close()
        client.stop()
