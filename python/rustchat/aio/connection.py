"""Connections of whole messages, and listening for them."""

from __future__ import annotations

import contextlib
import warnings

from rustchat import _rustchat
from rustchat.aio._opening import Opening, here, introduce
from rustchat.aio._turns import Sink, Source
from rustchat.errors import ConnectionClosed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from os import PathLike
    from types import TracebackType
    from typing import Any, Literal, Self, Unpack

    from typing_extensions import Buffer

    from rustchat._rustchat import _ConnectOptions, _ListenOptions
    from rustchat.aio._readiness import Loop

__all__ = ["Connection", "Listener", "connect", "listen"]

_DRAIN = 10.0
"""For so many seconds aclose() waits at most for a peer that does not read."""


def connect(address: tuple[str, int] | str | PathLike[str], **options: Unpack[_ConnectOptions]) -> Opening[Connection]:
    """Connects, shakes hands if a secret is given, and gives the Connection. Options and exceptions are
    rustchat.connect()'s.

        async with rustchat.aio.connect(("127.0.0.1", 6000), secret="open sesame") as connection:
            await connection.send(b"hello")
            print(await connection.recv())

    It can be cancelled wherever it waits: nothing is left open then, and no thread behind but that of a name's look-up.
    """

    async def run() -> Connection:
        loop, introduction = here(), _rustchat.Introduction(address, **options)
        await introduce(loop, introduction)
        return Connection(introduction.finish(), loop)

    return Opening("connect()", run)


def listen(address: tuple[str, int] | str | PathLike[str], **options: Unpack[_ListenOptions]) -> Opening[Listener]:
    """Listens for connections of whole messages and gives the Listener. Options and exceptions are rustchat.listen()'s.

    async with rustchat.aio.listen(("127.0.0.1", 6000), secret="open sesame") as listener:
        async for connection in listener:
            async with connection:
                await connection.send(await connection.recv())
    """

    async def run() -> Listener:
        loop = here()
        return Listener(await loop.in_thread(lambda: _rustchat.listen(address, **options)), loop)

    return Opening("listen()", run)


class Connection:
    """A connection of whole messages, in the event loop in which it was made.

    Any number of tasks may send and receive: they are served in the order in which they came. Whoever is cancelled in
    recv() has taken nothing; whoever is cancelled in send() has sent nothing. What send() has returned from is sent
    whole, also where the connection is closed behind it. Every wait may be in asyncio.timeout() or trio.fail_after().
    """

    __slots__ = ("__weakref__", "_closed", "_core", "_fileno", "_loop", "_sink", "_source")

    def __init__(self, core: _rustchat.Connection, loop: Loop | None = None) -> None:
        """Of a rustchat.Connection, which belongs to this one from then on."""
        self._core, self._loop = core, loop or here()
        fileno = self._fileno = core.fileno()
        self._source = Source(self._loop, core.__repr__, fileno, core.recv_nowait, core.recv_buffered)
        self._sink: Sink[Buffer] = Sink(self._loop, core.__repr__, fileno, core.offer, core.flush_nowait)
        self._closed = False

    # The two that are called most give the coroutine that does it, without one of their own around it.
    def send(self, data: Buffer) -> Coroutine[Any, Any, None]:
        """Sends one message, whole: any bytes-like object. Raises MessageTooLong before anything is sent,
        ConnectionClosed and ConnectionLost when it has ended.

        It returns when the message is the system's, or kept to go as the peer makes room: of 64 KiB that are kept a
        further send() waits until no more than 16 KiB are left. drain() waits for all.
        """
        self._source.asked = True
        return self._sink.put(data)

    def recv(self) -> Coroutine[Any, Any, bytes]:
        """Receives one message. Raises ConnectionClosed (an EOFError, too) at the end of the stream, ConnectionLost
        in the middle of a message; MessageTooLong and ProtocolError end the connection."""
        return self._source.get()

    async def drain(self) -> None:
        """Waits until the system has all that was sent. Raises what send() raises."""
        await self._sink.drain()

    def close(self) -> None:
        """Ends the connection and wakes everybody who waits in it with ConnectionClosed. May be repeated, and called
        on any thread: the descriptor is closed on the loop's. The peer gets what was sent before, if it reads."""
        if not self._closed:
            self._closed = True
            if self._loop.is_here() or not self._loop.call_from_thread(self._end):
                self._end()

    def _end(self) -> None:
        self._source.close(self._gone)
        self._sink.close(self._gone)
        self._loop.closing(self._fileno)
        self._core.close()

    def _gone(self) -> ConnectionClosed:
        return ConnectionClosed(f"the connection with {self._core.peer} is closed")

    async def aclose(self, timeout: float | None = _DRAIN) -> None:
        """Waits until the system has all that was sent, at most `timeout` seconds (None: for ever), then closes."""
        try:
            # Where the peer is gone there is nothing to wait for.
            with contextlib.suppress(OSError):
                await self._loop.within(timeout, self.drain)
        finally:
            self.close()

    def fileno(self) -> int:
        """The descriptor, -1 when closed. It is the loop's business."""
        return -1 if self._closed else self._core.fileno()

    @property
    def peer(self) -> Any:
        """The other end: (ip, port), or a path."""
        return self._core.peer

    @property
    def address(self) -> Any:
        """This end: (ip, port), or a path."""
        return self._core.address

    @property
    def key_id(self) -> str | None:
        """The id of the key that the client has proved to hold ("" if it has none); None without a handshake."""
        return self._core.key_id

    @property
    def protection(self) -> Literal["plain", "tls"]:
        """What protects what is sent and received: "tls", or "plain"."""
        return self._core.protection

    @property
    def binding(self) -> Literal["tls-exporter", "tls-server-end-point"] | None:
        """By what the peer's proof of the secret is bound to this very channel of TLS."""
        return self._core.binding

    @property
    def peer_pin(self) -> str | None:
        """The fingerprint of the server's public key; None without TLS and at the server's end."""
        return self._core.peer_pin

    @property
    def pending(self) -> int:
        """Bytes of what was sent that the system has not taken yet."""
        return self._core.pending

    @property
    def closed(self) -> bool:
        """Whether this side has closed, or had to."""
        return self._closed or self._core.closed

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
        /,
    ) -> None:
        """aclose(); close() where an exception ends the block."""
        if exc_type is None:
            await self.aclose()
        else:
            self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """The next message; iteration ends when either side has closed in good order."""
        try:
            return await self._source.get()
        except ConnectionClosed:
            raise StopAsyncIteration from None

    def __del__(self) -> None:
        if getattr(self, "_closed", True):
            return
        warnings.warn(f"{self!r} was not closed", ResourceWarning, source=self, stacklevel=2)
        self.close()

    def __repr__(self) -> str:
        return f"<aio.Connection with {self._core.peer}{' closed' if self.closed else ''}>"


