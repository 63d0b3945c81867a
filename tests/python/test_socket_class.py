"""The drop-in for the standard module: what the interpreter's own tests (see conformance/) do not look at."""

import errno
import os
import signal
import socket as standard
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rustchat import socket
from waiting import wait_until_it_waits

PATIENCE = 20


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        one = socket.create_connection(listener.getsockname(), timeout=PATIENCE)
        other, _ = listener.accept()
    other.settimeout(PATIENCE)
    return one, other


def in_thread(work: Callable[[], object], until_it_waits: bool = False) -> Callable[[], None]:
    """Starts it, and returns at once or when it most likely waits in its call; the answer waits for its end."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    if until_it_waits:
        wait_until_it_waits(os.getpid(), thread.native_id)

    def join() -> None:
        thread.join(PATIENCE)
        assert not thread.is_alive()

    return join


def test_every_name_of_the_standard_module_is_here_and_classes_are_the_same() -> None:
    assert set(dir(standard)) <= set(dir(socket))
    assert set(standard.__all__) == set(socket.__all__)  # type: ignore[attr-defined]
    for name in ("error", "gaierror", "herror", "timeout", "AddressFamily", "SocketKind", "MsgFlag", "AddressInfo"):
        assert getattr(socket, name) is getattr(standard, name)
    assert socket._GLOBAL_DEFAULT_TIMEOUT is standard._GLOBAL_DEFAULT_TIMEOUT  # type: ignore[attr-defined]
    assert socket.AF_INET is standard.AF_INET
    assert socket.socket is not standard.socket


def test_the_class_has_every_attribute_of_the_interpreters_own_and_three_more() -> None:
    own = {name for name in dir(socket.socket) if not name.startswith("__")}
    theirs = {name for name in dir(standard.socket) if not name.startswith("__")}
    assert own - theirs == {"send_frame", "recv_frame", "authenticate"}
    assert theirs <= own


def test_importing_rustchat_leaves_the_standard_module_alone() -> None:
    code = (
        "import sys, socket; before = dict(vars(socket)); import rustchat; "
        "assert sys.modules['socket'] is socket; assert vars(socket) == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENCE)


def test_repr_is_the_standard_one(pair: tuple[socket.socket, socket.socket]) -> None:
    one, _ = pair
    assert repr(one) == f"<socket.socket fd={one.fileno()}, family={one.family}, type={one.type}, proto=0>"
    one.close()
    assert "[closed]" in repr(one)


def test_default_timeout_is_a_state_of_its_own() -> None:
    assert socket.getdefaulttimeout() is None
    socket.setdefaulttimeout(1.5)
    try:
        assert standard.getdefaulttimeout() is None
        with socket.socket() as sock:
            assert sock.gettimeout() == 1.5
    finally:
        socket.setdefaulttimeout(None)


def test_a_blocking_send_returns_when_all_is_queued() -> None:
    one, other = tcp_pair()
    data = os.urandom(1 << 20)
    received = bytearray()
    one.settimeout(None)

    def read() -> None:
        while chunk := other.recv(65536):
            received.extend(chunk)

    with one, other:
        join = in_thread(read)
        assert one.send(data) == len(data)
        one.shutdown(socket.SHUT_WR)
        join()
    assert received == data


@pytest.mark.parametrize("size", [1, 100, 8192, 65536, 1 << 20, (1 << 20) + 1, 8 << 20])
def test_receiving_asks_for_any_size_and_gives_what_came(size: int, pair: tuple[socket.socket, socket.socket]) -> None:
    one, other = pair
    data = os.urandom(50_000)
    for _ in range(3):  # the second and third time what came last is known
        one.sendall(data)
        received = b""
        while len(received) < len(data):
            received += other.recv(min(size, 8 << 20)) if size > 1 else other.recv(len(data) - len(received))
        assert received == data


def test_a_timeout_does_not_take_what_is_there(pair: tuple[socket.socket, socket.socket]) -> None:
    one, other = pair
    other.settimeout(0.01)
    with pytest.raises(TimeoutError, match=r"^timed out$"):
        other.recv(10)
    one.send(b"late")
    assert other.recv(10) == b"late"


def test_dont_wait_is_obeyed_on_a_blocking_socket(pair: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(BlockingIOError):
        pair[0].recv(10, socket.MSG_DONTWAIT)


def test_the_largest_timeout_waits() -> None:
    one, other = tcp_pair()
    with one, other:
        one.settimeout(10_000_000)  # more milliseconds than poll(2) can count
        main = threading.get_native_id()
        join = in_thread(lambda: (wait_until_it_waits(os.getpid(), main), other.send(b"x")))
        assert one.recv(1) == b"x"
        join()


def test_close_wakes_nobody_and_harms_nobody() -> None:
    one, other = tcp_pair()
    result: list[object] = []
    one.settimeout(PATIENCE)

    def read() -> None:
        try:
            result.append(one.recv(100))
        except OSError as error:
            result.append(error.errno)

    # Should it not wait yet, nothing may go wrong either.
    join = in_thread(read, until_it_waits=True)
    one.close()
    # New descriptors must not be the closed one while the call is under way: what comes here is not the reader's.
    others = [socket.socketpair() for _ in range(20)]
    for _, far in others:
        far.send(b"somebody else's")
    other.send(b"x")
    join()
    assert result in ([errno.EBADF], [b"x"])
    for near, far in others:
        assert near.recv(100) == b"somebody else's"
        near.close()
        far.close()
    other.close()


def test_a_forked_child_closes_its_copy_although_a_thread_waits_in_the_parent() -> None:
    one, other = tcp_pair()
    join = in_thread(lambda: one.recv(1), until_it_waits=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12: fork beside threads
        child = os.fork()
    if child == 0:
        number = one.fileno()
        one.close()
        try:
            os.fstat(number)
        except OSError:
            os._exit(0)
        os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    other.send(b"x")
    join()
    one.close()
    other.close()


@pytest.mark.parametrize("call", ["recv", "accept", "recvfrom", "connect"])
def test_control_c_ends_a_blocking_call(call: str) -> None:
    code = f"""
