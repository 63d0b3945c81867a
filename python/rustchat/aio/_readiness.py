"""What an event loop can do for us, of whichever kind it is: tell when a descriptor is ready, wake who waits, run a
task.

There are two kinds: those with the face of asyncio (its own, uvloop), and trio. anyio runs on either.
"""

from __future__ import annotations

import asyncio
import concurrent.futures.thread  # noqa: F401  (what asyncio imports when it first needs a thread)
import contextvars
import logging
import sys

from rustchat._standard import standard
from rustchat.errors import StateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import Any, Literal, Protocol, TypeVar

    T = TypeVar("T")
    Direction = Literal["readable", "writable"]

    class Waiter(Protocol):
        """Somebody who waits to be woken, once. Whoever is cancelled while waiting wakes up by that."""

        def __await__(self) -> Any: ...
        def done(self) -> bool: ...
        def set_result(self, result: None, /) -> None: ...

    class Task(Protocol):
        """Something that runs beside us."""

        def cancel(self) -> object: ...
        async def wait(self) -> None: ...

    class Loop(Protocol):
        """What every kind of loop does. Only `call_from_thread` may be called on another thread."""

        @property
        def is_strict(self) -> bool:
            """Whether every call lets others have their turn."""

        @property
        def token(self) -> object:
            """What here() gives in this loop."""

        def here(self) -> object:
            """What stands for the loop that the caller runs in."""

        def is_here(self) -> bool:
            """Whether the caller runs in this loop."""

        def is_over(self) -> bool:
            """Whether nobody can be woken any more."""

        def waiter(self) -> Waiter:
            """Somebody to be woken."""

        def watch(self, fileno: int, direction: Direction, callback: Callable[[], None]) -> Callable[[], None]:
            """Calls back again and again while the descriptor is ready. Returns what ends it, which is to be called
            before the descriptor is closed."""

        def closing(self, fileno: int) -> None:
            """The descriptor is about to be closed, and nobody watches it any more."""

        def call_later(self, seconds: float, callback: Callable[[], None]) -> Callable[[], object]:
            """Calls back then, unless what is returned is called before."""

        def call_from_thread(self, callback: Callable[[], None]) -> bool:
            """Calls back on the loop's thread; whether it still runs."""

        async def pause(self) -> None:
            """Lets others have their turn."""

        async def sleep(self, seconds: float) -> None: ...
        async def within(self, seconds: float | None, call: Callable[[], Awaitable[T]]) -> T:
            """What the call returns, TimeoutError when the time is up."""

        async def in_thread(self, call: Callable[[], T]) -> T:
            """What a call returns that may block. Whoever is cancelled does not wait for it."""

        async def look_up(self, host: str, port: int) -> list[tuple[int, Any]]:
            """The families and addresses of a host."""

        def spawn(self, run: Callable[[], Coroutine[Any, Any, None]]) -> Task: ...


def current() -> Loop:
    """The loop that the caller runs in; StateError outside of any."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        from rustchat.aio._trio import current_loop

        return current_loop()
    try:
        return _Asyncio(asyncio.get_running_loop())
    except RuntimeError:
        raise StateError("no event loop runs here: rustchat.aio is for async functions, on asyncio or trio") from None


def elsewhere(what: str) -> StateError:
    """What to say to who uses an object in another loop than its own."""
    return StateError(f"{what} belongs to another event loop, in which it was made: one loop for each object")


def logger() -> logging.Logger:
    """Where all that the library has to say goes."""
    return logging.getLogger("rustchat")


def failed(what: str) -> None:
    """Logs the exception at hand with its traceback, which came out of somebody's function."""
    logger().exception("%s raised an exception", what)


class _Asyncio:
    __slots__ = ("_loop", "here", "token", "waiter")
    is_strict = False

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.token: object = loop
        self.here: Callable[[], object] = asyncio._get_running_loop
        self.waiter: Callable[[], Waiter] = loop.create_future

    def is_here(self) -> bool:
        return asyncio._get_running_loop() is self._loop

    def is_over(self) -> bool:
        return self._loop.is_closed()

    def watch(self, fileno: int, direction: Direction, callback: Callable[[], None]) -> Callable[[], None]:
        loop = self._loop
        is_read = direction == "readable"
        (loop.add_reader if is_read else loop.add_writer)(fileno, callback)

        def end() -> None:
            # A closed loop watches nothing.
            if not loop.is_closed():
                (loop.remove_reader if is_read else loop.remove_writer)(fileno)

        return end

    def closing(self, fileno: int) -> None:
        pass

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Callable[[], object]:
        return self._loop.call_later(seconds, callback).cancel

    def call_from_thread(self, callback: Callable[[], None]) -> bool:
        try:
            self._loop.call_soon_threadsafe(callback)
        except RuntimeError:
            return False
        return True

    async def pause(self) -> None:
        await asyncio.sleep(0)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def within(self, seconds: float | None, call: Callable[[], Awaitable[T]]) -> T:
        async with asyncio.timeout(seconds):
            return await call()

    async def in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.to_thread(call)

    async def look_up(self, host: str, port: int) -> list[tuple[int, Any]]:
        found = await self._loop.getaddrinfo(host, port, type=standard("socket").SOCK_STREAM)
        return [(family, address) for family, _, _, _, address in found]

    def spawn(self, run: Callable[[], Coroutine[Any, Any, None]]) -> Task:
        return _AsyncioTask(self._loop.create_task(run(), context=contextvars.copy_context()))


class _AsyncioTask:
    def __init__(self, task: asyncio.Task[None]) -> None:
        self._task = task

    def cancel(self) -> object:
        return self._task.cancel()

    async def wait(self) -> None:
        # That it was cancelled is not our being cancelled.
        await asyncio.wait([self._task])
