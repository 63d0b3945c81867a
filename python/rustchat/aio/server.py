"""The chat server in an event loop: it is served by threads of its own, and asks the loop what there is to decide."""

from __future__ import annotations

import contextlib
import inspect
import sys
import warnings
from collections import deque
from time import monotonic

from rustchat import _rustchat
from rustchat.aio import _hooks, _readiness
from rustchat.aio._opening import here, listening
from rustchat.aio._turns import Gate, Source
from rustchat.errors import ConnectionClosed, Error, QueueOverflow, StateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike
    from types import TracebackType
    from typing import Any, Literal, Self, TypeVar, Unpack

    from typing_extensions import Buffer

    from rustchat._rustchat import Ban, Client, ServerEvent, ServerStats, _ChatServerOptions, _HasFileno
    from rustchat.aio._readiness import Loop, Task

    T = TypeVar("T")

__all__ = ["ChatServer"]

_EVENTS = 64
"""So many events are taken at once."""

_SEND_TIMEOUT = 10.0
_EVENT_LIMIT = 8192
_LAST_HOOKS = 0.25
"""How long hooks may take to end that were cancelled, beyond the time that stop() was given."""


class _Cancelled(RuntimeError):
    """A hook was not let come to its end."""


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
        self._calling: Task | None = None
        self._asked: set[Task] = set()
        self._said: deque[ServerEvent] = deque(maxlen=min(int(options.get("event_limit", _EVENT_LIMIT)), sys.maxsize))
        self._telling: Task | None = None
        self._hook: Task | None = None
        self._stopping, self._deadline = False, 0.0

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
                core.start(poll=self._wanted(), listener=listener)
            else:
                await listening(loop, core.address, lambda address: core.start(poll=self._wanted(), address=address))
        finally:
            self._starting = False
        self._loop, self._stopping = loop, False
        self._source = Source(loop, core.__repr__, core.fileno(), self._take)
        self._gate = Gate(loop, core.speech_fileno())
        self._calling = _hooks.start(loop, self, self._call_hooks)

    def _wanted(self) -> list[Literal["membership", "messages", "filter", "authorize"]]:
        wanted: list[Literal["membership", "messages", "filter", "authorize"]] = ["membership"]
        if self._has("on_message") or self._has("on_private"):
            wanted.append("filter")
        if self._has("on_said"):
            wanted.append("messages")
        if self._has("authorize"):
            wanted.append("authorize")
        return wanted

    def _has(self, hook: str) -> bool:
        return _hooks.is_overridden(ChatServer, self, hook)

    def _take(self) -> list[ServerEvent] | None:
        try:
            return self._core.poll(_EVENTS, 0)
        except TimeoutError:
            return None

    async def _call_hooks(self) -> None:
        source = self._source
        assert source is not None
        while True:
            try:
                events = await source.get()
            except (ConnectionClosed, StateError):
                if self._telling is not None:
                    await self._telling.wait()
                return
            for event in events:
                await self._tell(event)

    async def _tell(self, event: ServerEvent) -> None:
        kind = event.kind
        if kind == "ask message":
            await self._filter(event)
        elif kind == "ask join":
            self._authorize(event)
        elif kind == "join" and self._has("on_join"):
            await self._call("on_join", event.client)
        elif kind == "rename" and self._has("on_rename"):
            await self._call("on_rename", event.client, event.text or None)
        elif kind == "leave" and self._has("on_leave"):
            await self._call("on_leave", event.client, event.text)
        elif kind == "error" and self._has("on_error"):
            await self._call("on_error", event.error)
        elif kind == "message":
            self._observe(event)

    def _observe(self, event: ServerEvent) -> None:
        """Has on_said() told in a task of its own, so that nobody waits for it. Past the limit the oldest are lost."""
        self._said.append(event)
        if self._telling is None:
            assert self._loop is not None
            self._telling = _hooks.start(self._loop, self, self._tell_observer)

    async def _tell_observer(self) -> None:
        try:
            while self._said and not self._is_late():
                event = self._said.popleft()
                await _hooks.tell(self, "on_said", event.client, event.text)
        finally:
            self._telling = None

    async def _call(self, hook: str, *arguments: object) -> None:
        """Calls a hook whose answer nobody wants. What it raises is logged."""
        try:
            await self._answer_of(hook, *arguments)
        except Exception:
            _readiness.failed(f"{hook}()")

    async def _answer_of(self, hook: str, *arguments: object) -> Any:
        """What a hook returns. What is to be awaited is awaited in a task of its own, which stop() can cancel without
        what comes behind it."""
        if self._is_late():
            raise _Cancelled(f"{hook}() was not called: the server stops")
        answer = getattr(self, hook)(*arguments)
        if not inspect.isawaitable(answer):
            return answer
        outcome: list[Any] = []
        error: Exception | None = None

        async def run() -> None:
            nonlocal error
            try:
                outcome.append(await answer)
            except Exception as failure:
                error = failure

        assert self._loop is not None
        task = self._hook = _hooks.start(self._loop, self, run)
        try:
            await task.wait()
        finally:
            task.cancel()
            self._hook = None
        if error is not None:
            raise error
        if not outcome:
            raise _Cancelled(f"{hook}() was cancelled")
        return outcome[0]

    def _is_late(self) -> bool:
        return self._stopping and monotonic() >= self._deadline

    async def _filter(self, event: ServerEvent) -> None:
        hook, arguments = "on_message", [event.client, event.text]
        if event.to is not None and self._has("on_private"):
            hook, arguments = "on_private", [event.client, event.to, event.text]
        elif not self._has("on_message"):
            return self._answer(event, True)
        # Whatever becomes of the hook, its message is answered.
        verdict: str | BaseException | None = _Cancelled(f"{hook}() was cancelled")
        try:
            answer = await self._answer_of(hook, *arguments)
            if answer is not None and not isinstance(answer, str):
                answer = TypeError(f"{hook}() must return str or None, not {type(answer).__name__}")
                _readiness.logger().error("%s", answer)
            verdict = answer
        except Exception as error:
            _readiness.failed(f"{hook}()")
            verdict = error
        finally:
            self._answer(event, verdict)

    def _authorize(self, event: ServerEvent) -> None:
        loop = self._loop
        assert loop is not None
        task: Task | None = None

        async def ask() -> None:
            admitted = False
            try:
                answer = await _hooks.call(self, "authorize", event.client)
                admitted = bool(answer)
            except Exception:
                # Here a bug must not open the door.
                _readiness.failed("authorize()")
            finally:
                self._answer(event, admitted)
                if task is not None:
                    self._asked.discard(task)

        task = _hooks.start(loop, self, ask)
        self._asked.add(task)

    def _answer(self, event: ServerEvent, verdict: bool | str | BaseException | None) -> None:
        # Where it has stopped nobody waits for it.
        with contextlib.suppress(Error):
            self._core.answer(event, verdict)

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
        if self._calling is not None:
            await self._calling.wait()

    async def stop(self, timeout: float = 5.0) -> None:
        """Stops: nobody joins any more, members are told and get what is queued for them for at most `timeout`
        seconds, what was said is still asked about. Then hooks that have not ended are cancelled, and what they had
        to decide goes to nobody. In a hook it begins to stop and returns. Does nothing if the server does not run."""
        if self._source is None or self._loop is None or self._calling is None:
            return
        loop, calling = self._loop, self._calling
        if not self._stopping or monotonic() + timeout < self._deadline:
            self._stopping, self._deadline = True, monotonic() + timeout
            self._core.close(timeout)
        if _hooks.is_inside(self):
            return
        try:
            try:
                await loop.within(timeout, calling.wait)
            except TimeoutError:
                self._cancel_hooks()
                await self._give_up(loop, calling)
        finally:
            self._end()

    def _cancel_hooks(self) -> None:
        for task in (self._hook, self._telling, *self._asked):
            if task is not None:
                task.cancel()

    async def _give_up(self, loop: Loop, calling: Task) -> None:
        try:
            await loop.within(_LAST_HOOKS, calling.wait)
        except TimeoutError:
            _readiness.logger().warning("%r: a hook does not end though it was cancelled", self)
            calling.cancel()

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
            self._cancel_hooks()
            if self._calling is not None:
                self._calling.cancel()
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
