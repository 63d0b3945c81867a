"""No byte of another connection's, whatever the kernel counts, and no memory written to twice."""

import array
import os
import threading

import pytest
import rustchat.socket as socket
from conftest import PATIENCE, run_script, wait_until
from waiting import wait_until_it_waits

SECRET = b"SECRET-of-another-connection" * 100
HAS_TRUNC = pytest.mark.skipif(not hasattr(socket, "MSG_TRUNC"), reason="a flag of Linux")


@pytest.fixture
def fill():
    """Leaves the secret in whatever memory this thread receives into."""

    def receive_secret():
        near, far = socket.socketpair()
        with near, far:
            for size in (4096, 1 << 16, 1 << 20):
                near.sendall(SECRET)
                assert far.recv(size) == SECRET

    return receive_secret


@pytest.fixture
def tcp():
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname(), PATIENCE)
        far, _ = server.accept()
        far.settimeout(PATIENCE)
        with near, far:
            yield near, far


@pytest.fixture
def sixty(tcp, fill):
    """A socket at which sixty bytes have arrived, with the secret in memory."""
    near, far = tcp
    near.sendall(b"x" * 60)
    wait_until(lambda: len(far.recv(1 << 16, socket.MSG_PEEK)) >= 60)
    fill()
    return far


@HAS_TRUNC
@pytest.mark.parametrize("size", [60, 4096, 20_000, 1 << 20, 1 << 21])
@pytest.mark.parametrize("flags", [0, getattr(socket, "MSG_PEEK", 0)])
def test_what_a_stream_throws_away_is_nobody_elses(sixty, size, flags):
    got = sixty.recv(size, socket.MSG_TRUNC | flags)
    assert set(got) <= {0, ord("x")} and len(got) <= 60


@HAS_TRUNC
def test_neither_with_the_senders_address(sixty):
    got, _ = sixty.recvfrom(60, socket.MSG_TRUNC)
    assert set(got) <= {0, ord("x")}


@HAS_TRUNC
def test_a_buffer_keeps_what_it_had(sixty):
    buffer = bytearray(b"y" * 100)
    assert sixty.recv_into(buffer, 60, socket.MSG_TRUNC) == 60
    assert set(buffer) <= set(b"xy") and len(buffer) == 100


@HAS_TRUNC
@pytest.mark.parametrize("call", ["recv", "recvfrom", "recvmsg"])
@pytest.mark.parametrize("size", [0, 1, 10, 4096])
def test_a_datagram_longer_than_the_buffer_brings_zeros_at_most(fill, call, size):
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with near, far:
        near.send(b"x" * 10_000)
        fill()
        got = (
            getattr(far, call)(size, 0, socket.MSG_TRUNC)
            if call == "recvmsg"
            else getattr(far, call)(size, socket.MSG_TRUNC)
        )
        got = got if call == "recv" else got[0]
        assert got[:size] == b"x" * min(size, len(got)) and set(got[size:]) <= {0}


@HAS_TRUNC
def test_recvmsg_brings_nothing_of_others(sixty):
    got, *_ = sixty.recvmsg(4096, 100, socket.MSG_TRUNC)
    assert set(got) <= {0, ord("x")}


@HAS_TRUNC
def test_the_queue_of_errors_brings_nothing_of_others(fill):
    ip_recverr, msg_errqueue = 11, 0x2000
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
            nobody.bind(("127.0.0.1", 0))
            address = nobody.getsockname()
        sock.setsockopt(socket.IPPROTO_IP, ip_recverr, 1)
        sock.settimeout(PATIENCE)
        sock.sendto(b"x" * 60, address)
        with pytest.raises(ConnectionRefusedError):
            sock.recv(1)
        fill()
        got, ancillary, flags, _ = sock.recvmsg(20, 512, msg_errqueue)
        assert got == b"x" * 20 and flags & msg_errqueue
        assert all(SECRET[:10] not in data for _level, _kind, data in ancillary)


@pytest.mark.parametrize("size", [0, 4, 12, 16, 20])
def test_ancillary_data_that_does_not_fit_is_cut(size):
    near, far = socket.socketpair(socket.AF_UNIX)
    with near, far:
        numbers = array.array("i", [near.fileno(), far.fileno()])
        near.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)])
        got, ancillary, flags, _ = far.recvmsg(10, size)
        assert got == b"x" and flags & socket.MSG_CTRUNC
        for _level, _kind, data in ancillary:
            for number in array.array("i", data[: len(data) // 4 * 4]):
                os.close(number)


def test_one_buffer_given_twice_is_filled_from_its_beginning_again():
    near, far = socket.socketpair()
    with near, far:
        buffer = bytearray(4)
        near.sendall(b"abcdefgh")
        count, *_ = far.recvmsg_into([buffer, buffer])
        assert (count, buffer) == (8, b"efgh")
        near.sendall(b"123456")
        whole = bytearray(8)
        count, *_ = far.recvmsg_into([memoryview(whole)[0:5], memoryview(whole)[3:8]])
        assert (count, whole) == (6, b"12364\0\0\0"[:3] + b"6" + b"5\0\0\0")


def test_several_threads_may_receive_into_one_buffer(background):
    pairs = [socket.socketpair() for _ in range(4)]
    buffer = bytearray(1 << 16)
    start = threading.Barrier(len(pairs))

    def receive(far):
        start.wait(PATIENCE)
        return sum(far.recv_into(buffer) or 0 for _ in range(50))

    for near, far in pairs:
        far.settimeout(PATIENCE)
        near.settimeout(PATIENCE)
    threads = [background(receive, far) for _near, far in pairs]
    for near, _far in pairs:
        for _ in range(50):
            near.send(b"x" * 100)
    for near, _far in pairs:
        near.close()
    assert all(thread.result() >= 0 for thread in threads)
    for _near, far in pairs:
        far.close()


def test_a_line_that_changes_while_it_is_sent_stays_one_line(background):
    """What is checked is what is sent."""
    near, far = socket.socketpair()
    with near, far:
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        text = bytearray(b"x" * 60_000)
        sender = background(lambda: near.send_frame(text, framing="line", limit=1 << 20))
        wait_until(lambda: sender.native_id is not None)
        wait_until(lambda: len(far.recv(1 << 20, socket.MSG_PEEK)) > 0)
        wait_until_it_waits(os.getpid(), sender.native_id)
        text[-1000] = ord("\n")
        assert far.recv_frame("line", limit=1 << 20) == b"x" * 60_000
        sender.result()


LONG_FRAME = """
import threading
import rustchat.socket as socket

LENGTH = 64 << 20

def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS:"))

near, far = socket.socketpair()
with near, far:
    far.settimeout(60)
    near.send_frame(b"x")
    far.recv_frame(limit=LENGTH)
    before = resident()
    sender = threading.Thread(target=lambda: near.send_frame(bytes(LENGTH), limit=LENGTH))
    sender.start()
    assert len(far.recv_frame(limit=LENGTH)) == LENGTH
    sender.join()
    print("kept" if resident() - before > LENGTH // 2 else "given back")
    near.send_frame(b"hello")
    assert far.recv_frame(limit=LENGTH) == b"hello"
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="Linux tells how much memory is in use")
def test_the_memory_of_a_long_frame_is_given_back_with_it():
    done = run_script(LONG_FRAME)
    assert (done.stdout, done.stderr) == ("given back\n", "")
