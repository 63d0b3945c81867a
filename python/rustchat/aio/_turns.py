"""Waiting for what comes, and for room for what goes: who came first is served first, and nothing is lost on the
way."""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")
D = TypeVar("D")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rustchat.aio._readiness import Loop, Waiter

LOW_WATER = 16 * 1024
"""Who waits for room waits until so many bytes are left. That they wait begins at 64 KiB, which is the core's mark."""

_SLICE = 0.001
"""For so many seconds an object answers at once before others have their turn, if that is before the loop's `burst`."""


class _Turns:
    """Those who wait. Only the first of them is ever woken, unless it is the end."""

    __slots__ = ("_began", "_count", "_loop", "_owner", "_waiters", "end")

    def __init__(self, loop: Loop, owner: Callable[[], str]) -> None:
        self._loop, self._owner = loop, owner
        self._waiters: deque[Waiter] = deque()
        self._count, self._began = 0, 0.0
        self.end: Callable[[], BaseException] | None = None
        """Makes the exception for everybody who comes, once there is nothing more to wait for."""

    def _check(self) -> bool:
        """Whether it is others' turn; StateError in another loop."""
        loop = self._loop
        if not loop.is_here():
            from rustchat.aio._readiness import elsewhere

            raise elsewhere(self._owner())
        self._count += 1
        if self._count == 1:
            self._began = monotonic()
        return self._count > loop.burst or (self._count & 7 == 0 and monotonic() - self._began > _SLICE)

    async def _pause(self) -> None:
        self._count = 0
        await self._loop.pause()

    async def _stand(self, waiter: Waiter) -> None:
        """Waits to be woken, in the queue. It is out of it then, and nobody else was woken meanwhile."""
        self._count = 0
        try:
            await waiter
        except BaseException:
            self._remove(waiter)
            # If it was woken, that is for the next one.
            self._wake()
            raise
        self._remove(waiter)

    def _remove(self, waiter: Waiter) -> None:
        if self._waiters and self._waiters[0] is waiter:
            self._waiters.popleft()
        else:
            self._waiters.remove(waiter)

    def _wake(self) -> None:
        if self._waiters and not self._waiters[0].done():
            self._waiters[0].set_result(None)

    def _wake_all(self, waiters: Iterable[Waiter]) -> None:
        if not self._loop.is_over():
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)


class Source(_Turns, Generic[T]):
    """What comes by a descriptor, one after the other.

    `take` gives the next one, or None where there is none yet. What was taken for somebody who has gone meanwhile
    stays in hand for the next one: whoever is cancelled has taken nothing."""

    __slots__ = ("_error", "_fileno", "_hand", "_take", "_unwatch")

    def __init__(self, loop: Loop, owner: Callable[[], str], fileno: int, take: Callable[[], T | None]) -> None:
        super().__init__(loop, owner)
        self._fileno, self._take = fileno, take
        self._hand: T | None = None
        self._error: BaseException | None = None
        self._unwatch: Callable[[], None] | None = None

    async def get(self) -> T:
        """Waits for the next one. Raises what `take` raises."""
        if self._check():
            await self._pause()
        if not self._waiters:
            item = self._now()
            if item is not None:
                return item
        waiter = self._loop.waiter()
        self._waiters.append(waiter)
        while True:
            # Left as it is as long as somebody waits: a loop that receives never changes what is watched.
            if self._unwatch is None:
                self._unwatch = self._loop.watch(self._fileno, "readable", self._ready)
            await self._stand(waiter)
            try:
                item = self._now()
            except BaseException:
                self._wake()
                raise
            if item is not None:
                # More may have come with it, which the descriptor does not tell of.
                self._wake()
                return item
            waiter = self._loop.waiter()
            self._waiters.appendleft(waiter)

    def _now(self) -> T | None:
        if self._hand is not None:
            item, self._hand = self._hand, None
            return item
        if self.end is not None:
            raise self.end()
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        return self._take()

    def _ready(self) -> None:
        if not self._waiters:
            return self._rest()
        if self._hand is None:
            try:
                self._hand = self._take()
            except BaseException as error:
                self._error = error
                # It would be told again and again.
                self._rest()
            else:
                if self._hand is None:
                    return
        self._wake()

    def _rest(self) -> None:
        if self._unwatch is not None:
            unwatch, self._unwatch = self._unwatch, None
            unwatch()

    def close(self, end: Callable[[], BaseException]) -> T | None:
        """Nothing comes any more; gives back what is in hand. The descriptor may be closed then."""
        self._rest()
        self.end = end
        hand, self._hand = self._hand, None
        self._wake_all(self._waiters)
        return hand


class Sink(_Turns, Generic[D]):
    """What goes by a descriptor, each whole or not at all.

    `offer` takes something and returns how many bytes of all are left to be sent, None where it has not taken it;
    `flush` sends what the system takes, and returns how many are left."""

    __slots__ = ("_drainers", "_fileno", "_flush", "_offer", "_unwatch")

    def __init__(
        self,
        loop: Loop,
        owner: Callable[[], str],
        fileno: int,
        offer: Callable[[D], int | None],
        flush: Callable[[], int],
    ) -> None:
        super().__init__(loop, owner)
        self._fileno, self._offer, self._flush = fileno, offer, flush
        self._drainers: set[Waiter] = set()
        self._unwatch: Callable[[], None] | None = None

    async def put(self, item: D) -> None:
        """Hands one over, waiting while too much is left of those before it. Raises what `offer` raises.

        Whoever is cancelled has handed nothing over.
        """
        if self._check():
            await self._pause()
        if not self._waiters:
            left = self._try(item)
            if left is not None:
                if left and self._unwatch is None:
                    self._watch()
                return
        waiter = self._loop.waiter()
        self._waiters.append(waiter)
        while True:
            self._watch()
            await self._stand(waiter)
            try:
                left = self._try(item)
            except BaseException:
                self._wake()
                raise
            if left is not None:
                if left:
                    self._watch()
                self._wake()
                return
            waiter = self._loop.waiter()
            self._waiters.appendleft(waiter)

    def _try(self, item: D) -> int | None:
        if self.end is not None:
            raise self.end()
        return self._offer(item)

    def _watch(self) -> None:
        if self._unwatch is None:
            self._unwatch = self._loop.watch(self._fileno, "writable", self._ready)

    def _ready(self) -> None:
        try:
            left = self._flush()
        except Exception as error:
            return self._fail(error)
        if left == 0:
            self._rest()
            self._wake_all(self._drainers)
        if left <= LOW_WATER:
            self._wake()

    def _fail(self, error: Exception) -> None:
        self._rest()
        self.end = lambda: error
        self._wake_all(self._waiters)
        self._wake_all(self._drainers)

    async def drain(self) -> None:
        """Waits until the system has all that was handed over. Raises what `flush` raises."""
        if not self._loop.is_here():
            self._check()
        while self.end is None and self._flush():
            self._watch()
            waiter = self._loop.waiter()
            self._drainers.add(waiter)
            try:
                await waiter
            finally:
                self._drainers.discard(waiter)
        if self.end is not None:
            raise self.end()

    def _rest(self) -> None:
        if self._unwatch is not None:
            unwatch, self._unwatch = self._unwatch, None
            unwatch()

    def close(self, end: Callable[[], BaseException]) -> None:
        """Nothing goes any more. The descriptor may be closed then."""
        self._rest()
        if self.end is None:
            self.end = end
        self._wake_all(self._waiters)
        self._wake_all(self._drainers)
