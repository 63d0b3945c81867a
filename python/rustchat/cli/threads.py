"""Threads of a command beside its main one."""

from __future__ import annotations

import signal
from collections.abc import Callable


def deaf(body: Callable[[], None]) -> Callable[[], None]:
    """The same for a thread that gets no signals: those are for the main thread, which they wake."""

    def run() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        body()

    return run
