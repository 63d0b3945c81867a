"""What a server does on SIGHUP: read again what it was told by files."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence

from rustchat.cli.failure import Failure
from rustchat.cli.systemd import notify, notify_reloading
from rustchat.cli.threads import deaf
from rustchat.errors import Error, StateError

Step = Callable[[], object]


class Reloader:
    """Carries out its steps on a thread of its own, whenever it is asked to: once for all who ask until it begins."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._wanted, self._want = os.pipe()
        os.set_blocking(self._want, False)
        self._thread = threading.Thread(target=deaf(self._run), name="rustchat-reload", daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Have everything read again. For signal handlers, too, one of which may interrupt another: without a lock."""
        # A full pipe asks loudly enough.
        with contextlib.suppress(BlockingIOError):
            os.write(self._want, b"x")

    def close(self) -> None:
        """End, after what was asked for before."""
        os.close(self._want)
        self._thread.join()
        os.close(self._wanted)

    def _run(self) -> None:
        while os.read(self._wanted, 1 << 16):
            notify_reloading()
            self.carry_out()
            notify("READY=1")

    def carry_out(self) -> bool:
        """Take every step, whatever is wrong with another, which is told; whether all went well."""
        well = True
        for step in self._steps:
            try:
                step()
            except StateError:
                # The server has not started, or stops.
                continue
            except (Failure, Error, OSError, ValueError) as error:
                logging.getLogger("rustchat").error("%s; what was read before stays in force", error)
                well = False
        return well


@contextlib.contextmanager
def on_sighup(reloader: Reloader) -> Iterator[None]:
    """Have it asked by SIGHUP, unless that tells of a terminal that has gone: then the program ends as by SIGTERM."""

    def handle(_number: int, _frame: object) -> None:
        if terminal_has_gone():
            raise KeyboardInterrupt
        reloader.ask()

    before = signal.signal(signal.SIGHUP, handle)
    try:
        yield
    finally:
        # One that comes while the program ends must not end it otherwise.
        signal.signal(signal.SIGHUP, signal.SIG_IGN if before in (signal.SIG_DFL, None) else before)
        reloader.close()


def terminal_has_gone() -> bool:
    """Whether standard input was a terminal, and is none any more."""
    try:
        return sys.stdin is not None and WAS_TERMINAL and not os.isatty(sys.stdin.fileno())
    except (OSError, ValueError):
        return True


WAS_TERMINAL = sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()
