"""The hooks of a chat server: which there are, the tasks that call them, and what becomes of them at the end."""

from __future__ import annotations

import contextlib
import inspect
from collections import deque
from time import monotonic

from rustchat.aio import _hooks, _readiness
from rustchat.errors import ConnectionClosed, Error, StateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from rustchat import _rustchat
    from rustchat._rustchat import ServerEvent
    from rustchat.aio._readiness import Loop, Task
    from rustchat.aio._turns import Source

_LAST = 0.25
"""How long hooks may take to end that were cancelled, beyond the time that they were given."""


class _Cancelled(RuntimeError):
    """A hook was not let come to its end."""


class ServerHooks:
    """Calls the hooks of `owner`, those that it has in the place of `base`'s, and answers `core` what they decide. What
    waits for an observer is kept up to `limit`."""

    def __init__(self, owner: object, base: type, core: _rustchat.ChatServer, limit: int) -> None:
        self._owner, self._base, self._core = owner, base, core
        self._loop: Loop | None = None
        self._calling: Task | None = None
        self._hook: Task | None = None
        self._asked: set[Task] = set()
        self._said: deque[ServerEvent] = deque(maxlen=limit)
        self._telling: Task | None = None
        self._ending, self._deadline = False, 0.0

    def wanted(self) -> list[Literal["membership", "messages", "filter", "authorize"]]:
        """The events that there are hooks for."""
        wanted: list[Literal["membership", "messages", "filter", "authorize"]] = ["membership"]
        if self._has("on_message") or self._has("on_private"):
            wanted.append("filter")
        if self._has("on_said"):
            wanted.append("messages")
        if self._has("authorize"):
            wanted.append("authorize")
        return wanted

    def begin(self, loop: Loop, source: Source[list[ServerEvent]]) -> None:
        """Has a task call them for what comes from `source`, until that has ended."""
        self._loop, self._ending = loop, False
        self._calling = _hooks.start(loop, self._owner, lambda: self._run(source))

    @property
    def asked(self) -> int:
        """How many authorize() are being waited for."""
        return len(self._asked)

    async def wait(self) -> None:
        """Waits until they have seen the end."""
        if self._calling is not None:
            await self._calling.wait()

    def end_within(self, timeout: float) -> bool:
        """Begins no more of them after so many seconds; whether that is sooner than before."""
        deadline = monotonic() + timeout
        if self._ending and deadline >= self._deadline:
            return False
        self._ending, self._deadline = True, deadline
        return True

    async def settle(self, timeout: float) -> None:
        """Waits for their end so long, then cancels them."""
        loop, calling = self._loop, self._calling
        if loop is None or calling is None:
            return
        try:
            await loop.within(timeout, calling.wait)
        except TimeoutError:
            self._cancel_hooks()
            try:
                await loop.within(_LAST, calling.wait)
            except TimeoutError:
                _readiness.logger().warning("%r: a hook does not end though it was cancelled", self._owner)
                calling.cancel()

    def cancel(self) -> None:
        """Cancels them, and who calls them."""
        self._cancel_hooks()
        if self._calling is not None:
            self._calling.cancel()

    def _cancel_hooks(self) -> None:
        for task in (self._hook, self._telling, *self._asked):
            if task is not None:
                task.cancel()

    def _has(self, hook: str) -> bool:
        return _hooks.is_overridden(self._base, self._owner, hook)

    async def _run(self, source: Source[list[ServerEvent]]) -> None:
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
            self._telling = _hooks.start(self._loop, self._owner, self._tell_observer)

    async def _tell_observer(self) -> None:
        try:
            while self._said and not self._is_late():
                event = self._said.popleft()
                await _hooks.tell(self._owner, "on_said", event.client, event.text)
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
        answer = getattr(self._owner, hook)(*arguments)
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
        task = self._hook = _hooks.start(self._loop, self._owner, run)
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
        return self._ending and monotonic() >= self._deadline

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
                answer = await _hooks.call(self._owner, "authorize", event.client)
                admitted = bool(answer)
            except Exception:
                # Here a bug must not open the door.
                _readiness.failed("authorize()")
            finally:
                self._answer(event, admitted)
                if task is not None:
                    self._asked.discard(task)

        task = _hooks.start(loop, self._owner, ask)
        self._asked.add(task)

    def _answer(self, event: ServerEvent, verdict: bool | str | BaseException | None) -> None:
        # Where it has stopped nobody waits for it.
        with contextlib.suppress(Error):
            self._core.answer(event, verdict)
