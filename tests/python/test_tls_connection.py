"""Connections of whole messages by TLS, with ends of ours and with the standard library's `ssl`."""

from __future__ import annotations

import contextlib
import hashlib
import os
import select
import socket
import ssl
import threading

import pytest
import rustchat
from certificates import Issued
from conftest import PATIENCE, in_child, wait_until

SECRET = "what only the two of them know"


@contextlib.contextmanager
def ends(**options):
    """Two ends with a secret."""
    options = {"secret": SECRET, "tls": True, **options}
    with (
        rustchat.listen("127.0.0.1:0", **options) as listener,
        rustchat.connect(listener.address, **options) as near,
        listener.accept(PATIENCE) as far,
    ):
        yield near, far


def frame(message: bytes) -> bytes:
    return rustchat.frame.encode(message)


def listen(certificate: Issued):
    return rustchat.listen("127.0.0.1:0", tls=rustchat.TLS(cert=certificate.cert, key=certificate.key))


def dial(address, certificate: Issued, name: str = "localhost") -> ssl.SSLSocket:
    """A client that is Python's own, and knows the authority."""
    context = ssl.create_default_context(cafile=str(certificate.ca))
    return context.wrap_socket(socket.create_connection(address, PATIENCE), server_hostname=name)


class Standard:
    """A server of one connection that is Python's own."""

    def __init__(self, certificate: Issued) -> None:
        self.door, self.context = socket.create_server(("127.0.0.1", 0)), certificate.context()
        self.door.settimeout(PATIENCE)
        self.address = self.door.getsockname()

    def accept(self) -> ssl.SSLSocket:
        with self.door:
            plain = self.door.accept()[0]
            plain.settimeout(PATIENCE)
            return self.context.wrap_socket(plain, server_side=True)


def test_a_secret_is_enough():
    with ends() as (near, far):
        near.send(b"hello")
        assert far.recv(PATIENCE) == b"hello"
        assert (near.protection, near.binding, near.key_id) == ("tls", "tls-exporter", "")
        assert (far.protection, far.binding, far.peer_pin) == ("tls", "tls-exporter", None)
        assert len(near.peer_pin) == 64


def test_a_plain_connection_says_so(pair):
    for end in pair:
        assert (end.protection, end.binding, end.peer_pin) == ("plain", None, None)


@pytest.mark.parametrize("framing", ["line", "u32be", "u32le", "multiprocessing"])
def test_messages_stay_whole(framing):
    sizes = [0, 1, 100, 4000] if framing == "line" else [0, 1, 16384, 16385, 3_000_000]
    with ends(framing=framing) as (near, far):
        for size in sizes:
            message = os.urandom(size).replace(b"\n", b" ").replace(b"\r", b" ")
            sending = threading.Thread(target=near.send, args=(message, PATIENCE))
            sending.start()
            assert far.recv(PATIENCE) == message
            sending.join(PATIENCE)


def test_many_at_once_and_both_ways(background):
    messages = [b"%d" % number for number in range(5000)]
    with ends() as (near, far):
        echoing = background(lambda: [far.send(far.recv(PATIENCE)) for _ in messages])
        sending = background(near.send_many, messages, PATIENCE)
        heard = [near.recv(PATIENCE) for _ in messages]
        assert heard == messages
        assert sending.result() == len(messages)
        echoing.result()


def test_time_that_is_up_leaves_it_as_it_was():
    with ends() as (near, far):
        for _ in range(3):
            with pytest.raises(rustchat.TimeoutError):
                far.recv(0)
        near.send(b"hello")
        assert far.recv(PATIENCE) == b"hello"


def test_readiness_is_told_by_the_descriptor():
    with ends() as (near, far):
        near.send_many([b"one", b"two"])
        assert select.select([far], [], [], PATIENCE)[0]
        assert [far.recv(PATIENCE), far.recv(PATIENCE)] == [b"one", b"two"]
        with pytest.raises(rustchat.TimeoutError):
            far.recv(0)


def test_one_direction_ends_before_the_other():
    with ends() as (near, far):
        near.send(b"last")
        near.shutdown(socket.SHUT_WR)
        assert list(far) == [b"last"]
        far.send(b"an answer")
        assert near.recv(PATIENCE) == b"an answer"
        far.close()
        with pytest.raises(EOFError):
            near.recv(PATIENCE)


