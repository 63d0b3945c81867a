"""The same on trio."""

from __future__ import annotations

import math

import trio
import trio.lowlevel

from rustchat._standard import standard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator
    from typing import Any, TypeVar

    from rustchat.aio._readiness import Direction, Task, Waiter

    T = TypeVar("T")

_here: trio.lowlevel.RunVar[TrioLoop] = trio.lowlevel.RunVar("rustchat.aio")


def current_loop() -> TrioLoop:
    """The one for this run of trio's."""
    try:
        return _here.get()
    except LookupError:
        loop = TrioLoop()
        _here.set(loop)
        return loop


class TrioLoop:
    is_strict = True

    def __init__(self) -> None:
        self.token: object = trio.lowlevel.current_trio_token()
        self._token = trio.lowlevel.current_trio_token()

    def here(self) -> object:
        return trio.lowlevel.current_trio_token() if trio.lowlevel.in_trio_run() else None

    def is_here(self) -> bool:
        return self.here() is self.token

    def is_over(self) -> bool:
        # Whoever has waited was cancelled then.
        return False

    def waiter(self) -> Waiter:
        return _TrioWaiter()

    def watch(self, fileno: int, direction: Direction, callback: Callable[[], None]) -> Callable[[], None]:
        wait = trio.lowlevel.wait_readable if direction == "readable" else trio.lowlevel.wait_writable
        watching = trio.CancelScope()

        async def run() -> None:
            with watching:
                while not watching.cancel_called:
                    try:
                        await wait(fileno)
                    except trio.ClosedResourceError:
                        return
                    except trio.BusyResourceError:
                        # The watch before this one has ended, and has not had its turn since.
                        await trio.lowlevel.checkpoint()
                        continue
                    if not watching.cancel_called:
                        callback()

        trio.lowlevel.spawn_system_task(run)
        return watching.cancel

    def closing(self, fileno: int) -> None:
        if self.is_here():
            trio.lowlevel.notify_closing(fileno)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Callable[[], object]:
        scope = trio.CancelScope()

        async def run() -> None:
            with scope:
                await trio.sleep(seconds)
                callback()

        trio.lowlevel.spawn_system_task(run)
        return scope.cancel

    def call_from_thread(self, callback: Callable[[], None]) -> bool:
        try:
            self._token.run_sync_soon(callback)
        except trio.RunFinishedError:
            return False
        return True

    async def pause(self) -> None:
        await trio.lowlevel.checkpoint()

    async def sleep(self, seconds: float) -> None:
        await trio.sleep(seconds)

    async def within(self, seconds: float | None, call: Callable[[], Awaitable[T]]) -> T:
        with trio.move_on_after(math.inf if seconds is None else seconds):
            return await call()
        raise TimeoutError

    async def in_thread(self, call: Callable[[], T]) -> T:
        return await trio.to_thread.run_sync(call, abandon_on_cancel=True)

    async def look_up(self, host: str, port: int) -> list[tuple[int, Any]]:
        found = await trio.socket.getaddrinfo(host, port, type=standard("socket").SOCK_STREAM)
        return [(family, address) for family, _, _, _, address in found]

    def spawn(self, run: Callable[[], Coroutine[Any, Any, None]]) -> Task:
        task = _TrioTask()
        trio.lowlevel.spawn_system_task(task.run, run)
        return task


class _TrioTask:
    def __init__(self) -> None:
        self._scope, self._ended = trio.CancelScope(), trio.Event()

    async def run(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            with self._scope:
                await run()
        finally:
            self._ended.set()

    def cancel(self) -> object:
        return self._scope.cancel()

    async def wait(self) -> None:
        await self._ended.wait()


class _TrioWaiter:
    def __init__(self) -> None:
        self._task: trio.lowlevel.Task | None = None
        self._done = False

    def done(self) -> bool:
        return self._done

    def set_result(self, result: None, /) -> None:
        self._done, task, self._task = True, self._task, None
        if task is not None:
            trio.lowlevel.reschedule(task)

    def __await__(self) -> Generator[Any, Any, None]:
        return self._wait().__await__()

    async def _wait(self) -> None:
        if self._done:
            return
        self._task = trio.lowlevel.current_task()

        def abort(_: object) -> trio.lowlevel.Abort:
            self._task, self._done = None, True
            return trio.lowlevel.Abort.SUCCEEDED

        await trio.lowlevel.wait_task_rescheduled(abort)
