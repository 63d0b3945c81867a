"""The standard streams as the shell has given them to us, or has not."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable


def complete() -> None:
    """Put /dev/null in the place of standard streams that are closed.

    Otherwise the next descriptor, a connection perhaps, would get the number of one, and what is meant for the
    terminal would be sent to a stranger.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
        if getattr(sys, name) is None:
            # Closed when the interpreter began.
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", closefd=False))


def at_terminal() -> bool:
    """Whether input and output are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def in_foreground() -> bool:
    """Whether the terminal is ours: one that touches it in the background is stopped by job control."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except OSError:
        # Not the terminal of our session: nobody controls jobs on it.
        return True


def flushed(run: Callable[[], int]) -> int:
    """The exit code of `run`, whose output has gone out whole; 1 and no word if nobody reads it any more."""
    try:
        code = run()
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        # There is nobody left to tell.
        discard()
        return 1
    except BaseException:
        leave_nothing()
        raise


def leave_nothing() -> None:
    """Send out what was printed, or forget it: the interpreter would try again at its end, in its own words."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        discard()


def discard() -> None:
    """Let what could not be written go nowhere."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
