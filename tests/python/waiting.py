"""Waiting for what is to happen, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 10.0


def wait_until(condition: Callable[[], object], patience: float = PATIENCE, pause: float = 0.002) -> None:
    """Return as soon as the condition holds; fail if it never does."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "the condition never came true"
        time.sleep(pause)


def wait_until_it_waits(process: int, thread: int | None = None) -> None:
    """Return when a process, or one of its threads, sleeps in the kernel: see proc(5), `stat`."""
    wait_until(lambda: state_of(Path(f"/proc/{process}/task/{thread or process}")) == "S")


def wait_until_it_is_asleep(process: int, thread: int | None = None) -> None:
    """Return when a process, or one of its threads, waits in the kernel and has not been woken between two looks.

    Of a thread that goes from one short wait to the next, as one that waits for the interpreter, this is not so.
    """
    status = Path(f"/proc/{process}/task/{thread or process}/status")
    before: list[str] = []

    def is_still_asleep() -> bool:
        nonlocal before
        lines = [
            line for line in status.read_text().splitlines() if line.startswith(("State:", "voluntary_", "nonvolun"))
        ]
        same, before = lines == before, lines
        return same and "S (sleeping)" in lines[0]

    wait_until(is_still_asleep, pause=0.005)


def state_of(task: Path) -> str:
    """What a thread does, as proc(5) writes it."""
    return (task / "stat").read_text().rpartition(")")[2].split()[0]


def queued(port: int, state: str) -> int:
    """What waits at the sockets of a port of this machine: see proc(5), `/proc/net/tcp`.

    `ESTABLISHED`: bytes that have come and that nobody has taken. `LISTEN`: connections that nobody has accepted.
    """
    number = {"ESTABLISHED": "01", "LISTEN": "0A"}[state]
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    mine = [row for row in rows if row[1].endswith(f":{port:04X}") and row[3] == number]
    return sum(int(row[4].partition(":")[2], 16) for row in mine)
