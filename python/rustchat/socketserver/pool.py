"""Servers of many connections and few threads."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from rustchat._rustchat import ParkingLot
from rustchat.socketserver.bounded import AFTERMATH, LOG, BoundedMixIn, show
from rustchat.socketserver.framed import FramedServer
from rustchat.socketserver.visit import EndOfVisit, Visit, visit_of

if TYPE_CHECKING:
    from socketserver import TCPServer
else:
    from rustchat.socketserver import TCPServer

__all__ = ["PoolFramedServer", "PoolMixIn", "PoolTCPServer"]


class PoolMixIn(BoundedMixIn):
    """Serves any number of connections with `pool_size` threads; name it before a server of streams or of messages.

    What a handler may expect:

    * One handler object for a connection. `setup()` is called when it is accepted, `handle()` each time there is
      something to read, `finish()` once at its end; never two of them at a time.
    * `handle()` answers one request and returns; attributes of `self` stay until the next call. Over messages it is
      called once for each whole message, which `self.request.recv()` gives without waiting. Over a plain stream it is
      called when at least one byte is there, and at once again while `self.rfile` holds read-ahead bytes.
    * The connection ends when the peer ends it (no `handle()` is called for that), when `handle()` raises, or when it
      closes `self.request`.
    * A `handle()` that loops until the end of the stream works, and occupies one of the threads as long.
    """

    pool_size = 16
    """How many handlers run at a time."""

    max_connections: int | None = 10240

    idle_timeout: float | None = None
    """Seconds between two requests after which a connection is ended; None for any time."""

    request_timeout: float | None = 30.0
    """Seconds for each call on `self.request`, and for the rest of a message of which a part has come."""

    _pool: Pool | None = None

    def server_close(self) -> None:
        """As BoundedMixIn's; then the threads end."""
        super().server_close()
        if self._pool is not None:
            self._pool.close()

    def _serve(self, request: Any, client_address: Any) -> None:
        if self._pool is None:
            self._pool = Pool(self)
        self._pool.enter(visit_of(self, request, client_address))


class PoolTCPServer(PoolMixIn, TCPServer):
    """Plain streams, served by a pool of threads."""

    allow_reuse_address = True
    request_queue_size = 1024


class PoolFramedServer(PoolMixIn, FramedServer):
    """Connections of whole messages, served by a pool of threads: one handle() for each message."""


class Pool:
    """The threads, and the lot where everybody waits for one of them: to be read from, or for a turn."""

    def __init__(self, server: PoolMixIn) -> None:
        self._server = server
        self._lot = ParkingLot()
        self._threads = [
            threading.Thread(target=self._work, name=f"rustchat-pool-{number}", daemon=True)
            for number in range(max(1, server.pool_size))
        ]
        for thread in self._threads:
            thread.start()

    def enter(self, visit: Visit) -> None:
        """Let a thread go on with a visit."""
        self._lot.enter(visit)

    def close(self) -> None:
        """End the threads; one that is still busy ends with what it does, and is not waited for. May be repeated."""
        self._lot.close()
        end = time.monotonic() + AFTERMATH
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, end - time.monotonic()))

    def _work(self) -> None:
        while (left := self._lot.leave()) is not None:
            visit: Visit = left[0]
            _, visit.readable, visit.expired = left
            try:
                self._go_on(visit)
            except BaseException:
                # Whatever the program's own methods raise, the thread has others to serve.
                LOG.exception("serving %s failed", show(visit.client_address))

    def _go_on(self, visit: Visit) -> None:
        try:
            busy = visit.advance()
        except EndOfVisit as end:
            LOG.debug("%s left: %s", show(visit.client_address), end)
            self._see_off(visit)
        except BaseException:
            try:
                self._server.handle_error(visit.connection, visit.client_address)
            finally:
                self._see_off(visit)
        else:
            if busy:
                self._lot.enter(visit)
            else:
                self._lot.park(visit, visit.connection.fileno(), visit.patience())

    def _see_off(self, visit: Visit) -> None:
        try:
            visit.finish()
        except BaseException:
            self._server.handle_error(visit.connection, visit.client_address)
        finally:
            self._server.shutdown_request(visit.connection)
