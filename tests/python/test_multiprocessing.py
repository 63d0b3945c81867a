"""rustchat.multiprocessing beside multiprocessing.connection: what users of the one expect of the other."""

import array
import multiprocessing
import os
import pickle
import socket
import struct
import sys
from multiprocessing import connection as standard

import pytest
import rustchat
import rustchat.multiprocessing as ours
from conftest import PATIENCE, wait_until
from rustchat import auth

KEY = b"the key"
OLD = sys.version_info < (3, 12)
"""Whether the standard library here knows nothing but MD5."""


def options(library, **more):
    return {**more, "allow_md5": OLD} if library is ours else {}


@pytest.fixture(params=[(ours, ours), (ours, standard), (standard, ours), (standard, standard)])
def pair(request, background):
    """The two ends of a connection, of either kind: the tests hold for the standard library alone, too."""
    listening, connecting = request.param
    with listening.Listener(("127.0.0.1", 0), authkey=KEY, **options(listening, allow_pickle=True)) as listener:
        accepting = background(listener.accept)
        client = connecting.Client(listener.address, authkey=KEY, **options(connecting, allow_pickle=True))
        with client, accepting.result() as server:
            assert listener.last_accepted[0] == "127.0.0.1"
            yield server, client


def test_bytes_and_parts_of_buffers(pair):
    for sender, receiver in (pair, pair[::-1]):
        numbers = array.array("i", [1, 2, 3])
        for arguments, message in [
            ((b"",), b""),
            ((b"whole",), b"whole"),
            ((bytearray(b"abcdef"), 2), b"cdef"),
            ((memoryview(b"abcdef"), 2, 3), b"cde"),
            ((b"abc", 3), b""),
            ((numbers,), numbers.tobytes()),
        ]:
            sender.send_bytes(*arguments)
            assert receiver.poll(PATIENCE)
            assert receiver.recv_bytes() == message
        for arguments in [(b"abc", -1), (b"abc", 4), (b"abc", 0, -1), (b"abc", 1, 3)]:
            with pytest.raises(ValueError, match=r"negative|buffer length"):
                sender.send_bytes(*arguments)
        with pytest.raises(TypeError):
            sender.send_bytes("text")


def test_receiving_into_a_buffer(pair):
    for sender, receiver in (pair, pair[::-1]):
        buffer = bytearray(b"........")
        sender.send_bytes(b"abc")
        assert receiver.recv_bytes_into(buffer, 2) == 3
        assert buffer == b"..abc..."
        sender.send_bytes(b"too long for it")
        with pytest.raises(multiprocessing.BufferTooShort) as caught:
            receiver.recv_bytes_into(buffer)
        assert caught.value.args == (b"too long for it",)
        for offset in (-1, 9):
            with pytest.raises(ValueError, match="offset"):
                receiver.recv_bytes_into(buffer, offset)
        numbers = array.array("i", [0, 0])
        sender.send_bytes(struct.pack("i", 7))
        assert receiver.recv_bytes_into(numbers, numbers.itemsize) == numbers.itemsize
        assert list(numbers) == [0, 7]


def test_objects(pair):
    for sender, receiver in (pair, pair[::-1]):
        sender.send({"an": ["object", 1.5, None]})
        assert receiver.recv() == {"an": ["object", 1.5, None]}


def test_a_message_over_the_callers_limit(pair):
    near, far = pair
    far.send_bytes(b"12345")
    assert near.recv_bytes(5) == b"12345"
    far.send_bytes(b"123456")
    with pytest.raises(OSError, match="bad message length"):
        near.recv_bytes(5)
    assert (near.readable, near.writable) == (False, True)
    with pytest.raises(OSError, match="write-only"):
        near.recv_bytes()
    near.send_bytes(b"still")
    assert far.recv_bytes() == b"still"
    with pytest.raises(ValueError, match="negative maxlength"):
        far.recv_bytes(-1)


