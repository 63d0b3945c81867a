"""Where connections wait that have nothing to say: one thread and one selector for all of them."""

from __future__ import annotations

import collections
import contextlib
import selectors
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
else:
    from rustchat import socket

__all__ = ["ParkingLot"]

# Seconds between two looks at whose time is over, which take longer the more are parked.
SWEEP = 0.5


class ParkingLot:
    """Watches what is parked, and hands each back once: when it is readable, or when its time is over.

    What is parked has a `request` with a descriptor. `leave(parked, in_time)` is called from the lot's own thread and
    must not wait. That the time is over may be noticed half a second late.
    """

    def __init__(self, leave: Callable[[Any, bool], None]) -> None:
        self._leave = leave
        self._arriving: collections.deque[tuple[Any, float | None]] = collections.deque()
        self._ends: dict[Any, float] = {}
        self._selector = selectors.DefaultSelector()
        self._wakeup, self._waker = socket.socketpair()
        for sock in (self._wakeup, self._waker):
            sock.setblocking(False)
        self._selector.register(self._wakeup, selectors.EVENT_READ)
        self._swept = 0.0
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="rustchat-parking", daemon=True)
        self._thread.start()

    def park(self, parked: Any, timeout: float | None) -> None:
        """Take something in, for at most `timeout` seconds. From any thread; never waits."""
        quiet = not self._arriving
        self._arriving.append((parked, None if timeout is None else time.monotonic() + timeout))
        if quiet:
            self._wake()

    def close(self) -> None:
        """End the thread; what is parked stays with whoever parked it. May be repeated."""
        if not self._closed:
            self._closed = True
            self._wake()
            self._thread.join()
            self._selector.close()
            self._wakeup.close()
            self._waker.close()

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._waker.send(b"\0")

    def _run(self) -> None:
        while not self._closed:
            for key, _ in self._selector.select(self._patience()):
                if key.fileobj is self._wakeup:
                    self._wakeup.recv(4096)
                else:
                    self._hand_back(key.data, True)
            self._take_in()
            self._expire()

    def _take_in(self) -> None:
        while self._arriving:
            parked, end = self._arriving.popleft()
            try:
                self._selector.register(parked.request, selectors.EVENT_READ, parked)
            except (OSError, ValueError, KeyError):
                self._leave(parked, True)  # it is closed, which its reader will notice
                continue
            if end is not None:
                self._ends[parked] = end

    def _hand_back(self, parked: Any, in_time: bool) -> None:
        self._ends.pop(parked, None)
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(parked.request)
        self._leave(parked, in_time)

    def _patience(self) -> float | None:
        return SWEEP if self._ends else None

    def _expire(self) -> None:
        now = time.monotonic()
        if now < self._swept + SWEEP:
            return
        self._swept = now
        for parked in [parked for parked, end in self._ends.items() if end <= now]:
            self._hand_back(parked, False)
