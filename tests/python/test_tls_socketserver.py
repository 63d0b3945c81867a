"""Servers of whole messages by TLS, as `rustchat.socketserver` has them."""

from __future__ import annotations

import socket as standard_socket
import socketserver as standard_socketserver
import ssl
import threading

import pytest
import rustchat
from certificates import Issued
from conftest import PATIENCE, wait_until
from rustchat import socketserver
from serving import HOST, Echo, OneEcho, OneLine, serving

SECRET = "what only the two of them know"
KINDS = {
    "one after another": (socketserver.FramedServer, Echo),
    "a thread each": (socketserver.ThreadingFramedServer, Echo),
    "pool": (socketserver.PoolFramedServer, OneEcho),
}


def secured(base, **options):
    return type("Secured", (base,), {"tls": True, "secret": SECRET, **options})


def dial(server, **options):
    return rustchat.connect(server.server_address, **{"tls": True, "secret": SECRET, **options})


def ask(connection, message=b"hello"):
    connection.send(message)
    return connection.recv(PATIENCE).rpartition(b":")[2]


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_is_enough(kind):
    base, handler = KINDS[kind]
    with serving(secured(base)(HOST, handler)) as server, dial(server) as client:
        assert ask(client) == b"hello"
        assert ask(client, b"x" * 100_000) == b"x" * 100_000
        assert (client.protection, client.binding, client.peer_pin) == ("tls", "tls-exporter", server.pin)
    assert server.pin is None


@pytest.mark.parametrize("kind", ["a thread each", "pool"])
def test_authentication_says_who_it_is(kind):
    base, handler = KINDS[kind]
    seen = []

    class Seeing(handler):
        def setup(self):
            super().setup()
            seen.append((self.server.key_id(self.request), self.request.protection, self.request.binding))

    kind = type("Guarded", (socketserver.AuthMixIn, base), {"tls": True, "keys": {"ann": SECRET, "bob": "another key"}})
    with serving(kind(HOST, Seeing)) as server:
        with dial(server, key_id="ann") as client:
            assert ask(client) == b"hello"
        with pytest.raises(rustchat.AuthenticationError):
            dial(server, key_id="bob")
        assert seen == [("ann", "tls", "tls-exporter")]


def test_a_certificate_without_a_secret_serves_the_standard_library_too(certificate: Issued, another: Issued):
    tls = rustchat.TLS(cert=certificate.cert, key=certificate.key)
    with serving(secured(socketserver.ThreadingFramedServer, tls=tls, secret=None)(HOST, Echo)) as server:
        assert server.pin == certificate.pin
        context = ssl.create_default_context(cafile=str(certificate.ca))
        with standard_socket.create_connection(server.server_address, PATIENCE) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as client:
                client.sendall(rustchat.frame.encode(b"hello"))
                assert client.recv(100) == rustchat.frame.encode(b"hello")
        server.replace_certificate(another.cert, another.key)
        assert server.pin == another.pin
        with dial(server, secret=None, tls=rustchat.TLS(pin=another.pin)) as client:
            assert ask(client) == b"hello"


def test_a_server_that_does_not_listen_has_no_pin(certificate: Issued):
    server = secured(socketserver.FramedServer)(HOST, Echo, bind_and_activate=False)
    assert server.pin is None
    with pytest.raises(rustchat.StateError, match="does not listen"):
        server.replace_certificate(certificate.cert, certificate.key)


def test_a_pool_hands_out_every_message_of_a_burst():
    messages = [b"%d" % number for number in range(500)]
    with serving(secured(socketserver.PoolFramedServer, pool_size=2)(HOST, OneEcho)) as server:
        clients = [dial(server) for _ in range(10)]
        for client in clients:
            client.send_many(messages)
        for client in clients:
            heard = [client.recv(PATIENCE) for _ in messages]
            assert heard == [b"%d:%s" % (number + 1, message) for number, message in enumerate(messages)]
            client.close()


