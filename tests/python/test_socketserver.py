"""rustchat.socketserver: the standard servers over our sockets, and what a server in production needs besides."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import resource
import signal
import socket as standard_socket
import socketserver as standard
import subprocess
import sys
import threading
import time

import pytest
import rustchat
from conftest import PATIENCE, wait_until
from rustchat import auth, socket, socketserver
from serving import HOST, Echo, OneEcho, OneLine, Upper, dial, serving


def test_the_standard_names_are_all_there_and_run_over_our_sockets():
    for name in standard.__all__:
        assert getattr(socketserver, name) is not getattr(standard, name)
    assert sorted(socketserver.__all__) == sorted(standard.__all__)
    assert {name for name in vars(standard) if not name.startswith("__")} <= set(vars(socketserver))
    with socketserver.TCPServer(HOST, Upper) as server:
        assert type(server.socket) is socket.socket
    assert socket.socket is not standard_socket.socket


@pytest.mark.parametrize(
    "name", ["TCPServer", "ThreadingTCPServer", "ForkingTCPServer", "UnixStreamServer", "ThreadingUnixStreamServer"]
)
def test_the_standard_stream_servers(name, tmp_path):
    address = str(tmp_path / "socket") if "Unix" in name else HOST
    kinds = []

    class Handler(Upper):
        def handle(self):
            kinds.append(type(self.request))
            super().handle()

    with serving(getattr(socketserver, name)(address, Handler)) as server:
        family = standard_socket.AF_UNIX if "Unix" in name else standard_socket.AF_INET
        with standard_socket.socket(family) as peer:
            peer.settimeout(PATIENCE)
            peer.connect(server.server_address)
            peer.sendall(b"hello\n")
            peer.shutdown(standard_socket.SHUT_WR)
            assert peer.makefile("rb").read() == b"HELLO\n"
        if "Forking" not in name:
            assert kinds == [socket.socket]


@pytest.mark.parametrize("name", ["UDPServer", "ThreadingUDPServer", "ForkingUDPServer"])
def test_the_standard_datagram_servers(name):
    class Handler(socketserver.DatagramRequestHandler):
        def handle(self):
            self.wfile.write(self.rfile.read().upper())

    with serving(getattr(socketserver, name)(HOST, Handler)) as server:
        with standard_socket.socket(type=standard_socket.SOCK_DGRAM) as peer:
            peer.settimeout(PATIENCE)
            peer.sendto(b"hello", server.server_address)
            assert peer.recvfrom(100) == (b"HELLO", server.server_address)


def test_a_class_attribute_of_tcpserver_reaches_its_subclasses(monkeypatch):
    monkeypatch.setattr(socketserver.TCPServer, "allow_reuse_address", True)
    with socketserver.ThreadingTCPServer(HOST, Upper) as server:
        assert server.socket.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)


@pytest.mark.parametrize("framing", ["u32be", "u32le", "line", "multiprocessing"])
def test_framed_requests_are_whole_messages(framing):
    class Server(socketserver.ThreadingFramedServer):
        pass

    Server.framing = framing
    seen = []

    class Handler(Echo):
        def handle(self):
            seen.append((self.client_address, self.server))
            super().handle()

    with serving(Server(HOST, Handler)) as server:
        with rustchat.connect(server.server_address, framing=framing) as peer:
            messages = [b"", b"x", b"half" * 1000, b"end"]
            for message in messages:
                peer.send(message)
            assert [peer.recv(PATIENCE) for _ in messages] == messages
            assert seen == [(peer.address, server)]


def test_handle_request_serves_one(background):
    with socketserver.ThreadingFramedServer(HOST, Echo) as server:
        server.timeout = 0.02
        server.handle_request()
        server.timeout = PATIENCE
        with rustchat.connect(server.server_address) as peer:
            peer.send(b"hello")
            server.handle_request()
            assert peer.recv(PATIENCE) == b"hello"


FRAMED = [socketserver.ThreadingFramedServer, socketserver.PoolFramedServer]
STREAMS = [socketserver.TCPServer, socketserver.ThreadingTCPServer, socketserver.PoolTCPServer]


@pytest.mark.parametrize("base", FRAMED)
def test_strangers_never_reach_a_framed_handler(base):
    class Server(socketserver.AuthMixIn, base):
        secret = b"open sesame"

    handled = []

    class Handler(OneEcho):
        def setup(self):
            super().setup()
            handled.append(self.server.key_id(self.request))

    with serving(Server(HOST, Handler)) as server:
        with contextlib.closing(dial(server)):  # silent, and holds up nobody
            with pytest.raises(rustchat.AuthenticationError):
                rustchat.connect(server.server_address, secret="open barley")
            with rustchat.connect(server.server_address, secret="open sesame") as peer:
                peer.send(b"in")
                assert peer.recv(PATIENCE) == b"1:in"
    assert handled == [""]


@pytest.mark.parametrize("base", STREAMS)
@pytest.mark.parametrize("profile", ["mutual", "tutorial"])
def test_strangers_never_reach_a_stream_handler(base, profile):
    class Server(socketserver.AuthMixIn, base):
        keys = {"ann": b"open sesame"} if profile == "mutual" else None
        secret = None if profile == "mutual" else b"open sesame"

    Server.profile = profile
    handled = []

    class Handler(OneLine):
        def setup(self):
            super().setup()
            handled.append(self.server.key_id(self.request))

    key_id = "ann" if profile == "mutual" else ""
    with serving(Server(HOST, Handler)) as server, contextlib.closing(dial(server)):
        for secret in ("open barley", "open sesame"):
            with dial(server) as peer:
                handshake = auth.ClientHandshake(secret, key_id=key_id, profile=profile)
                if secret == "open barley" and profile == "mutual":
                    with pytest.raises(rustchat.AuthenticationError):
                        auth.shake_hands(peer, handshake)
                    continue
                auth.shake_hands(peer, handshake)
                with contextlib.suppress(ConnectionError):
                    peer.sendall(b"in\n")  # right behind the handshake
                    assert peer.makefile("rb").readline() == (b"1:in\n" if secret == "open sesame" else b"")
    assert handled == [key_id]


def test_what_a_stranger_sends_in_pieces_or_as_rubbish(caplog):
    class Server(socketserver.AuthMixIn, socketserver.ThreadingTCPServer):
        secret = b"open sesame"
        handshake_timeout = 2
        handshake_limit = 2

    with serving(Server(HOST, Upper)) as server, contextlib.ExitStack() as stack:
        for rubbish in (b"", b"\0", b"GET / HTTP/1.1\r\n\r\n" * 1000, b"\xff" * 100):
            peer = stack.enter_context(dial(server))
            with contextlib.suppress(ConnectionError):
                peer.sendall(rubbish)
                while peer.recv(4096):
                    pass
        with dial(server) as peer:
            auth.shake_hands(peer, auth.ClientHandshake("open sesame"))
            peer.sendall(b"still here\n")
            assert peer.makefile("rb").readline() == b"STILL HERE\n"
        crowd = [stack.enter_context(dial(server)) for _ in range(5)]
        start = time.monotonic()
        for peer in crowd:
            with contextlib.suppress(ConnectionError):
                assert peer.recv(1) in (b"", b"\0") or peer.recv(4096) is not None
        assert time.monotonic() - start < PATIENCE
    for why in ("it sent an HTTP request", "it took too long", "others wait"):
        wait_until(lambda why=why: f"authentication failed: {why}\n" in caplog.text)


def test_auth_without_a_secret_does_not_start():
    class Server(socketserver.AuthMixIn, socketserver.ThreadingTCPServer):
        pass

    with pytest.raises(ValueError, match="no secret"):
        Server(HOST, Upper)
    with pytest.raises(ValueError, match="secret"):
        socketserver.ThreadingFramedServer(("0.0.0.0", 0), Echo)


@pytest.mark.parametrize("pooled", [False, True])
def test_refusal_is_answered(pooled, caplog):
    bases = (socketserver.PoolTCPServer,) if pooled else (socketserver.BoundedMixIn, socketserver.ThreadingTCPServer)
    Server = type("Server", bases, {"max_connections": 2})
    with serving(Server(HOST, OneLine if pooled else Upper)) as server, contextlib.ExitStack() as stack:
        first = [stack.enter_context(dial(server)) for _ in range(2)]
        wait_until(lambda: server.connections == 2)
        over = stack.enter_context(dial(server))
        over.sendall(b"let me in\n")
        assert over.makefile("rb").read() == b"the server is full, try again later\n"
        first[0].close()
        wait_until(lambda: server.connections == 1)
        again = stack.enter_context(dial(server))
        again.sendall(b"now\n")
        assert again.makefile("rb").readline().upper().endswith(b"NOW\n")
    assert "refused: 2 connections are open" in caplog.text


@pytest.mark.parametrize("base", FRAMED)
def test_refusal_is_a_message_where_messages_are_spoken(base):
    Server = type("Server", (base,), {"max_connections_per_host": 1, "refusal": b"full"})
    with serving(Server(HOST, OneEcho)) as server, rustchat.connect(server.server_address):
        wait_until(lambda: server.connections == 1)
        with rustchat.connect(server.server_address) as over:
            assert over.recv(PATIENCE) == b"full"
            with pytest.raises(EOFError):
                over.recv(PATIENCE)


def test_a_silent_client_loses_its_thread(caplog):
    Server = type("Server", (socketserver.ThreadingFramedServer,), {"request_timeout": 0.05})
    caplog.set_level(logging.INFO, "rustchat.socketserver")
    with serving(Server(HOST, Echo)) as server, rustchat.connect(server.server_address) as peer:
        with pytest.raises(EOFError):
            peer.recv(PATIENCE)
        wait_until(lambda: server.connections == 0)
        assert f"{peer.address} left: " in caplog.text


@pytest.mark.parametrize("base", FRAMED)
def test_an_error_is_its_connections_alone(base, caplog):
    class Handler(socketserver.FramedRequestHandler):
        def handle(self):
            message = self.request.recv()
            if message == b"boom":
                raise RuntimeError("exploded")
            self.request.send(message)

    with serving(base(HOST, Handler)) as server:
        with rustchat.connect(server.server_address) as bad, rustchat.connect(server.server_address) as good:
            bad.send(b"boom")
            with pytest.raises(EOFError):
                bad.recv(PATIENCE)
            good.send(b"fine")
            assert good.recv(PATIENCE) == b"fine"
            wait_until(lambda: f"serving {bad.address} failed" in caplog.text)
    assert "exploded" in caplog.text


@pytest.mark.parametrize("base", FRAMED)
def test_the_end_waits_for_answers_and_for_nobody_else(base):
    started, go = threading.Event(), threading.Event()

    class Handler(socketserver.FramedRequestHandler):
        def handle(self):
            message = self.request.recv()
            started.set()
            go.wait(PATIENCE)
            self.request.send(message)

    with serving(base(HOST, Handler)) as server:
        idle = [rustchat.connect(server.server_address) for _ in range(20)]
        with rustchat.connect(server.server_address) as busy:
            busy.send(b"answer me")
            assert started.wait(PATIENCE)
            wait_until(lambda: server.connections == 21)
            server.shutdown()
            closing = threading.Thread(target=server.server_close)
            closing.start()
            wait_until(lambda: server.connections == 1)
            go.set()
            assert busy.recv(PATIENCE) == b"answer me"
            closing.join(PATIENCE)
            assert not closing.is_alive()
        for peer in idle:
            peer.close()


@pytest.mark.parametrize("base", FRAMED)
def test_a_handler_that_hangs_is_cut_off(base):
    Server = type("Server", (base,), {"drain_timeout": 0.1, "request_timeout": None})
    entered = threading.Event()

    class Handler(socketserver.FramedRequestHandler):
        def handle(self):
            entered.set()
            while True:
                self.request.send(bytes(1 << 20))

    with serving(Server(HOST, Handler)) as server, rustchat.connect(server.server_address) as peer:
        peer.send(b"flood me")
        assert entered.wait(PATIENCE)


SERVER = """
import sys
from rustchat import socketserver