import signal, sys
from rustchat import socket
call = {call!r}
signal.signal(signal.SIGINT, signal.default_int_handler)
one, other = socket.socketpair()
if call == "recvfrom":
    one = socket.socket(type=socket.SOCK_DGRAM); one.bind(("127.0.0.1", 0))
if call in ("accept", "connect"):
    one = socket.create_server(("127.0.0.1", 0), backlog=0)
print("ready", flush=True)
try:
    if call == "connect":
        while True:  # as soon as the queue is full it waits
            other = socket.socket(); other.connect(one.getsockname())
    else:
        one.accept() if call == "accept" else getattr(one, call)(10)
except KeyboardInterrupt:
    sys.exit(7)
"""
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    wait_until_it_waits(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 7
    process.stdout.close()


def test_a_stopped_process_goes_on_accepting() -> None:
    code = (
        "from rustchat import socket; l = socket.create_server(('127.0.0.1', 0)); "
        "print(l.getsockname()[1], flush=True); l.accept()[0].sendall(b'hi')"
    )
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    port = int(process.stdout.readline())
    process.send_signal(signal.SIGSTOP)
    process.send_signal(signal.SIGCONT)
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        assert client.recv(10) == b"hi"
    assert process.wait(PATIENCE) == 0
    process.stdout.close()


def test_an_unclosed_socket_is_warned_of_with_its_repr() -> None:
    sock = socket.socket()
    text = f"unclosed {sock!r}"
    with pytest.warns(ResourceWarning) as caught:
        del sock
    assert str(caught[0].message) == text


def test_abstract_names_and_link_local_scopes_are_addresses() -> None:
    name = b"\0rustchat-" + os.urandom(8).hex().encode()
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(name)
        assert sock.getsockname() == name
    with socket.socket(socket.AF_UNIX) as sock, pytest.raises(OSError, match="AF_UNIX path too long"):
        sock.bind("x" * 200)


def test_frames_of_the_core_pass_through_a_unix_path(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind(path)
        listener.listen()
        client.connect(path)
        server, peer = listener.accept()
        with server:
            assert peer == "" and client.getpeername() == path
            client.send_frame(b"hello")
            assert server.recv_frame() == b"hello"
