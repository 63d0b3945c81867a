"""rustchat.socketserver: many connections, few threads."""

from __future__ import annotations

import contextlib
import functools
import resource
import subprocess
import sys
import threading

import pytest
import rustchat
from conftest import PATIENCE, wait_until
from rustchat import socketserver
from serving import HOST, OneEcho, OneLine, dial, serving


def test_a_pool_calls_handle_once_for_each_message():
    Server = type("Server", (socketserver.PoolFramedServer,), {"pool_size": 2})
    with serving(Server(HOST, OneEcho)) as server, contextlib.ExitStack() as stack:
        peers = [stack.enter_context(rustchat.connect(server.server_address)) for _ in range(20)]
        for peer in peers:
            peer.send_many([b"a", b"b", b"c"])
        for peer in peers:
            assert [peer.recv(PATIENCE) for _ in range(3)] == [b"1:a", b"2:b", b"3:c"]
        for peer in peers:
            peer.send(b"")
            assert peer.recv(PATIENCE) == b"4:"


def test_a_pool_loses_no_line_that_was_read_ahead():
    with serving(socketserver.PoolTCPServer(HOST, OneLine)) as server, dial(server) as peer:
        peer.sendall(b"one\ntwo\nthr")
        answers = peer.makefile("rb")
        assert [answers.readline(), answers.readline()] == [b"1:one\n", b"2:two\n"]
        peer.sendall(b"ee\n")
        assert answers.readline() == b"3:three\n"


def test_half_a_message_occupies_no_thread_of_a_pool():
    Server = type("Server", (socketserver.PoolFramedServer,), {"pool_size": 1, "request_timeout": 3})
    with serving(Server(HOST, OneEcho)) as server, contextlib.ExitStack() as stack:
        slow = [stack.enter_context(dial(server)) for _ in range(5)]
        for peer in slow:
            peer.sendall(b"\0\0\0\x05ha")
        with rustchat.connect(server.server_address) as peer:
            peer.send(b"quick")
            assert peer.recv(PATIENCE) == b"1:quick"
        slow[0].sendall(b"lf!")
        assert slow[0].recv(100) == b"\0\0\0\x071:half!"
        for peer in slow[1:]:
            assert peer.recv(100) == b"", "half a message is not waited for longer than request_timeout"


def test_an_idle_connection_of_a_pool_is_ended_when_asked_to():
    Server = type("Server", (socketserver.PoolFramedServer,), {"idle_timeout": 0.1})
    with serving(Server(HOST, OneEcho)) as server, rustchat.connect(server.server_address) as peer:
        with pytest.raises(EOFError):
            peer.recv(PATIENCE)


def test_a_pool_lives_on_whatever_the_programs_methods_raise():
    """A thread that ended with an exception would be missed by nobody, until none is left."""

    class Handler(OneEcho):
        def handle(self):
            if self.request.recv() == b"raise":
                raise ZeroDivisionError
            self.request.send(b"served")

    class Server(socketserver.PoolFramedServer):
        pool_size = 2

        def handle_error(self, request, client_address):
            raise ValueError("twice")

    with serving(Server(HOST, Handler)) as server:
        for _ in range(6):
            with rustchat.connect(server.server_address) as peer:
                peer.send(b"raise")
                with pytest.raises(EOFError):
                    peer.recv(PATIENCE)
        with rustchat.connect(server.server_address) as peer:
            peer.send(b"hello")
            assert peer.recv(PATIENCE) == b"served"


def test_the_life_of_a_handler_in_a_pool():
    calls = []

    class Handler(socketserver.StreamRequestHandler):
        def __init__(self, *arguments, name):
            calls.append(name)
            super().__init__(*arguments)

        def setup(self):
            calls.append("setup")
            super().setup()

        def handle(self):
            calls.append(self.rfile.readline())

        def finish(self):
            super().finish()
            calls.append("finish")

    with serving(socketserver.PoolTCPServer(HOST, functools.partial(Handler, name="ann"))) as server:
        with dial(server) as peer:
            peer.sendall(b"1\n2\n")
            wait_until(lambda: len(calls) == 4)
        wait_until(lambda: server.connections == 0)
    assert calls == ["ann", "setup", b"1\n", b"2\n", "finish"]


def test_a_pool_notices_what_its_handler_closes():
    class Handler(socketserver.FramedRequestHandler):
        def handle(self):
            self.request.send(b"bye")
            self.request.close()

    with serving(socketserver.PoolFramedServer(HOST, Handler)) as server:
        with rustchat.connect(server.server_address) as peer:
            peer.send(b"hello")
            assert list(peer) == [b"bye"]
        wait_until(lambda: server.connections == 0)


CLIENTS = """
import sys, time, rustchat
address, count = ("127.0.0.1", int(sys.argv[1])), int(sys.argv[2])
peers = [rustchat.connect(address, timeout=60) for _ in range(count)]
print("connected", flush=True)
sys.stdin.readline()
for peer in peers[:: count // 100]:
    peer.send(b"hello")
    assert peer.recv(30) == b"1:hello"
print("answered", flush=True)
sys.stdin.readline()
"""


@pytest.mark.timeout(180)
def test_a_pool_serves_ten_thousand_idle_connections_with_its_few_threads():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(10_000, hard - 500)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    before = threading.active_count()
    try:
        with serving(socketserver.PoolFramedServer(HOST, OneEcho)) as server:
            port = str(server.server_address[1])
            clients = subprocess.Popen(
                [sys.executable, "-c", CLIENTS, port, str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            assert clients.stdout.readline() == b"connected\n"
            wait_until(lambda: server.connections == count, 60)
            assert threading.active_count() - before <= server.pool_size + 3
            clients.stdin.write(b"\n")
            clients.stdin.flush()
            assert clients.stdout.readline() == b"answered\n"
            clients.communicate(b"\n", timeout=60)
            wait_until(lambda: server.connections == 0, 60)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