def test_the_end(pair):
    near, far = pair
    far.send_bytes(b"last words")
    far.close()
    assert near.recv_bytes() == b"last words"
    assert near.poll(PATIENCE), "the end is something to receive"
    for call in (near.recv_bytes, near.recv, lambda: near.recv_bytes_into(bytearray(9))):
        with pytest.raises(EOFError):
            call()

    def keep_sending():
        while True:
            near.send_bytes(b"nobody listens")

    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        keep_sending()
    near.close()
    near.close()
    assert near.closed
    for call in (near.recv_bytes, near.recv, near.poll, near.fileno, lambda: near.send_bytes(b"x")):
        with pytest.raises(OSError, match="handle is closed") as caught:
            call()
        assert not isinstance(caught.value, EOFError)


def test_polling(pair):
    near, far = pair
    assert near.poll() is False
    assert near.poll(-1) is False
    assert near.poll(0.01) is False
    for count in range(3):
        far.send_bytes(bytes([count]))
    for count in range(3):
        assert near.poll(None) is True
        assert near.poll() is True, "as often as one likes"
        assert near.recv_bytes() == bytes([count])
    assert near.poll() is False


def test_waiting_for_several(pair):
    near, far = pair
    wait = ours.wait if isinstance(near, ours.Connection) else standard.wait
    ear, mouth = socket.socketpair()
    with ear, mouth:
        assert wait([near, ear], 0) == []
        assert wait([near, ear], 0.01) == []
        mouth.send(b"x")
        assert wait([near, ear]) == [ear]
        far.send_bytes(b"1")
        far.send_bytes(b"2")
        wait_until(lambda: wait([near, ear], PATIENCE) == [near, ear])
        assert near.recv_bytes() == b"1"
        assert wait([near], PATIENCE) == [near], "the second may be read ahead"
        assert near.recv_bytes() == b"2"
        assert wait([near], 0) == []
        far.close()
        assert wait([near], PATIENCE) == [near]


@pytest.mark.parametrize("library", [ours, standard])
def test_lost_in_the_middle_of_a_message(library, background):
    for part in (b"\0\0", b"\0\0\0\5abc"):
        with library.Listener(("127.0.0.1", 0)) as listener:
            accepting = background(listener.accept)
            with socket.create_connection(listener.address, PATIENCE) as sock:
                sock.sendall(part)
            with accepting.result() as connection, pytest.raises(OSError, match=r"end of file|lost") as caught:
                connection.recv_bytes()
            assert not isinstance(caught.value, EOFError)


@pytest.mark.parametrize("library", [ours, standard])
def test_addresses(library, tmp_path, monkeypatch, background):
    monkeypatch.chdir(tmp_path)
    for address, family in [(None, None), (None, "AF_UNIX"), ("plain", None), (str(tmp_path / "s"), "AF_UNIX")]:
        with library.Listener(address, family) as listener:
            assert os.path.exists(listener.address)
            connecting = background(library.Client, listener.address, family)
            listener.accept().close()
            connecting.result().close()
        assert not os.path.exists(listener.address if library is ours else address or "gone")
    with library.Listener(family="AF_INET") as listener:
        assert listener.address[0] == "127.0.0.1"
    with pytest.raises(FileNotFoundError):
        library.Client(str(tmp_path / "nothing"))
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            library.Client(reserved.getsockname())


@pytest.mark.parametrize("library", [ours, standard])
def test_a_closed_listener(library):
    listener = library.Listener(("127.0.0.1", 0))
    assert listener.last_accepted is None
    listener.close()
    with pytest.raises(OSError, match="listener is closed"):
        listener.accept()


def test_families():
    for address, family in [("plain", "AF_INET"), (("127.0.0.1", 0), "AF_UNIX"), ("plain", "AF_X"), (None, "AF_X")]:
        with pytest.raises(ValueError, match=f"family is '{family}', expected 'AF_"):
            ours.Listener(address, family)


def test_keys_and_strangers():
    for call in (ours.Listener, ours.Client):
        with pytest.raises(TypeError, match="authkey should be a byte string"):
            call(("127.0.0.1", 0), authkey="text")
    for call in (ours.Listener, ours.Client):
        with pytest.raises(ValueError, match="empty"):
            call(("127.0.0.1", 0), authkey=b"")
    with pytest.raises(ValueError, match="allow_anonymous"):
        ours.Listener(("0.0.0.0", 0))
    ours.Listener(("0.0.0.0", 0), authkey=KEY).close()
    with ours.Listener(("127.0.0.1", 0), authkey=KEY) as listener:
        with pytest.raises(multiprocessing.AuthenticationError) as caught:
            ours.Client(listener.address, authkey=b"wrong")
        assert isinstance(caught.value, rustchat.AuthenticationError)
        with ours.Client(listener.address, authkey=KEY), listener.accept():
            pass


