"""Waiting for what is to happen, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 10.0


def wait_until(condition: Callable[[], object], patience: float = PATIENCE) -> None:
    """Return as soon as the condition holds; fail if it never does."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "the condition never came true"
        time.sleep(0.002)


def wait_until_it_waits(process: int, thread: int | None = None) -> None:
    """Return when a process, or one of its threads, sleeps in the kernel: see proc(5), `stat`."""
    wait_until(lambda: state_of(Path(f"/proc/{process}/task/{thread or process}")) == "S")


def state_of(task: Path) -> str:
    """What a thread does, as proc(5) writes it."""
    return (task / "stat").read_text().rpartition(")")[2].split()[0]