def test_close_wakes_who_waits(background):
    with ends() as (near, far):
        waiting = background(far.recv)
        waiting.waits()
        near.close()
        with pytest.raises(rustchat.ConnectionClosed):
            waiting.result()


def test_a_wrong_secret_is_refused():
    with rustchat.listen("127.0.0.1:0", secret=SECRET, tls=True) as listener:
        with pytest.raises(rustchat.AuthenticationError):
            rustchat.connect(listener.address, secret="a guess", tls=True)
        with pytest.raises(rustchat.TimeoutError):
            listener.accept(0)


def converse(address, **options):
    with rustchat.connect(address, timeout=PATIENCE, **options) as connection:
        connection.send(b"hello")
        connection.recv(PATIENCE)


@pytest.mark.parametrize("secret", [None, SECRET])
def test_a_server_that_has_it_is_told_apart(secret, certificate: Issued, records):
    tls = rustchat.TLS(cert=certificate.cert, key=certificate.key)
    with rustchat.listen("127.0.0.1:0", tls=tls, secret=secret) as listener:
        with pytest.raises(rustchat.Error, match="sent a TLS record, and no TLS is set here"):
            converse(listener.address, secret=secret)
        records.find("TLS is spoken here")


@pytest.mark.parametrize("secret", [None, SECRET])
def test_a_server_that_has_none_is_told_apart(secret, background):
    with rustchat.listen("127.0.0.1:0", secret=secret) as listener:
        accepting = background(lambda: [connection.recv(PATIENCE) for connection in listener])
        with pytest.raises(rustchat.ProtocolError, match="the server does not speak TLS"):
            converse(listener.address, secret=secret, tls=True if secret else rustchat.TLS(pin="00" * 32))
        if secret is None:
            accepting.join(PATIENCE)
            assert "sent a TLS record, and no TLS is set here" in str(accepting.error)


def test_the_certificate_of_a_listener_is_replaced(certificate: Issued, another: Issued):
    with listen(certificate) as listener:
        assert listener.pin == certificate.pin
        with rustchat.connect(listener.address, tls=rustchat.TLS(pin=certificate.pin)):
            listener.replace_certificate(another.cert, key=another.key)
        assert listener.pin == another.pin
        with rustchat.connect(listener.address, tls=rustchat.TLS(ca=another.ca)) as connection:
            assert connection.peer_pin == another.pin
    assert listener.pin is None
    with pytest.raises(rustchat.ConnectionClosed):
        listener.replace_certificate(another.cert, another.key)
    with rustchat.listen("127.0.0.1:0") as plain:
        assert plain.pin is None
        with pytest.raises(rustchat.StateError, match="this listener has no TLS"):
            plain.replace_certificate(certificate.cert, certificate.key)


def test_a_client_of_the_standard_library(certificate: Issued):
    with listen(certificate) as listener, dial(listener.address, certificate) as client:
        assert client.version() == "TLSv1.3"
        with listener.accept(PATIENCE) as connection:
            client.sendall(frame(b"hello") + frame(b"again"))
            assert [connection.recv(PATIENCE), connection.recv(PATIENCE)] == [b"hello", b"again"]
            connection.send(b"x" * 100_000)
            connection.close()
            assert b"".join(iter(lambda: client.recv(65536), b"")) == frame(b"x" * 100_000)


def test_a_client_of_the_standard_library_trusts_nobody_else(certificate: Issued):
    with listen(certificate) as listener, pytest.raises(ssl.SSLCertVerificationError):
        dial(listener.address, certificate, "chat.example.org")