class Listener:
    """Hands out connections, in the event loop in which it was made; made by listen(). Handshakes run beside it, on a
    thread of the library's: a silent peer holds up nobody."""

    def __init__(self, core: _rustchat.Listener, loop: Loop | None = None) -> None:
        """Of a rustchat.Listener, which belongs to this one from then on."""
        self._core, self._loop = core, loop or here()
        self._fileno = core.fileno()
        self._source = Source(self._loop, core.__repr__, self._fileno, core.accept_nowait)
        self._closed = False

    async def accept(self) -> Connection:
        """Waits for a connection. Raises ConnectionClosed when the listener is closed. Whoever is cancelled has taken
        none."""
        return Connection(await self._source.get(), self._loop)

    def close(self) -> None:
        """Refuses further connections and wakes every accept(). May be repeated, and called on any thread; accepted
        connections live on."""
        if not self._closed:
            self._closed = True
            if self._loop.is_here() or not self._loop.call_from_thread(self._end):
                self._end()

    def _end(self) -> None:
        left = self._source.close(self._gone)
        if left is not None:
            left.close()
        self._loop.closing(self._fileno)
        self._core.close()

    def _gone(self) -> ConnectionClosed:
        return ConnectionClosed(f"the listener on {self._core.address} is closed")

    @property
    def address(self) -> Any:
        """Where it listens: (ip, port) with the port the system chose, or a path."""
        return self._core.address

    @property
    def pin(self) -> str | None:
        """The fingerprint of the public key that newcomers are shown; None without TLS, and when closed."""
        return self._core.pin

    def replace_certificate(
        self, cert: _rustchat.TLS | str | PathLike[str] | Buffer, key: str | PathLike[str] | Buffer | None = None
    ) -> None:
        """Connections that begin from here on get this certificate; rustchat.Listener's."""
        self._core.replace_certificate(cert, key)

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._closed

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
        /,
    ) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Connection:
        """The next connection; iteration ends when the listener is closed."""
        try:
            return await self.accept()
        except ConnectionClosed:
            raise StopAsyncIteration from None

    def __del__(self) -> None:
        if getattr(self, "_closed", True):
            return
        warnings.warn(f"{self!r} was not closed", ResourceWarning, source=self, stacklevel=2)
        self.close()

    def __repr__(self) -> str:
        return f"<aio.Listener on {self._core.address}{' closed' if self._closed else ''}>"