class Echo(socketserver.{handler}):
    def handle(self):
        {handle}

with socketserver.{server}(("127.0.0.1", 0), Echo) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
"""


@pytest.mark.parametrize(
    ("server", "handler", "handle"),
    [
        ("ThreadingFramedServer", "FramedRequestHandler", "for message in self.request: self.request.send(message)"),
        ("PoolFramedServer", "FramedRequestHandler", "self.request.send(self.request.recv())"),
        ("PoolTCPServer", "StreamRequestHandler", "self.wfile.write(self.rfile.readline())"),
    ],
)
def test_ctrl_c_ends_a_server_with_clients_connected(server, handler, handle):
    source = SERVER.format(server=server, handler=handler, handle=handle)
    process = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        port = int(process.stdout.readline())
        with contextlib.ExitStack() as stack:
            for _ in range(10):
                stack.enter_context(standard_socket.create_connection(("127.0.0.1", port), PATIENCE))
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == -signal.SIGINT
        assert errors.splitlines()[-1] == b"KeyboardInterrupt"
    finally:
        process.kill()
        process.communicate()


def test_running_out_of_descriptors_is_no_busy_loop(caplog):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    Server = type("Server", (socketserver.BoundedMixIn, socketserver.ThreadingTCPServer), {})
    with serving(Server(HOST, Upper)) as server, standard_socket.socket() as peer:
        peer.settimeout(PATIENCE)
        lowest = os.dup(0)
        os.close(lowest)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
        try:
            peer.connect(server.server_address)
            wait_until(lambda: "cannot accept" in caplog.text)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        peer.sendall(b"made it\n")
        assert peer.makefile("rb").readline() == b"MADE IT\n"
    assert caplog.text.count("cannot accept") < 100


def test_nothing_is_left_behind():
    def descriptors():
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    def dialogue(base):
        Server = type("Server", (socketserver.AuthMixIn, base), {"secret": "s"})
        with serving(Server(HOST, OneEcho)) as server:
            with rustchat.connect(server.server_address, secret="s") as peer:
                peer.send(b"x")
                peer.recv(PATIENCE)

    for base in FRAMED:
        dialogue(base)
    before, threads = descriptors(), threading.active_count()
    for base in FRAMED * 3:
        dialogue(base)
    assert descriptors() <= before
    wait_until(lambda: threading.active_count() <= threads)
