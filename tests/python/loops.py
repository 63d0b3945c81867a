"""The event loops that the tests of rustchat.aio run in, and what they need of each in the same words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
import uvloop
from rustchat import aio
from rustchat.aio._readiness import current
from waiting import PATIENCE

LIKE_ASYNCIO = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def run_in(kind: str, main: Callable[[], Awaitable[Any]], patience: float = PATIENCE) -> Any:
    """Runs `main` in a loop of that kind, with a deadline, and returns what it returns."""
    if kind == "trio":

        async def limited() -> Any:
            with trio.fail_after(patience):
                return await main()

        return trio.run(limited)
    with asyncio.Runner(loop_factory=LIKE_ASYNCIO[kind]) as runner:
        return runner.run(asyncio.wait_for(main(), patience))


@pytest.fixture(params=["asyncio", "uvloop", "trio"])
def run(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """run_in() for each kind."""
    return lambda main, patience=PATIENCE: run_in(request.param, main, patience)


@pytest.fixture(params=["asyncio", "uvloop"])
def run_like_asyncio(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """The same for the kinds with asyncio's face."""
    return lambda main, patience=PATIENCE: run_in(request.param, main, patience)


class Running:
    """A call that runs beside the test."""

    def __init__(self, call: Callable[[], Awaitable[Any]]) -> None:
        self.value: Any = None
        self.error: BaseException | None = None
        self._call, self._began, self.ended = call, False, False
        self._task = current().spawn(self._run)

    async def _run(self) -> None:
        self._began = True
        try:
            self.value = await self._call()
        except BaseException as error:
            self.error = error
            if isinstance(error, (asyncio.CancelledError, trio.Cancelled)):
                raise
        finally:
            self.ended = True

    @property
    def was_cancelled(self) -> bool:
        return not self._began or isinstance(self.error, (asyncio.CancelledError, trio.Cancelled))

    async def settled(self) -> None:
        """Waits for its end."""
        await self._task.wait()

    async def result(self) -> Any:
        await self.settled()
        if self.error is not None:
            raise self.error
        return self.value

    def call_off(self) -> None:
        """Cancels it."""
        self._task.cancel()

    async def cancel(self) -> None:
        """Cancels it and waits for its end."""
        self.call_off()
        await self.settled()


async def pauses(count: int = 3) -> None:
    """Lets all others have so many turns."""
    for _ in range(count):
        await current().pause()


async def until(condition: Callable[[], object]) -> None:
    """Returns when the condition holds; the deadline is the test's."""
    while not condition():
        await current().sleep(0.001)


async def within(seconds: float | None, call: Callable[[], Awaitable[Any]]) -> Any:
    """TimeoutError when the time is up."""
    return await current().within(seconds, call)


class Pair:
    """Two ends of a connection: `async with Pair() as (near, far)`."""

    def __init__(self, **options: Any) -> None:
        self._options = options

    async def __aenter__(self) -> tuple[aio.Connection, aio.Connection]:
        async with aio.listen(("127.0.0.1", 0), **self._options) as listener:
            self.near = await aio.connect(listener.address, **self._options)
            self.far = await listener.accept()
        return self.near, self.far

    async def __aexit__(self, *_: object) -> None:
        self.near.close()
        self.far.close()
