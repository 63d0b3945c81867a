"""rustchat.socketserver.AuthMixIn over plain streams: who is handed out, and as what."""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import socket as standard_socket

import pytest
import rustchat
from conftest import PATIENCE, wait_until
from rustchat import auth, socket, socketserver
from serving import HOST, OneLine, Upper, dial, serving

SECRET = "open sesame and more"


def guarded(base, **options):
    return type("Guarded", (socketserver.AuthMixIn, base), {"secret": SECRET, **options})


def shake(peer, secret=SECRET, key_id=""):
    auth.shake_hands(peer, auth.ClientHandshake(secret, key_id=key_id))
    return peer


class Seen(socketserver.StreamRequestHandler):
    """Says a line back, and keeps what the handler was given."""

    def handle(self):
        self.server.seen.append((self.request, self.client_address, self.request.gettimeout()))
        self.wfile.write(self.rfile.readline())


def ask(peer):
    with peer:
        peer.sendall(b"hello\n")
        assert peer.makefile("rb").readline() == b"hello\n"


@pytest.mark.parametrize(
    ("family", "host", "dialled"),
    [
        (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
        (socket.AF_INET6, "::1", "::1"),
        (socket.AF_INET6, "::", "127.0.0.1"),
    ],
)
def test_an_address_is_the_one_that_the_servers_own_socket_would_give(family, host, dialled):
    base = type("Server", (socketserver.TCPServer,), {"address_family": family})
    # What the same peer is for a server without a secret.
    with base((host, 0), Seen) as plain, standard_socket.create_connection((dialled, plain.server_address[1])) as peer:
        sock, expected = plain.get_request()
        sock.close()
        assert expected[1] == peer.getsockname()[1]
    with serving(guarded(base, seen=[])((host, 0), Seen)) as server:
        peer = standard_socket.create_connection((dialled, server.server_address[1]), PATIENCE)
        port = peer.getsockname()[1]
        ask(shake(peer))
        [(request, client_address, timeout)] = server.seen
    assert client_address == (expected[0], port, *expected[2:])
    assert type(request) is socket.socket
    assert (request.family, request.type, timeout) == (family, socket.SOCK_STREAM, None)


@pytest.mark.parametrize("name", ["", "peer", b"\0rustchat-test-peer"])
def test_the_address_of_a_unix_socket_is_the_peers_own_name(name, tmp_path):
    name = str(tmp_path / name) if name == "peer" else name
    with serving(guarded(socketserver.UnixStreamServer, seen=[])(str(tmp_path / "server"), Seen)) as server:
        peer = standard_socket.socket(standard_socket.AF_UNIX)
        peer.settimeout(PATIENCE)
        if name:
            peer.bind(name)
        peer.connect(server.server_address)
        ask(shake(peer))
        assert [client_address for _, client_address, _ in server.seen] == [name]


def test_what_is_handed_out_has_the_default_timeout():
    with serving(guarded(socketserver.TCPServer, seen=[])(HOST, Seen)) as server:
        peer = dial(server)
        socket.setdefaulttimeout(12.5)
        try:
            ask(shake(peer))
        finally:
            socket.setdefaulttimeout(None)
        ask(shake(dial(server)))
        assert [timeout for _, _, timeout in server.seen] == [12.5, None]


def test_keys_may_change_while_the_server_runs():
    keys = auth.KeyRing({"ann": SECRET})
    with serving(guarded(socketserver.ThreadingTCPServer, secret=None, keys=keys)(HOST, Upper)) as server:
        with dial(server) as peer, pytest.raises(rustchat.AuthenticationError):
            shake(peer, "another secret", "bob")
        keys.add("bob", "another secret")
        keys.remove("ann")
        shake(dial(server), "another secret", "bob").close()
        with dial(server) as peer, pytest.raises(rustchat.AuthenticationError):
            shake(peer, key_id="ann")


def test_the_descriptor_is_readable_exactly_while_somebody_has_passed():
    with guarded(socketserver.TCPServer)(HOST, Upper) as server, selectors.DefaultSelector() as selector:
        selector.register(server, selectors.EVENT_READ)
        with contextlib.closing(dial(server)) as silent, shake(dial(server)), shake(dial(server)):
            # The reminder shows that the handshake of the silent one is under way.
            assert silent.recv(1)
            for _ in range(2):
                assert selector.select(PATIENCE)
                server.get_request()[0].close()
            assert not selector.select(0)
            with pytest.raises(TimeoutError):
                server.get_request()


def test_who_is_gone_before_it_is_served_was_there():
    """What it has said is heard, and its address is known."""
    heard = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            heard.append((self.client_address, self.rfile.readline()))

    with guarded(socketserver.TCPServer)(HOST, Handler) as server:
        peer = shake(dial(server))
        address = peer.getsockname()
        peer.sendall(b"last words\n")
        peer.close()
        server.timeout = PATIENCE
        server.handle_request()
    assert heard == [(address, b"last words\n")]


def test_closing_ends_handshakes_and_who_has_passed():
    # Nobody else listens at this address, so that the port stays free once the server is closed.
    server = guarded(socketserver.TCPServer)(("127.0.0.77", 0), Upper)
    silent, passed = dial(server), shake(dial(server))
    with silent, passed:
        assert silent.recv(1)
        server.server_close()
        server.server_close()
        assert server.fileno() == -1
        for peer in (silent, passed):
            with contextlib.suppress(ConnectionError):
                while peer.recv(4096):
                    pass
        with pytest.raises(ConnectionRefusedError):
            dial(server)


def test_a_forked_server_leaves_its_parents_alone():
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            # A program may end what it has inherited: in this process that ends nothing.
            self.server.server_close()
            line = self.rfile.readline().strip()
            self.wfile.write(b"%s %d %s\n" % (line, os.getpid(), self.server.key_id(self.request).encode()))

    kind = guarded(socketserver.ForkingTCPServer, secret=None, keys={"ann": SECRET})
    with serving(kind(HOST, Handler)) as server, contextlib.closing(dial(server)) as silent:
        pids = set()
        for _ in range(3):
            with shake(dial(server), key_id="ann") as peer:
                peer.sendall(b"hello\n")
                with peer.makefile("rb") as answer:
                    word, pid, key_id = answer.readline().split()
            assert (word, key_id) == (b"hello", b"ann")
            pids.add(int(pid))
        assert len(pids) == 3 and os.getpid() not in pids
        # A handshake that was under way at the fork goes on where it began.
        silent.recv(1)


def test_running_out_of_descriptors_lets_newcomers_wait(caplog):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with serving(guarded(socketserver.ThreadingTCPServer)(HOST, Upper)) as server, standard_socket.socket() as peer:
        peer.settimeout(PATIENCE)
        lowest = os.dup(0)
        os.close(lowest)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
        try:
            peer.connect(server.server_address)
            wait_until(lambda: "new connections wait" in caplog.text)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        shake(peer).sendall(b"made it\n")
        assert peer.makefile("rb").readline() == b"MADE IT\n"
    assert caplog.text.count("new connections wait") == 1


@pytest.mark.parametrize("options", [{"handshake_timeout": 0}, {"handshake_limit": 0}, {"profile": "none"}])
def test_what_cannot_be_is_said_at_the_start(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        guarded(socketserver.TCPServer, **options)(HOST, Upper)


def test_datagrams_have_no_handshake():
    with pytest.raises(ValueError, match="stream"):
        guarded(socketserver.UDPServer)(HOST, Upper)


def test_a_pool_keeps_its_strangers_out_and_its_idle_ones_for_so_long():
    kind = guarded(socketserver.PoolTCPServer, idle_timeout=2, pool_size=2)
    with serving(kind(HOST, OneLine)) as server, contextlib.closing(dial(server)):
        with shake(dial(server)) as peer:
            lines = peer.makefile("rb")
            for number in range(1, 4):
                peer.sendall(b"x\n")
                assert lines.readline() == b"%d:x\n" % number
            assert lines.readline() == b"", "it was silent for too long"
        wait_until(lambda: server.connections == 0)
