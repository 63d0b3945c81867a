"""The chat server in an event loop: it is served by threads of its own, and asks the loop what there is to decide."""

from __future__ import annotations

import contextlib
import inspect
import sys
import warnings
from time import monotonic

from rustchat import _rustchat
from rustchat.aio import _hooks, _readiness
from rustchat.aio._opening import here, listening
from rustchat.aio._server_hooks import ServerHooks
from rustchat.aio._turns import Gate, Source
from rustchat.errors import ConnectionClosed, QueueOverflow, StateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike
    from types import TracebackType
    from typing import Any, Self, TypeVar, Unpack

    from typing_extensions import Buffer

    from rustchat._rustchat import Ban, Client, ServerEvent, ServerStats, _ChatServerOptions, _HasFileno
    from rustchat.aio._readiness import Loop
    from rustchat.errors import Error

    T = TypeVar("T")

__all__ = ["ChatServer"]

_EVENTS = 64
"""So many events are taken at once."""

_SEND_TIMEOUT = 10.0
_EVENT_LIMIT = 8192


class ChatServer:
    """A group chat server: every member gets what any member says, all in the same order. Options and exceptions are
    rustchat.ChatServer's.

        class Polite(rustchat.aio.ChatServer):
            async def on_join(self, client):
                await self.send(client, "welcome")
            async def on_message(self, client, text):
                return await moderate(text)     # what the room gets; None: nobody gets it

        async with Polite("127.0.0.1", 60000) as server:
            await server.wait()

    Hooks are async functions or plain ones. All but authorize() and on_said() are called one after
    the other, in the order in which things happened, in a task of the server's own: what is said waits while one of
    them waits, and members are read no further than event_limit. Each authorize() is called in a task of its own,
    so that nobody waits for a stranger; on_said() in another, for which nobody waits either. What a hook raises is
    logged; a message whose on_message() raises, is cancelled, or returns neither str nor None goes to nobody and
    its speaker is told, unless the server was made with on_error="pass". Without a hook for it, nothing waits for
    the loop."""

    def __init__(
        self,
        ip: tuple[str, int] | str | PathLike[str] | None = None,
        port: int | None = None,
        **options: Unpack[_ChatServerOptions],
    ) -> None:
        given: dict[str, Any] = {name: each for name, each in (("ip", ip), ("port", port)) if each is not None}
        # The loop cannot wait in a call: what has no room is said again when there is some.
        self._send_timeout = float(options.get("send_timeout", _SEND_TIMEOUT))
        _rustchat.ChatServer(**given, **options)
        options["send_timeout"] = 0.0
        self._core = _rustchat.ChatServer(**given, **options)
        self._loop: Loop | None = None
        self._source: Source[list[ServerEvent]] | None = None
        self._gate: Gate | None = None
        self._starting = False
        limit = min(int(options.get("event_limit", _EVENT_LIMIT)), sys.maxsize)
        self._hooks = ServerHooks(self, ChatServer, self._core, limit)

    async def start(self, *, listener: _HasFileno | int | None = None) -> None:
        """Listens and serves, and returns when it does: at once, but for the look-up of a host name, which can be
        cancelled. With `listener` it accepts at a socket that listens already, such as systemd hands over. Raises what
        rustchat.ChatServer.start() raises."""
        if self._starting:
            raise StateError("the server is being started by another task")
        loop, core = here(), self._core
        self._starting = True
        try:
            if listener is not None:
                core.start(poll=self._hooks.wanted(), listener=listener)
            else:
                poll = self._hooks.wanted()
                await listening(loop, core.address, lambda address: core.start(poll=poll, address=address))
        finally:
            self._starting = False
        self._loop = loop
        self._source = Source(loop, core.__repr__, core.fileno(), self._take)
        self._gate = Gate(loop, core.speech_fileno())
        self._hooks.begin(loop, self._source)

    def _take(self) -> list[ServerEvent] | None:
        try:
            return self._core.poll(_EVENTS, 0)
        except TimeoutError:
            return None

    async def broadcast(self, text: str, except_: Client | int | None = None) -> int:
        """Says `text` to every member, in order with what members say; not to the member `except_`. Returns for how
        many it is on its way. Waits up to send_timeout for members that read, then raises QueueOverflow, and nobody
        got it. Whoever is cancelled has said nothing. Raises what rustchat.ChatServer.broadcast() raises."""
        return await self._patiently(lambda: self._core.broadcast(text, except_))

    async def send(self, client: Client | int, text: str) -> None:
        """Says `text` to one member, and waits for that one as broadcast() does for all."""
        await self._patiently(lambda: self._core.send(client, text))

    async def _patiently(self, call: Callable[[], T]) -> T:
        end = monotonic() + self._send_timeout
        while True:
            gate = self._running()
            try:
                return call()
            except QueueOverflow:
                left = end - monotonic()
                if left <= 0:
                    raise
            await gate.wait(left)

    def _running(self) -> Gate:
        loop, gate = self._loop, self._gate
        if loop is None or gate is None:
            raise StateError("the server does not run: start() it")
        if not loop.is_here():
            raise _readiness.elsewhere(repr(self))
        return gate

    def disconnect(self, client: Client | int) -> None:
        """Disconnects a member, which is told so. Raises what rustchat.ChatServer.disconnect() raises."""
        self._core.disconnect(client)

    def ban(
        self,
        *,
        address: str | tuple[str, int] | None = None,
        key_id: str | None = None,
        name: str | None = None,
        reason: str = "",
        duration: float | None = None,
    ) -> int:
        """Keeps somebody out from now on; rustchat.ChatServer's. With the option ban_file it waits for the disk."""
        return self._core.ban(address=address, key_id=key_id, name=name, reason=reason, duration=duration)

    def unban(
        self, *, address: str | tuple[str, int] | None = None, key_id: str | None = None, name: str | None = None
    ) -> bool:
        """Lifts a ban; rustchat.ChatServer's."""
        return self._core.unban(address=address, key_id=key_id, name=name)

    @property
    def bans(self) -> list[Ban]:
        """The bans in force; none when the server does not run."""
        return self._core.bans

    def reload_bans(self) -> int:
        """Reads the file of the option ban_file again; rustchat.ChatServer's."""
        return self._core.reload_bans()

    async def probe(self, timeout: float = 1.0) -> None:
        """Returns when every thread of the server has come to the end of what it does, which is waited for in a thread
        of the loop's. Raises what rustchat.ChatServer.probe() raises. Whoever is cancelled does not wait for it."""
        self._running()
        assert self._loop is not None
        await self._loop.in_thread(lambda: self._core.probe(timeout))

    async def wait(self) -> None:
        """Waits until the server has stopped and the hooks have seen it."""
        await self._hooks.wait()

    async def stop(self, timeout: float = 5.0) -> None:
        """Stops: nobody joins any more, members are told and get what is queued for them for at most `timeout`
        seconds, what was said is still asked about. Then hooks that have not ended are cancelled, and what they had
        to decide goes to nobody. In a hook it begins to stop and returns. Does nothing if the server does not run."""
        if self._source is None:
            return
        if self._hooks.end_within(timeout):
            self._core.close(timeout)
        if _hooks.is_inside(self):
            return
        try:
            await self._hooks.settle(timeout)
        finally:
            self._end()

    def close(self) -> None:
        """Stops at once. May be repeated, and called on any thread."""
        loop = self._loop
        if loop is not None and self._source is not None and (loop.is_here() or not loop.call_from_thread(self._end)):
            self._end()

    def _end(self) -> None:
        source, gate, self._source, self._gate = self._source, self._gate, None, None
        if source is None or gate is None or self._loop is None:
            return
        source.close(lambda: ConnectionClosed("the server has stopped"))
        gate.close()
        for descriptor in (self._core.fileno(), self._core.speech_fileno()):
            self._loop.closing(descriptor)
        if not self._loop.is_over():
            self._hooks.cancel()
        # Its threads have ended, or are about to without waiting for anything.
        with contextlib.suppress(TimeoutError):
            self._core.stop(0)

    async def on_join(self, client: Client) -> None:
        """Override: `client` has joined."""

    async def on_message(self, client: Client, text: str) -> str | None:
        """Override: `client` says `text`. Return the text that the room is to get; None, and nobody gets it."""
        return text

    async def on_private(self, client: Client, to: Client, text: str) -> str | None:
        """Override: `client` says `text` to the member `to` alone. Return the text that this one is to get; None, and
        nobody gets it. If this is not overridden, on_message() decides."""
        answer = self.on_message(client, text)
        return await answer if inspect.isawaitable(answer) else answer

    async def on_rename(self, client: Client, old: str | None) -> None:
        """Override: `client` has taken a name, another one than `old`, or none; it is called client.name. A first name
        follows None."""

    async def on_said(self, client: Client, text: str) -> None:
        """Override: `client` has said `text`, and this is what the room has got. Nobody waits for this hook, which is
        called in a task of its own, one message at a time. Past event_limit the oldest that wait are lost. What is said
        to one member alone is not told here."""

    async def on_leave(self, client: Client, reason: str) -> None:
        """Override: `client` is gone. `reason` is a sentence, such as "quit" or "connection lost"."""

    async def on_error(self, error: Error) -> None:
        """Override: something went wrong that belongs to no member, or a peer could not prove that it holds a key."""

    async def authorize(self, client: Client) -> bool:
        """Override: whether `client`, which has passed the handshake, may join."""
        return True

    @property
    def address(self) -> Any:
        """Where it listens: (ip, port) with the port the system chose, or a path."""
        return self._core.address

    @property
    def running(self) -> bool:
        """Whether it serves."""
        return self._core.running

    @property
    def failure(self) -> Error | None:
        """Why the server has ended of its own accord: a bug of this library. None as long as all is well."""
        return self._core.failure

    @property
    def clients(self) -> list[Client]:
        """The members as they are now, in the order in which they connected."""
        return self._core.clients

    def find(self, *, name: str | None = None, key_id: str | None = None) -> Client | None:
        """The member that has this name, or this key, or both; None when nobody who is there is that. Raises what
        rustchat.ChatServer.find() raises."""
        return self._core.find(name=name, key_id=key_id)

    @property
    def pin(self) -> str | None:
        """The fingerprint of the public key that members are shown; None without TLS, and while it does not run."""
        return self._core.pin

    def replace_certificate(
        self, cert: _rustchat.TLS | str | PathLike[str] | Buffer, key: str | PathLike[str] | Buffer | None = None
    ) -> None:
        """Members who come from here on get this certificate; rustchat.ChatServer's."""
        self._core.replace_certificate(cert, key)

    def stats(self) -> ServerStats:
        """Numbers since the last start; after stop() those of the end."""
        return self._core.stats()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
        /,
    ) -> None:
        """stop(); close() where an exception ends the block."""
        if exc_type is None:
            await self.stop()
        else:
            self.close()

    def __del__(self) -> None:
        if getattr(self, "_source", None) is not None:
            warnings.warn(f"{self!r} was not stopped", ResourceWarning, source=self, stacklevel=2)
            self.close()

    def __repr__(self) -> str:
        return f"<aio.{type(self).__name__}{repr(self._core).removeprefix('<ChatServer')}"
