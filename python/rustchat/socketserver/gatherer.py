"""What strangers can bring about as often as they like is told once, and then counted."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

__all__ = ["Gatherer"]

# Seconds that are counted before the count is told.
MOMENT = 1.0


class Gatherer:
    """Writes warnings of one kind: the first one at once, then how many there were, each second.

    After a second in which there was none the next one is a first one again. Whoever notes
    something calls collect() from time to time. Any thread may call.
    """

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log, self._clock = log, clock
        self._lock = threading.Lock()
        self._quiet_until = -MOMENT
        self._held = 0
        self._last = ""

    def note(self, warning: str) -> None:
        """Write it, or count it."""
        with self._lock:
            now = self._clock()
            if self._held or now < self._quiet_until:
                self._held += 1
                self._last = warning
                return
            self._quiet_until = now + MOMENT
        self._log.warning("%s", warning)

    def collect(self, at_once: bool = False) -> None:
        """Write how many were held back, if it is time."""
        with self._lock:
            now, held, last = self._clock(), self._held, self._last
            if not held or (now < self._quiet_until and not at_once):
                return
            self._held, self._quiet_until = 0, now + MOMENT
        others = held - 1
        self._log.warning("%s%s", last, f"; and {others} other{'s' * (others > 1)} within a second" if others else "")
