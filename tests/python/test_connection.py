"""listen(), connect(): whole messages, deadlines, wake-ups."""

import array
import gc
import select
import socket
import struct
import sys
import threading

import pytest
import rustchat
from conftest import PATIENCE

FRAMINGS = ["u32be", "u32le", "multiprocessing"]


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("secret", [None, b"a secret"])
def test_messages_come_whole(framing, secret, background):
    messages = [b"", b"x", b"\0\xff" * 50, bytes(70_000), b"m" * 3_000_000, b"end"]
    with (
        rustchat.listen(("127.0.0.1", 0), framing=framing, secret=secret) as listener,
        rustchat.connect(listener.address, framing=framing, secret=secret) as near,
        listener.accept(PATIENCE) as far,
    ):
        sending = background(lambda: [near.send(message) for message in messages])
        assert [far.recv(PATIENCE) for _ in messages] == messages
        sending.result()
        far.send(b"thanks")
        assert near.recv(PATIENCE) == b"thanks"
        assert (near.peer, near.address) == (far.address, far.peer) == (listener.address, near.address)


def test_any_buffer_is_sent(pair):
    near, far = pair
    whole = bytearray(b"0123456789")
    for data, expected in [
        (b"bytes", b"bytes"),
        (bytearray(b"array"), b"array"),
        (memoryview(b"a view")[2:], b"view"),
        (memoryview(whole)[3:6], b"345"),
        (memoryview(b"0123456789")[::2], b"02468"),
        (array.array("H", [1, 2]), struct.pack("=HH", 1, 2)),
    ]:
        near.send(data)
        assert far.recv(PATIENCE) == expected
    for wrong in ("text", 5, None):
        with pytest.raises(TypeError, match="bytes-like"):
            near.send(wrong)


def test_addresses(tmp_path):
    path = tmp_path / "a socket"
    for address in [("127.0.0.1", 0), "127.0.0.1:0", "[::1]:0", ("localhost", 0), path, str(path)]:
        with rustchat.listen(address) as listener:
            with rustchat.connect(listener.address) as near, listener.accept(PATIENCE) as far:
                near.send(b"hi")
                assert far.recv(PATIENCE) == b"hi"
                assert near.peer == listener.address
    for wrong, kind in [
        (("127.0.0.1", 70000), ValueError),
        ("127.0.0.1", rustchat.AddressError),
        (("no-such-host.invalid", 1), rustchat.AddressError),
        (5, TypeError),
        (None, TypeError),
        ((1, 2, 3), TypeError),
        (("127.0.0.1", "80"), TypeError),
    ]:
        with pytest.raises(kind, match=r"address|port|127|no-such-host"):
            rustchat.listen(wrong)


def test_a_timeout_keeps_what_has_come():
    with rustchat.listen(("127.0.0.1", 0)) as listener, socket.create_connection(listener.address) as raw:
        with listener.accept(PATIENCE) as connection:
            wire = rustchat.frame.encode(b"hello")
            raw.sendall(wire[:6])
            for patience in (0, 0.02, 0.0):
                with pytest.raises(TimeoutError):
                    connection.recv(patience)
            raw.sendall(wire[6:])
            assert connection.recv(PATIENCE) == b"hello"


def test_settimeout(pair):
    near, _ = pair
    assert near.gettimeout() is None
    near.settimeout(0.05)
    assert near.gettimeout() == 0.05
    with pytest.raises(rustchat.TimeoutError) as caught:
        near.recv()
    assert caught.value.status == "RUSTCHAT_ETIMEDOUT"
    with pytest.raises(TimeoutError):
        next(near)
    near.settimeout(None)
    for wrong in (-1, float("nan")):
        with pytest.raises(ValueError, match="timeout is"):
            near.settimeout(wrong)
        with pytest.raises(ValueError, match="timeout is"):
            near.recv(wrong)
    with pytest.raises(TypeError, match="timeout"):
        near.recv("soon")
    near.settimeout(float("inf"))
    assert near.gettimeout() is None


def test_the_end_in_good_order(pair):
    near, far = pair
    near.send(b"last")
    near.close()
    near.close()
    assert list(far) == [b"last"]
    with pytest.raises(EOFError):
        far.recv(PATIENCE)
    with pytest.raises(ConnectionError):
        near.send(b"x")
    with pytest.raises(rustchat.ConnectionClosed) as caught:
        near.recv()
    assert caught.value.status == "RUSTCHAT_ECLOSED"
    assert near.closed
    assert near.fileno() == -1
    assert near.peer == far.address


def test_the_end_in_the_middle_of_a_message():
    with rustchat.listen(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.address) as raw:
            connection = listener.accept(PATIENCE)
            raw.sendall(struct.pack("!I", 10) + b"1234")
        with pytest.raises(rustchat.ConnectionLost, match="after 4 of 10 bytes"):
            connection.recv(PATIENCE)
        with socket.create_connection(listener.address) as raw:
            connection = listener.accept(PATIENCE)
            raw.sendall(b"\0\0")
        with pytest.raises(ConnectionResetError):
            list(connection)


def test_close_from_another_thread_wakes_recv_and_accept(pair, background):
    near, _ = pair
    receiving = [background(near.recv) for _ in range(2)]
    iterating = background(list, near)
    threading.Event().wait(0.05)
    near.close()
    for thread in receiving:
        with pytest.raises(rustchat.ConnectionClosed):
            thread.result()
    assert iterating.result() == []
    for secret in (None, "secret"):
        listener = rustchat.listen(("127.0.0.1", 0), secret=secret)
        accepting = background(listener.accept)
        looping = background(list, listener)
        threading.Event().wait(0.05)
        listener.close()
        with pytest.raises(rustchat.ConnectionClosed):
            accepting.result()
        assert looping.result() == []
        with pytest.raises(rustchat.ConnectionClosed):
            listener.accept()
        assert listener.closed
        assert listener.fileno() == -1


