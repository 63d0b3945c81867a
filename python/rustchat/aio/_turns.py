"""Waiting for what comes, and for room for what goes: who came first is served first, and nothing is lost on the
way."""

from __future__ import annotations

from time import monotonic
from typing import Generic, TypeVar

from rustchat.aio._readiness import elsewhere

T = TypeVar("T")
D = TypeVar("D")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rustchat.aio._readiness import Direction, Loop, Waiter

LOW_WATER = 16 * 1024
"""Who waits for room waits until so many bytes are left. That they wait begins at 64 KiB, which is the core's mark."""

_SLICE = 0.001
"""For so many seconds an object answers at once, or 64 times, before others have their turn. On trio every
call is a checkpoint."""


class _Turns:
    """Those who wait. Only the first of them is ever woken, unless it is the end."""

    __slots__ = ("_began", "_count", "_here", "_loop", "_owner", "_token", "_waiters", "end")

    def __init__(self, loop: Loop, owner: Callable[[], str]) -> None:
        self._loop, self._owner = loop, owner
        # Asked with every call: whether it is ours.
        self._here, self._token = loop.here, loop.token
        # There are few, mostly one, and an idle connection has none: a list costs it the least.
        self._waiters: list[Waiter] = []
        self._count, self._began = 0, 0.0
        self.end: Callable[[], BaseException] | None = None
        """Makes the exception for everybody who comes, once there is nothing more to wait for."""

    def _check(self) -> None:
        """StateError in another loop."""
        if self._here() is not self._token:
            raise elsewhere(self._owner())

    def _is_long(self) -> bool:
        """Whether it is others' turn, asked with every eighth call that is answered at once."""
        now = monotonic()
        if self._count == 8:
            self._began = now
        return self._count >= 64 or now - self._began > _SLICE

    async def _pause(self) -> None:
        self._count = 0
        await self._loop.pause()

    def _gone(self, waiter: Waiter) -> None:
        """It was cancelled; if it was woken, that is for the next one."""
        self._waiters.remove(waiter)
        self._wake()

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

    __slots__ = ("_buffered", "_error", "_fileno", "_hand", "_take", "_unwatch", "asked")

    def __init__(
        self,
        loop: Loop,
        owner: Callable[[], str],
        fileno: int,
        take: Callable[[], T | None],
        buffered: Callable[[], T | None] | None = None,
    ) -> None:
        super().__init__(loop, owner)
        # Of what has come already, without asking the system for more.
        self._buffered = buffered or take
        self.asked = False
        """Something was sent since the last one came: an answer is waited for, which cannot be there yet."""
        self._fileno, self._take = fileno, take
        self._hand: T | None = None
        self._error: BaseException | None = None
        self._unwatch: Callable[[], None] | None = None

    async def get(self) -> T:
        """Waits for the next one. Raises what `take` raises."""
        if self._here() is not self._token:
            self._check()
        self._count += 1
        if (self._count & 7 == 0 and self._is_long()) or self._loop.is_strict:
            await self._pause()
        waiters = self._waiters
        if not waiters:
            # The loop tells of the answer in any case.
            item = self._now(self._buffered if self.asked and self._unwatch is not None else self._take)
            if item is not None:
                self.asked = False
                return item
        waiter = self._loop.waiter()
        waiters.append(waiter)
        while True:
            # Left as it is as long as somebody waits: a loop that receives never changes what is watched.
            if self._unwatch is None:
                self._unwatch = self._loop.watch(self._fileno, "readable", self._ready)
            self._count = 0
            try:
                await waiter
            except BaseException:
                self._gone(waiter)
                raise
            waiters.remove(waiter)
            try:
                item = self._now(self._take)
            except BaseException:
                self._wake()
                raise
            if item is not None:
                self.asked = False
                if waiters:
                    # More may have come with it, which the descriptor does not tell of.
                    self._wake()
                return item
            waiter = self._loop.waiter()
            waiters.insert(0, waiter)

    def _now(self, take: Callable[[], T | None]) -> T | None:
        if self._hand is not None:
            item, self._hand = self._hand, None
            return item
        if self.end is not None:
            raise self.end()
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        return take()

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

    def put_back(self, item: T) -> None:
        """Has the next who comes get this one. For who has got it as the first of all."""
        self._hand = item

    def close(self, end: Callable[[], BaseException]) -> T | None:
        """Nothing comes any more; gives back what is in hand. The descriptor may be closed then."""
        self._rest()
        self.end = end
        hand, self._hand = self._hand, None
        self._wake_all(self._waiters)
        return hand


