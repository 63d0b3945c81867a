"""The keys of a terminal that is not always being read."""

from __future__ import annotations

import contextlib
import sys
import termios
from collections.abc import Iterator
from contextlib import AbstractContextManager

from prompt_toolkit.input.vt100 import Vt100Input

LOCAL_MODES = 3


class Keyboard(Vt100Input):
    """Standard input, which is a terminal, for an editor.

    The editor would give the terminal back while a message is printed, and the system would show the keys of that
    moment in the middle of it.
    """

    def __init__(self) -> None:
        super().__init__(sys.stdin)

    def cooked_mode(self) -> AbstractContextManager[None]:
        return contextlib.nullcontext()


@contextlib.contextmanager
def kept_for_editor() -> Iterator[Keyboard]:
    """A keyboard whose keys wait unseen between two lines; the terminal is as it was afterwards.

    Ctrl-C is a signal then: what a line has begun may take long.
    """
    keyboard = Keyboard()
    number = keyboard.fileno()
    before = termios.tcgetattr(number)
    quiet = termios.tcgetattr(number)
    quiet[LOCAL_MODES] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(number, termios.TCSANOW, quiet)
    try:
        yield keyboard
    finally:
        termios.tcsetattr(number, termios.TCSANOW, before)