def test_a_pool_parks_who_is_silent():
    with serving(secured(socketserver.PoolFramedServer, pool_size=1)(HOST, OneEcho)) as server:
        clients = [dial(server) for _ in range(20)]
        for client in [*clients, *reversed(clients)]:
            assert ask(client) == b"hello"
        for client in clients:
            client.close()
        wait_until(lambda: server.connections == 0)


def test_a_pool_ends_who_is_silent_for_too_long():
    with serving(secured(socketserver.PoolFramedServer, idle_timeout=0.1)(HOST, OneEcho)) as server:
        with dial(server) as client, pytest.raises(rustchat.ConnectionClosed):
            client.recv(PATIENCE)


def test_who_is_refused_can_read_why():
    with serving(secured(socketserver.ThreadingFramedServer, max_connections=1)(HOST, Echo)) as server:
        with dial(server) as first:
            assert ask(first) == b"hello"
            with dial(server) as second:
                assert list(second) == [server.refusal]
            assert ask(first) == b"hello"


def test_the_end_of_a_server_lets_handlers_answer(background):
    entered, closing = threading.Event(), threading.Event()

    class Late(socketserver.FramedRequestHandler):
        def handle(self):
            message = self.request.recv()
            entered.set()
            assert closing.wait(PATIENCE)
            self.request.send(message)

    with serving(secured(socketserver.ThreadingFramedServer)(HOST, Late)) as server:
        client = dial(server)
        client.send(b"hello")
        assert entered.wait(PATIENCE)
        background(lambda: (wait_until(lambda: server.pin is None), closing.set()))
    with client:
        assert list(client) == [b"hello"]


def test_a_plain_client_is_told():
    with serving(secured(socketserver.ThreadingFramedServer)(HOST, Echo)) as server:
        with pytest.raises(rustchat.Error, match="no TLS is set here"):
            dial(server, tls=None)
    with serving(secured(socketserver.ThreadingFramedServer, tls=None)(HOST, Echo)) as server:
        with pytest.raises(rustchat.ProtocolError, match="the server does not speak TLS"):
            dial(server)


BARE = {
    "AuthMixIn": (socketserver.AuthMixIn, socketserver.ThreadingTCPServer),
    "AuthMixIn of a pool": (socketserver.AuthMixIn, socketserver.PoolTCPServer),
    "pool": (socketserver.PoolTCPServer,),
    "bounded": (socketserver.BoundedMixIn, socketserver.ThreadingTCPServer),
    "threads": (socketserver.ThreadingTCPServer,),
    "processes": (socketserver.ForkingTCPServer,),
    "one": (socketserver.TCPServer,),
    "datagrams": (socketserver.UDPServer,),
}


@pytest.mark.parametrize(
    "tls", [True, rustchat.TLS(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), "yes", 1, 0, ""], ids=repr
)
@pytest.mark.parametrize("kind", BARE)
def test_bare_streams_have_none(kind, tls):
    server = type("Bare", BARE[kind], {"secret": SECRET, "tls": tls})
    with pytest.raises(rustchat.NotSupported, match=r"^Bare has `tls` over bare streams.*: use a framed server"):
        server(HOST, OneLine)


@pytest.mark.parametrize("tls", [None, False])
@pytest.mark.parametrize("kind", ["threads", "one", "datagrams"])
def test_bare_streams_without_it_are_served(kind, tls):
    type("Bare", BARE[kind], {"tls": tls})(HOST, OneLine).server_close()


@pytest.mark.parametrize("mix_in", [socketserver.ForkingMixIn, standard_socketserver.ForkingMixIn])
def test_processes_cannot_share_its_keys(mix_in):
    with pytest.raises(rustchat.NotSupported, match=r"^Secured has `tls` and forks for each connection.*: use threads"):
        type("Secured", (mix_in, socketserver.FramedServer), {"secret": SECRET, "tls": True})(HOST, Echo)
    type("Plain", (mix_in, socketserver.FramedServer), {"secret": SECRET})(HOST, Echo).server_close()


def test_a_context_of_the_standard_library_is_refused():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with pytest.raises(TypeError, match=r"argument 'tls': expected .* or a rustchat.TLS, not SSLContext, whose key"):
        secured(socketserver.FramedServer, tls=context)(HOST, Echo)
