"""What keeps a server alive: limits, an end in bounded time, errors in the log."""

from __future__ import annotations

import collections
import contextlib
import errno
import logging
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from rustchat._rustchat import Connection
from rustchat.socketserver.gatherer import Gatherer

if TYPE_CHECKING:
    import socket
    from socketserver import BaseServer as Base
else:
    from rustchat import socket

    Base = object

__all__ = ["BoundedMixIn"]

LOG = logging.getLogger("rustchat.socketserver")

# What accept() may say that time cures.
TRANSIENT = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
PAUSE = 0.05

# How long a refused peer may take to read its answer, and how many may do so at a time.
LINGER = 1.0
LINGERING = 64
PIECE = 65536

# How long handlers may take to notice that their connection was cut.
AFTERMATH = 1.0


class BoundedMixIn(Base):
    """Limits and a clean end, for a server of streams; name it before the server and the threading mix-in.

        class Server(BoundedMixIn, ThreadingTCPServer):
            max_connections = 100

    server_close(), and so the end of a `with` block, ends in bounded time whatever the clients do: nobody is accepted
    any more, each connection ends for reading at once, so that a handler sees the end of the stream behind what has
    come and may still answer; who has not finished after `drain_timeout` is cut off.
    """

    daemon_threads = True
    """A handler that never returns does not keep the program from ending (see ThreadingMixIn)."""

    max_connections: int | None = 1024
    """How many connections may be open at a time; None for any number."""

    max_connections_per_host: int | None = None
    """How many of them may come from one IP address; None for any number."""

    refusal: bytes | None = b"the server is full, try again later\n"
    """What a refused peer is sent before its connection ends; None for nothing."""

    request_timeout: float | None = 300.0
    """Seconds that `self.request` waits in each call, unless the handler sets something else; None for ever."""

    drain_timeout: float = 5.0
    """Seconds that server_close() lets handlers take before it cuts their connections."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._open: dict[Any, Any] = {}
        self._hosts: collections.Counter[str] = collections.Counter()
        self._changed = threading.Condition()
        self._closing = False
        self._refused: collections.deque[tuple[float, Any]] = collections.deque()
        self._refusals = Gatherer(LOG)
        super().__init__(*arguments, **options)

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._open)

    def get_request(self) -> tuple[Any, Any]:
        """Accept; where the system has run out of something, wait a moment instead of failing again and again."""
        try:
            return super().get_request()
        except OSError as error:
            if error.errno in TRANSIENT:
                LOG.warning("cannot accept: %s; trying again", error)
                time.sleep(PAUSE)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve the request if there is a place for it, else refuse it."""
        reason = self._enter(request, client_address)
        if reason is not None:
            self._refusals.note(f"{show(client_address)} refused: {reason}")
            self.refuse_request(request, client_address)
            return
        if self.request_timeout is not None:
            request.settimeout(self.request_timeout)
        self._serve(request, client_address)

    def _serve(self, request: Any, client_address: Any) -> None:
        """Hand the request to whatever runs handlers."""
        super().process_request(request, client_address)

    def refuse_request(self, request: Any, client_address: Any) -> None:
        """Tell a peer for whom there is no place, and end its connection without losing what it was told."""
        with contextlib.suppress(OSError):
            request.settimeout(0)
            if self.refusal is not None:
                request.send(self.refusal)
            shut_down(request, socket.SHUT_WR)
            self._refused.append((time.monotonic() + LINGER, request))
            return
        super().close_request(request)

    def service_actions(self) -> None:
        """Bury refused connections that were read to their end, or took too long."""
        super().service_actions()
        self._refusals.collect()
        for _ in range(len(self._refused)):
            end, request = self._refused.popleft()
            if len(self._refused) >= LINGERING or time.monotonic() > end or at_end(request):
                super().close_request(request)
            else:
                self._refused.append((end, request))

    def close_request(self, request: Any) -> None:
        """Close the connection and give its place away."""
        super().close_request(request)
        with self._changed:
            client_address = self._open.pop(request, None)
            if client_address is None:
                return
            host = host_of(client_address)
            self._hosts[host] -= 1
            if not self._hosts[host]:
                del self._hosts[host]
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Write what went wrong with one connection to the log, under "rustchat.socketserver"."""
        error = sys.exception()
        if isinstance(error, (ConnectionError, EOFError, TimeoutError)):
            LOG.info("%s left: %s", show(client_address), show(error))
        else:
            LOG.error("serving %s failed", show(client_address), exc_info=error)

    def server_close(self) -> None:
        """Accept nobody any more, let handlers finish, cut off who does not; see the class. May be repeated."""
        with self._changed:
            self._closing = True
        super().server_close()
        self._refusals.collect(at_once=True)
        while self._refused:
            super().close_request(self._refused.popleft()[1])
        self._end_all(socket.SHUT_RD)
        if not self._wait(self.drain_timeout):
            LOG.warning("cutting off %d connections at the end", len(self._open))
            self._end_all(socket.SHUT_RDWR)
            if not self._wait(AFTERMATH):
                LOG.warning("%d handlers are still running", len(self._open))

    def _enter(self, request: Any, client_address: Any) -> str | None:
        """Give the request a place, or say why it gets none."""
        host = host_of(client_address)
        with self._changed:
            if self._closing:
                return "the server is closing"
            if self.max_connections is not None and len(self._open) >= self.max_connections:
                return f"{self.max_connections} connections are open"
            if self.max_connections_per_host is not None and self._hosts[host] >= self.max_connections_per_host:
                return f"{self.max_connections_per_host} connections of its host are open"
            self._open[request] = client_address
            self._hosts[host] += 1
            return None

    def _end_all(self, how: int) -> None:
        with self._changed:
            requests = list(self._open)
        for request in requests:
            shut_down(request, how)

    def _wait(self, timeout: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._open, timeout)


def shut_down(request: Any, how: int) -> None:
    """End one or both directions of a socket or Connection; nothing if it is closed already."""
    with contextlib.suppress(OSError):
        request.shutdown(how)


def at_end(request: Any) -> bool:
    """Read away what a peer that is not listened to has sent; whether it has ended its side."""
    framed = isinstance(request, Connection)
    try:
        while framed or request.recv(PIECE):
            if framed:
                request.recv()
    except (BlockingIOError, TimeoutError):
        return False
    except OSError:
        return True
    return True


def host_of(client_address: Any) -> str:
    """The part of an address that one peer cannot choose at will."""
    return str(client_address[0]) if isinstance(client_address, tuple) else ""


def show(what: object) -> str:
    """For the log: control characters escaped."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in str(what))