def test_close_wakes_a_sender_that_is_stuck(pair, background):
    near, _ = pair
    sending = background(lambda: [near.send(bytes(1 << 20)) for _ in range(100)])
    threading.Event().wait(0.05)
    near.close()
    with pytest.raises(ConnectionError):
        sending.result()


def test_a_send_that_times_out_in_the_middle_closes(pair):
    near, _ = pair
    with pytest.raises(TimeoutError, match=r"connection closed after .* bytes"):
        near.send(bytes(16 << 20), timeout=0.05)
    with pytest.raises(rustchat.ConnectionClosed):
        near.send(b"x")


def test_the_limit(pair):
    near, far = pair
    with pytest.raises(rustchat.MessageTooLong, match="16777216"):
        near.send(bytes((16 << 20) + 1))
    near.send(b"still good")
    assert far.recv(PATIENCE) == b"still good"
    with rustchat.listen(("127.0.0.1", 0), limit=10) as listener:
        with rustchat.connect(listener.address) as near, listener.accept(PATIENCE) as far:
            near.send(b"x" * 11)
            with pytest.raises(rustchat.MessageTooLong, match="10"):
                far.recv(PATIENCE)


def test_many_messages_at_a_time(pair, background):
    near, far = pair
    messages = [bytes([number % 256]) * (number % 300) for number in range(2000)]
    sending = background(near.send_many, messages)
    got = []
    while len(got) < len(messages):
        some = far.recv_many(100, PATIENCE)
        assert 1 <= len(some) <= 100
        got += some
    assert got == messages
    assert sending.result() == len(messages)
    assert near.send_many([]) == 0
    assert near.send_many(iter([b"one", bytearray(b"two")])) == 2
    assert far.recv(PATIENCE) == b"one"
    assert far.recv_many() == [b"two"]
    with pytest.raises(TimeoutError):
        far.recv_many(timeout=0)
    for wrong in (5, [b"x", "text"]):
        with pytest.raises(TypeError):
            near.send_many(wrong)
    with pytest.raises(ValueError, match="most is -1"):
        far.recv_many(-1)


def test_select(pair):
    near, far = pair
    assert select.select([far], [], [], 0)[0] == []
    near.send(b"one")
    near.send(b"two")
    assert select.select([far], [], [], PATIENCE)[0] == [far]
    assert [far.recv(PATIENCE), far.recv(PATIENCE)] == [b"one", b"two"]
    for secret in (None, "s"):
        with rustchat.listen(("127.0.0.1", 0), secret=secret) as listener:
            assert select.select([listener], [], [], 0)[0] == []
            with rustchat.connect(listener.address, secret=secret):
                assert select.select([listener], [], [], PATIENCE)[0] == [listener]
                listener.accept(0).close()


def test_accept_gives_up_in_time():
    for secret in (None, "s"):
        with rustchat.listen(("127.0.0.1", 0), secret=secret) as listener:
            for patience in (0, 0.05):
                with pytest.raises(TimeoutError):
                    listener.accept(patience)


def test_several_senders_do_not_mix(pair, background):
    near, far = pair

    def send(letter):
        for size in range(200):
            near.send(letter * (size * 100))

    senders = [background(send, letter) for letter in (b"a", b"b", b"c")]
    for _ in range(600):
        message = far.recv(PATIENCE)
        assert len(set(message)) <= 1
    for sender in senders:
        sender.result()


def test_several_receivers_and_a_close_meet_on_one_connection(pair, background):
    """They try with the interpreter in hand and wait without: nobody waits for a lock with it."""
    near, far = pair
    receivers = [background(lambda: list(far)) for _ in range(3)]
    for number in range(2000):
        near.send(b"%d" % number)
        if number % 100 == 0:
            far.send(near.address[0].encode())
            assert near.recv(PATIENCE) == b"127.0.0.1"
    near.close()
    heard = [receiver.result() for receiver in receivers]
    assert sorted(int(message) for messages in heard for message in messages) == list(range(2000))
    assert all(messages == sorted(messages, key=int) for messages in heard)


def test_dropped_objects_close():
    listener = rustchat.listen(("127.0.0.1", 0), secret="s")
    near = rustchat.connect(listener.address, secret="s")
    far = listener.accept(PATIENCE)
    address = listener.address
    del listener
    gc.collect()
    with pytest.raises(ConnectionRefusedError):
        rustchat.connect(address)
    del near
    gc.collect()
    with pytest.raises(EOFError):
        far.recv(PATIENCE)


def test_nothing_leaks():
    def dialogue(listener):
        with rustchat.connect(listener.address) as near, listener.accept(PATIENCE) as far:
            message = b"x" * 1000
            before = sys.getrefcount(message)
            near.send(message)
            far.recv(PATIENCE)
            assert sys.getrefcount(message) == before

    def descriptors():
        import os

        return len(os.listdir("/proc/self/fd"))

    with rustchat.listen(("127.0.0.1", 0)) as listener:
        dialogue(listener)
        before = descriptors()
        for _ in range(50):
            dialogue(listener)
        assert descriptors() <= before


def test_multiprocessing_framing_is_that_of_multiprocessing(background):
    from multiprocessing.connection import Client

    with rustchat.listen(("127.0.0.1", 0), framing="multiprocessing") as listener:
        connecting = background(Client, listener.address)
        with listener.accept(PATIENCE) as ours:
            theirs = connecting.result()
            for message in (b"", b"hello", bytes(100_000)):
                theirs.send_bytes(message)
                assert ours.recv(PATIENCE) == message
                ours.send(message)
                assert theirs.recv_bytes() == message
            theirs.close()