class Gate:
    """Those who were turned away for a moment, and wait for a descriptor to tell that it is worth to come again. What
    is tried again says itself whether it is: all of them come, in the order in which they began to wait."""

    __slots__ = ("_fileno", "_loop", "_unwatch", "_waiters")

    def __init__(self, loop: Loop, fileno: int) -> None:
        self._loop, self._fileno = loop, fileno
        self._waiters: list[Waiter] = []
        self._unwatch: Callable[[], None] | None = None

    async def wait(self, seconds: float) -> None:
        """Waits for that, or for so many seconds. Not once it is closed."""
        waiter = self._loop.waiter()
        call_off = self._loop.call_later(seconds, lambda: _wake(waiter))
        self._waiters.append(waiter)
        if self._unwatch is None:
            self._unwatch = self._loop.watch(self._fileno, "readable", self._open)
        try:
            await waiter
        finally:
            call_off()
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            if not self._waiters:
                self._rest()

    def _open(self) -> None:
        self._rest()
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            _wake(waiter)

    def _rest(self) -> None:
        if self._unwatch is not None:
            unwatch, self._unwatch = self._unwatch, None
            unwatch()

    def close(self) -> None:
        """Everybody comes again. The descriptor may be closed then."""
        if self._loop.is_over():
            self._rest()
        else:
            self._open()


def _wake(waiter: Waiter) -> None:
    if not waiter.done():
        waiter.set_result(None)


class Sink(_Turns, Generic[D]):
    """What goes by a descriptor, each whole or not at all.

    `offer` takes something and returns how many bytes of all are left to be sent, None where it has not taken it;
    `flush` sends what the system takes, and returns how many are left. `direction` is what the descriptor becomes when
    it is time for that."""

    __slots__ = ("_direction", "_drainers", "_fileno", "_flush", "_offer", "_unwatch")

    def __init__(
        self,
        loop: Loop,
        owner: Callable[[], str],
        fileno: int,
        offer: Callable[[D], int | None],
        flush: Callable[[], int],
        direction: Direction = "writable",
    ) -> None:
        super().__init__(loop, owner)
        self._fileno, self._offer, self._flush, self._direction = fileno, offer, flush, direction
        self._drainers: list[Waiter] = []
        self._unwatch: Callable[[], None] | None = None

    async def put(self, item: D) -> None:
        """Hands one over, waiting while too much is left of those before it. Raises what `offer` raises.

        Whoever is cancelled has handed nothing over.
        """
        if self._here() is not self._token:
            self._check()
        self._count += 1
        if (self._count & 7 == 0 and self._is_long()) or self._loop.is_strict:
            await self._pause()
        waiters = self._waiters
        if not waiters:
            left = self._try(item)
            if left is not None:
                if left and self._unwatch is None:
                    self._watch()
                return
        waiter = self._loop.waiter()
        waiters.append(waiter)
        while True:
            self._watch()
            self._count = 0
            try:
                await waiter
            except BaseException:
                self._gone(waiter)
                raise
            waiters.remove(waiter)
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
            waiters.insert(0, waiter)

    def _try(self, item: D) -> int | None:
        if self.end is not None:
            raise self.end()
        return self._offer(item)

    def _watch(self) -> None:
        if self._unwatch is None:
            self._unwatch = self._loop.watch(self._fileno, self._direction, self._ready)

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
        self._check()
        while self.end is None and self._flush():
            self._watch()
            waiter = self._loop.waiter()
            self._drainers.append(waiter)
            try:
                await waiter
            finally:
                self._drainers.remove(waiter)
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
