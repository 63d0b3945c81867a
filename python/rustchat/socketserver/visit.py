"""A connection in the hands of a pool: its handler, and whether there is something to handle."""

from __future__ import annotations

import functools
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rustchat._rustchat import Connection

if TYPE_CHECKING:
    import socket

    from rustchat.socketserver.pool import PoolMixIn
else:
    from rustchat import socket

__all__ = ["EndOfVisit", "ReadyConnection", "Visit", "visit_of"]


class EndOfVisit(Exception):
    """The connection is over, in good order or by the clock."""


class Visit(ABC):
    """From accept to close. One thread at a time advances it."""

    def __init__(self, server: PoolMixIn, connection: Any, client_address: Any) -> None:
        self.server, self.connection, self.client_address = server, connection, client_address
        self.readable = self.expired = False
        self._handler: Any = None

    @property
    def request(self) -> Any:
        """What the handler knows as `self.request`."""
        return self.connection

    def advance(self) -> bool:
        """Set up the handler, or let it handle what is there; whether there is more to handle.

        Raises EndOfVisit at the end, and whatever the handler raises.
        """
        if self.expired:
            raise EndOfVisit("it was silent for too long")
        if self._handler is None:
            self._handler = set_up(self.server.RequestHandlerClass, self.request, self.client_address, self.server)
        elif self.look():
            self._handler.handle()
            self.forget()
        if self.connection.fileno() == -1:
            raise EndOfVisit("closed by its handler")
        self.readable = False
        return self.look()

    def finish(self) -> None:
        """Let the handler clean up."""
        if self._handler is not None:
            self._handler.finish()

    def patience(self) -> float | None:
        """Seconds that the peer may take to say something."""
        return self.server.idle_timeout

    @abstractmethod
    def forget(self) -> None:
        """Called after handle(): what it has not taken of its request is not offered again."""

    @abstractmethod
    def look(self) -> bool:
        """Whether there is something to handle, without waiting. `readable` says what the lot knows."""


class StreamVisit(Visit):
    """A plain stream: something to handle is a byte."""

    def forget(self) -> None:
        """Nothing: where a request ends, only its handler knows."""

    def look(self) -> bool:
        if self._read_ahead():
            return True
        if not self.readable:
            return False
        try:
            if self.connection.recv(1, socket.MSG_PEEK):
                return True
        except ValueError:
            return True  # TLS cannot peek
        raise EndOfVisit("the end of the stream")

    def _read_ahead(self) -> bool:
        if self._handler is None:
            return False
        pending = getattr(self.connection, "pending", None)
        if pending is not None and pending():
            return True
        reader = getattr(self._handler, "rfile", None)
        if reader is None or reader.closed or not hasattr(reader, "peek"):
            return False
        # A look into an empty buffer reads from the socket: that must not wait.
        before = self.connection.gettimeout()
        self.connection.settimeout(0)
        try:
            return bool(reader.peek(1))
        finally:
            self.connection.settimeout(before)


class FramedVisit(Visit):
    """A connection of messages: something to handle is a whole message, so that half of one occupies no thread."""

    def __init__(self, server: PoolMixIn, connection: Connection, client_address: Any) -> None:
        super().__init__(server, connection, client_address)
        self._ready = ReadyConnection(connection)
        self._partial_since: float | None = None

    @property
    def request(self) -> ReadyConnection:
        return self._ready

    def forget(self) -> None:
        self._ready.forget()

    def look(self) -> bool:
        try:
            found = self._ready.look()
        except EOFError as error:
            raise EndOfVisit(str(error)) from None
        if found or not self.connection.buffered:
            self._partial_since = None
        elif self._partial_since is None:
            self._partial_since = time.monotonic()
        return found

    def patience(self) -> float | None:
        if self._partial_since is None or self.server.request_timeout is None:
            return super().patience()
        return max(0.0, self._partial_since + self.server.request_timeout - time.monotonic())


class ReadyConnection:
    """A Connection of which a message was received before anybody asked for it. Everything else is the Connection's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._message: bytes | None = None

    def look(self) -> bool:
        """Whether a message is there; it stays."""
        if self._message is None:
            try:
                self._message = self._connection.recv(0)
            except TimeoutError:
                return False
        return True

    def forget(self) -> None:
        """Drop a message that was looked at and not received."""
        self._message = None

    def recv(self, timeout: float | None = None) -> bytes:
        """As Connection.recv()."""
        message, self._message = self._message, None
        return self._connection.recv(timeout) if message is None else message

    def recv_many(self, most: int = 1024, timeout: float | None = None) -> list[bytes]:
        """As Connection.recv_many()."""
        if self._message is None or most < 1:
            return self._connection.recv_many(most, timeout)
        first = [self.recv()]
        try:
            return first + (self._connection.recv_many(most - 1, 0) if most > 1 else [])
        except (TimeoutError, EOFError):
            return first

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._connection) if self._message is None else self.recv()

    def __enter__(self) -> ReadyConnection:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def __repr__(self) -> str:
        return repr(self._connection)


def visit_of(server: PoolMixIn, connection: Any, client_address: Any) -> Visit:
    """The visit that fits a connection."""
    kind = FramedVisit if isinstance(connection, Connection) else StreamVisit
    return kind(server, connection, client_address)


def set_up(made_by: Any, request: Any, client_address: Any, server: PoolMixIn) -> Any:
    """A handler that is set up and has handled nothing.

    The constructor of BaseRequestHandler goes through setup(), handle() and finish(). It runs here on a class whose
    handle() and finish() do nothing; then the object becomes one of the class that was asked for.
    """
    if isinstance(made_by, functools.partial):
        wanted, arguments, options = made_by.func, made_by.args, made_by.keywords
    else:
        wanted, arguments, options = made_by, (), {}
    handler = without_handling(wanted)(*arguments, request, client_address, server, **options)
    handler.__class__ = wanted
    return handler


@functools.cache
def without_handling(wanted: type) -> type:
    """A class like another one, whose handle() and finish() do nothing."""

    def nothing(self: object) -> None:
        pass

    # Without slots or dictionary of its own it is laid out like the other, which __class__ insists on.
    return type(wanted.__name__, (wanted,), {"handle": nothing, "finish": nothing, "__slots__": ()})
