"""What the tests of rustchat.socketserver share: a server that runs beside the test, and handlers."""

from __future__ import annotations

import contextlib
import socket as standard_socket
import threading
import time

from conftest import PATIENCE
from rustchat import socketserver

HOST = ("127.0.0.1", 0)


@contextlib.contextmanager
def serving(server):
    """A server that runs in a thread, and ends in bounded time."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        start = time.monotonic()
        server.server_close()
        took = time.monotonic() - start
        thread.join(PATIENCE)
        assert not thread.is_alive()
        assert took < server_patience(server), f"server_close() took {took:.1f} s"


def server_patience(server):
    return getattr(server, "drain_timeout", 5.0) + 5.0


def dial(server):
    return standard_socket.create_connection(server.server_address, PATIENCE)


class Upper(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())


class Echo(socketserver.FramedRequestHandler):
    def handle(self):
        for message in self.request:
            self.request.send(message)


class OneEcho(socketserver.FramedRequestHandler):
    """For a pool: one message a call, counted."""

    def setup(self):
        self.count = 0

    def handle(self):
        self.count += 1
        self.request.send(b"%d:%s" % (self.count, self.request.recv()))


class OneLine(socketserver.StreamRequestHandler):
    def setup(self):
        super().setup()
        self.count = 0

    def handle(self):
        self.count += 1
        self.wfile.write(b"%d:%s" % (self.count, self.rfile.readline()))