def test_nothing_is_unpickled_unasked(background):
    with ours.Listener(("127.0.0.1", 0)) as listener:
        accepting = background(listener.accept)
        with standard.Client(listener.address) as client, accepting.result() as server:
            client.send("an object")
            with pytest.raises(pickle.UnpicklingError, match="allow_pickle"):
                server.recv()
            assert pickle.loads(server.recv_bytes()) == "an object", "it is still there"
            with pytest.raises(pickle.PicklingError, match="allow_pickle"):
                server.send("an object")


def test_an_unfinished_message_is_not_ready():
    with ours.Listener(("127.0.0.1", 0)) as listener, socket.create_connection(listener.address, PATIENCE) as sock:
        with listener.accept() as connection:
            sock.sendall(b"\0\0\0\5abc")
            assert ours.wait([connection], 0.05) == []
            assert not connection.poll()
            sock.sendall(b"de")
            assert ours.wait([connection], PATIENCE) == [connection]
            assert connection.recv_bytes() == b"abcde"


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (struct.pack("!i", -2), rustchat.ProtocolError),
        (struct.pack("!iQ", -1, 0x7FFFFFFF), rustchat.ProtocolError),
        (struct.pack("!iQ", -1, 0x80000000), rustchat.MessageTooLong),
        (struct.pack("!i", 1001), rustchat.MessageTooLong),
    ],
)
def test_lengths_that_are_refused(header, error):
    with ours.Listener(("127.0.0.1", 0), limit=1000) as listener:
        with socket.create_connection(listener.address, PATIENCE) as sock, listener.accept() as connection:
            sock.sendall(header)
            with pytest.raises(error):
                connection.recv_bytes()


def test_close_wakes_accept_and_receive(background):
    listener = ours.Listener(("127.0.0.1", 0))
    with ours.Client(listener.address) as client:
        listener.accept()
        accepting, receiving = background(listener.accept), background(client.recv_bytes)
        listener.close()
        client.close()
        for waiting in (accepting, receiving):
            with pytest.raises(OSError, match="closed"):
                waiting.result()


def test_the_profile_over_connections_and_sockets_of_ones_own(background):
    profile = "multiprocessing:md5" if OLD else "multiprocessing"
    with rustchat.listen(("127.0.0.1", 0), framing="multiprocessing", secret=KEY, profile=profile) as listener:
        connecting = background(lambda: standard.Client(listener.address, authkey=KEY))
        with listener.accept(PATIENCE) as far, connecting.result() as near:
            near.send_bytes(b"hi")
            assert far.recv(PATIENCE) == b"hi"

    def shake(handshake, *steps):
        here, there = socket.socketpair()
        with here, standard.Connection(there.detach()) as theirs:
            shaking = background(auth.shake_hands, here, handshake, PATIENCE)
            for step in steps:
                step(theirs, KEY)
            assert shaking.result() == b""
            assert handshake.complete

    answer, deliver = standard.answer_challenge, standard.deliver_challenge
    shake(auth.ServerHandshake(KEY, profile=profile), answer, deliver)
    shake(auth.ClientHandshake(KEY, profile=profile), deliver, answer)


@pytest.mark.skipif(not OLD, reason="the standard library here knows SHA-256")
def test_md5_is_refused_unless_it_is_allowed(background):
    with ours.Listener(("127.0.0.1", 0), authkey=KEY) as listener:
        with pytest.raises(multiprocessing.AuthenticationError):
            standard.Client(listener.address, authkey=KEY)
    with standard.Listener(("127.0.0.1", 0), authkey=KEY) as listener:
        accepting = background(listener.accept)
        with pytest.raises(multiprocessing.AuthenticationError):
            ours.Client(listener.address, authkey=KEY)
        with pytest.raises(multiprocessing.AuthenticationError):
            accepting.result()