def prove(address, binds: bool):
    """A client that is Python's own, and proves the secret as it can; the binding that the listener has seen."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    client = context.wrap_socket(socket.create_connection(address, PATIENCE))
    end_point = hashlib.sha256(client.getpeercert(binary_form=True)).digest()
    handshake = rustchat.auth.ClientHandshake(SECRET, channel_binding=(2, end_point) if binds else None)
    try:
        rustchat.auth.shake_hands(client, handshake)
        return client
    except BaseException:
        client.close()
        raise


def test_a_client_of_the_standard_library_binds_its_proof_to_the_certificate():
    with rustchat.listen("127.0.0.1:0", secret=SECRET, tls=True) as listener:
        with prove(listener.address, binds=True) as client, listener.accept(PATIENCE) as connection:
            client.sendall(frame(b"hello"))
            assert connection.recv(PATIENCE) == b"hello"
            assert (connection.protection, connection.binding) == ("tls", "tls-server-end-point")


def test_a_client_that_does_not_bind_its_proof_is_let_in_by_leave_alone(records):
    with rustchat.listen("127.0.0.1:0", secret=SECRET, tls=True) as listener:
        with pytest.raises(rustchat.AuthenticationError):
            prove(listener.address, binds=False)
        records.find("it offered no channel binding")
    with rustchat.listen("127.0.0.1:0", secret=SECRET, tls=rustchat.TLS(allow_unbound=True)) as listener:
        with prove(listener.address, binds=False), listener.accept(PATIENCE) as connection:
            assert (connection.protection, connection.binding) == ("tls", None)


def test_a_server_of_the_standard_library(certificate: Issued, background):
    for tls in (rustchat.TLS(ca=certificate.ca), rustchat.TLS(pin=certificate.pin)):
        server = Standard(certificate)
        accepting = background(server.accept)
        with rustchat.connect(server.address, tls=tls) as connection, accepting.result() as far:
            connection.send(b"hello")
            assert far.recv(100) == frame(b"hello")
            far.sendall(frame(b"hello yourself"))
            assert connection.recv(PATIENCE) == b"hello yourself"
            assert connection.peer_pin == certificate.pin


@pytest.mark.parametrize("sent", [b"", frame(b"whole"), frame(b"whole") + frame(b"half")[:6]])
def test_a_stream_that_was_cut_off_is_no_end(sent, certificate: Issued, background):
    server = Standard(certificate)
    accepting = background(server.accept)
    with rustchat.connect(server.address, tls=rustchat.TLS(pin=certificate.pin)) as connection:
        far = accepting.result()
        far.sendall(sent)
        # As somebody on the way would: the stream ends, and TLS has not said so.
        socket.socket(fileno=far.detach()).close()
        if sent:
            assert connection.recv(PATIENCE) == b"whole"
        with pytest.raises(ConnectionResetError) as caught:
            connection.recv(PATIENCE)
        assert isinstance(caught.value, rustchat.ConnectionLost)


def test_a_stream_that_has_ended_in_good_order_is_one(certificate: Issued, background):
    server = Standard(certificate)
    accepting = background(server.accept)
    with rustchat.connect(server.address, tls=rustchat.TLS(pin=certificate.pin)) as connection:
        far = accepting.result()
        far.sendall(frame(b"whole"))
        ending = background(far.unwrap)
        assert list(connection) == [b"whole"]
        connection.close()
        with contextlib.suppress(OSError):
            ending.result()
        far.close()


def test_who_is_silent_before_the_handshake_holds_up_nobody():
    with rustchat.listen("127.0.0.1:0", secret=SECRET, tls=True) as listener:
        with contextlib.ExitStack() as stack:
            for _ in range(20):
                stack.enter_context(socket.create_connection(listener.address, PATIENCE))
            with rustchat.connect(listener.address, secret=SECRET, tls=True), listener.accept(PATIENCE) as far:
                assert far.protection == "tls"


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_connection_is_one_processs_alone():
    with ends() as (near, far):
        for use in (lambda: far.send(b"x"), far.recv, lambda: next(far), lambda: far.shutdown(2), far.recv_many):
            assert in_child(use).startswith("StateError: this object was made before fork")
        for leave in (far.close, lambda: near.fileno() >= 0):
            in_child(leave)
        far.send(b"still open")
        assert near.recv(PATIENCE) == b"still open"
        near.send(b"both ways")
        assert far.recv(PATIENCE) == b"both ways"


def test_many_threads_use_one_connection(background):
    with ends() as (near, far):
        senders = [background(lambda: [near.send(b"x" * 1000) for _ in range(200)]) for _ in range(4)]
        assert [far.recv(PATIENCE) for _ in range(800)] == [b"x" * 1000] * 800
        for sender in senders:
            sender.result()
        wait_until(lambda: far.buffered == 0)
