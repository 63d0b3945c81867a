"""A member of a chat, in an event loop."""

from __future__ import annotations

import contextlib
import warnings

from rustchat import _rustchat
from rustchat.aio import _hooks
from rustchat.aio._opening import here, introduce
from rustchat.aio._turns import Sink, Source
from rustchat.errors import ConnectionClosed, Error, StateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from types import TracebackType
    from typing import Any, Literal, Self, TypeVar, Unpack

    from rustchat._rustchat import ClientQuestion, ClientStats, Message, Sender, _ChatClientOptions
    from rustchat.aio._readiness import Direction, Loop, Task

    T = TypeVar("T")
    # To the room, to one member, to the server; None is the last word of all.
    _Words = str | tuple[str, str] | ClientQuestion[Any] | None

__all__ = ["ChatClient"]

_WELCOME = 1.0
"""How long start() waits at most for a server's welcome, in seconds: as long as the first send() of
rustchat.ChatClient does."""


class ChatClient:
    """A member of a chat. Options and exceptions are rustchat.ChatClient's.

        async with rustchat.aio.ChatClient("127.0.0.1", 60000) as client:
            await client.send("hello")
            async for message in client:
                print(message.time, message.sender, message.text)

    Or subclass it and override hooks, async functions or plain ones, which are called one after the other in a task of
    the client's own:

        class Printer(rustchat.aio.ChatClient):
            async def on_message(self, message):
                print(message)
            async def on_disconnect(self, reason):
                print("gone:", reason)

    With a hook overridden all messages go to the hooks, and recv() and iteration raise StateError. What a hook raises
    is logged. Any number of tasks may send and receive; whoever is cancelled has said nothing and taken nothing that
    is said."""

    def __init__(
        self,
        ip: tuple[str, int] | str | PathLike[str] | None = None,
        port: int | None = None,
        **options: Unpack[_ChatClientOptions],
    ) -> None:
        given: dict[str, Any] = {name: each for name, each in (("ip", ip), ("port", port)) if each is not None}
        self._core = _rustchat.ChatClient(**given, **options)
        self._loop: Loop | None = None
        self._source: Source[Message] | None = None
        self._sink: Sink[_Words] | None = None
        self._task: Task | None = None
        self._descriptors: tuple[int, ...] = ()
        self._starting = self._leaving = False

    async def start(self) -> None:
        """Connects, and shakes hands if there is a secret. In message chat it waits for the server's welcome, a
        second at most, so that what is said has its limit from the first word on. Raises what
        rustchat.ChatClient.start() raises; whom the server does not let in recv() tells why. Can be cancelled
        wherever it waits."""
        if self._starting or self._source is not None:
            raise StateError("the client is connected: stop() it before starting it again")
        self._starting, self._leaving = True, False
        try:
            loop = self._loop = here()
            core, introduction = self._core, self._core.introduction()
            await introduce(loop, introduction)
            core.start_over(introduction)
            self._source = Source(loop, core.__repr__, core.fileno(), core.recv_any_nowait)
            # One that comes back sends on whichever connection there is: what tells of it stays the same.
            sending = core.drained_fileno() if core.reconnects else core.send_fileno()
            direction: Direction = "readable" if core.reconnects else "writable"
            self._descriptors = (core.fileno(), sending)
            self._sink = Sink(loop, core.__repr__, sending, self._offer, core.flush_nowait, direction)
            await self._be_welcomed(loop, self._source)
        except BaseException:
            self._end()
            raise
        finally:
            self._starting = False
        if any(self._has(hook) for hook in ("on_message", "on_event", "on_disconnect", "on_reconnect")):
            self._task = _hooks.start(loop, self, self._call_hooks)

    async def _be_welcomed(self, loop: Loop, source: Source[Message]) -> None:
        """Waits for the first that the server says, in line chat for nothing, and leaves it to who receives."""

        async def hear() -> None:
            source.put_back(await source.get())

        if self._core.message_limit is None:
            # That a server did not let us in is for who receives, too.
            with contextlib.suppress(TimeoutError, Error):
                await loop.within(_WELCOME, hear)
        if self._source is None:
            raise self._gone()

    def _has(self, hook: str) -> bool:
        return _hooks.is_overridden(ChatClient, self, hook)

    def _offer(self, words: _Words) -> int | None:
        if isinstance(words, str):
            return self._core.offer(words)
        if isinstance(words, tuple):
            text, to = words
            return self._core.offer(text, to=to)
        return self._core.offer_leave() if words is None else words.offer()

    def _running(self) -> tuple[Source[Message], Sink[_Words]]:
        if self._source is None or self._sink is None:
            raise StateError("the client is not connected: start() it")
        return self._source, self._sink

    async def _call_hooks(self) -> None:
        source, _ = self._running()
        messages, events = self._has("on_message"), self._has("on_event")
        reason: Error | None = None
        while True:
            try:
                message = await source.get()
            except ConnectionClosed as error:
                # Of our own end there is no reason.
                reason = None if self._leaving else error
                break
            except Error as error:
                reason = error
                break
            if message.kind in ("message", "direct"):
                if messages:
                    await _hooks.tell(self, "on_message", message)
            elif message.kind == "disconnect":
                await _hooks.tell(self, "on_disconnect", message.loss)
            elif message.kind == "reconnect":
                await _hooks.tell(self, "on_reconnect")
            elif events:
                await _hooks.tell(self, "on_event", message)
        await _hooks.tell(self, "on_disconnect", reason)

    async def send(self, text: str, *, to: str | None = None) -> None:
        """Says `text` to the room, as rustchat.ChatClient.send() does. It returns when the message is the system's,
        or kept to go as the server makes room: of 64 KiB that are kept a further send() waits.

        In message chat the limit of the server's is known with its welcome, which start() waits for. With reconnect it
        returns when the text stands in a queue, whether or not the server can be reached, and waits where 256 messages
        or 1 MiB are unacknowledged.

        `to`, a name: the member of that name alone is to hear it; message chat only. That nobody has the name recv()
        raises as NoSuchPeer."""
        await self._running()[1].put(text if to is None else (text, to))

    async def who(self) -> list[Sender]:
        """Asks the server who is there: a list of Senders in the order in which they came, of whom we are one. Message
        chat only. Raises what rustchat.ChatClient.who() raises; whoever is cancelled does not wait for the answer."""
        self._running()
        return await self._ask(self._core.question_who())

    async def rename(self, name: str | None) -> None:
        """Takes another name, or with None none any more, which only message chat knows; returns when the server has
        said yes. Raises what rustchat.ChatClient.rename() raises. Whoever is cancelled may have the name or not: an
        event of the kind "name" tells."""
        self._running()
        await self._ask(self._core.question_rename(name))

    async def _ask(self, question: ClientQuestion[T]) -> T:
        try:
            await self._running()[1].put(question)
            loop = self._loop
            assert loop is not None
            answers = Source(loop, self._core.__repr__, question.fileno(), question.take)
            try:
                return await answers.get()
            finally:
                answers.close(self._gone)
                loop.closing(question.fileno())
        finally:
            question.close()

    async def recv(self) -> Message:
        """Waits for the next Message that somebody says, to the room or to us. Raises what rustchat.ChatClient.recv()
        raises."""
        while True:
            message = await self.recv_any()
            if message.kind in ("message", "direct", "gap"):
                return message
            if message.refusal is not None:
                raise message.refusal

    async def recv_any(self) -> Message:
        """Like recv(), but for a Message of any kind: also who joins and leaves, what the server refused and its
        farewell."""
        source, _ = self._running()
        if self._task is not None:
            raise StateError("messages go to the hooks")
        return await source.get()

    async def drain(self) -> None:
        """Waits until the system has all that was said; with reconnect until the server has acknowledged it."""
        await self._running()[1].drain()

    async def leave(self) -> None:
        """Says goodbye and returns: the server sends what it has for us and closes. Until then recv() goes on, and
        raises ConnectionClosed at the end."""
        sink = self._running()[1]
        self._leaving = True
        await sink.put(None)

    async def stop(self, timeout: float = 5.0) -> None:
        """Leaves: says so to the server, waits at most `timeout` seconds for its farewell, then closes. Does nothing if
        the client is not connected. In a hook it begins to leave and returns; the hooks see the end."""
        if self._source is None or self._loop is None:
            return
        if _hooks.is_inside(self):
            with contextlib.suppress(OSError):
                await self.leave()
            return
        try:
            with contextlib.suppress(OSError):
                await self._loop.within(timeout, self._go)
        finally:
            self.close()
        if self._task is not None:
            # The end is the last thing that it is told.
            task, self._task = self._task, None
            try:
                await self._loop.within(max(timeout, 0.25), task.wait)
            finally:
                task.cancel()

    async def _go(self) -> None:
        source, sink = self._running()
        await self.leave()
        await sink.drain()
        if self._task is not None:
            return await self._task.wait()
        # What comes meanwhile and nobody takes is thrown away.
        while True:
            await source.get()

    def close(self) -> None:
        """Ends the connection at once and wakes everybody who waits. May be repeated, and called on any thread."""
        loop = self._loop
        if loop is not None and self._source is not None and (loop.is_here() or not loop.call_from_thread(self._end)):
            self._end()

    def _end(self) -> None:
        self._leaving = True
        source, sink, self._source, self._sink = self._source, self._sink, None, None
        if source is None or sink is None or self._loop is None:
            return
        source.close(self._gone)
        sink.close(self._gone)
        for descriptor in self._descriptors:
            self._loop.closing(descriptor)
        self._core.stop(0)

    def _gone(self) -> ConnectionClosed:
        return ConnectionClosed("the client has closed the connection")

    async def on_message(self, message: Message) -> None:
        """Override: somebody said something, to the room or to us."""

    async def on_event(self, message: Message) -> None:
        """Override: a Message of another kind: who joins and leaves, what the server refused, its welcome and
        farewell."""

    async def on_disconnect(self, reason: Error | None) -> None:
        """Override: the connection has ended. `reason` is None when this side has closed it. With reconnect it is
        called whenever the connection breaks, and `reconnecting` is true while that is not the end."""

    async def on_reconnect(self) -> None:
        """Override: with reconnect, the client is back. What was said while it was away is missing; an event of the
        kind "gap" says so."""

    @property
    def name(self) -> str | None:
        """The name that the server has said we have; None without one."""
        return self._core.name

    @property
    def message_limit(self) -> int | None:
        """The longest message that send() takes, in bytes; None while it is not known."""
        return self._core.message_limit

    @property
    def address(self) -> Any:
        """Our address, as the others see us; None while not connected."""
        return self._core.address

    @property
    def peer(self) -> Any:
        """The server's address."""
        return self._core.peer

    @property
    def protection(self) -> Literal["plain", "tls"] | None:
        """What protects what is said and heard: "tls" or "plain"; None while not connected."""
        return self._core.protection

    @property
    def binding(self) -> Literal["tls-exporter", "tls-server-end-point"] | None:
        """By what the server's proof of the secret is bound to this very channel of TLS."""
        return self._core.binding

    @property
    def peer_pin(self) -> str | None:
        """The fingerprint of the server's public key; None without TLS, and while not connected."""
        return self._core.peer_pin

    @property
    def connected(self) -> bool:
        """Whether the connection stands."""
        return self._source is not None and self._core.connected

    @property
    def reconnecting(self) -> bool:
        """Whether the connection has broken and the client, with reconnect, is about to come back."""
        return self._source is not None and self._core.reconnecting

    @property
    def unacknowledged(self) -> int:
        """Messages that were said, but that the server has not acknowledged, with reconnect."""
        return self._core.unacknowledged

    def stats(self) -> ClientStats:
        """Numbers since the last start."""
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

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        """The next Message that somebody says; iteration ends when the connection was closed in good order."""
        try:
            return await self.recv()
        except ConnectionClosed:
            if self._core.refused:
                raise
            raise StopAsyncIteration from None

    def __del__(self) -> None:
        if getattr(self, "_source", None) is not None:
            warnings.warn(f"{self!r} was not closed", ResourceWarning, source=self, stacklevel=2)
            self.close()

    def __repr__(self) -> str:
        state = "connected" if self.connected else "not connected"
        return f"<aio.{type(self).__name__} {state} with {self._core.peer}>"
