"""The keys of a terminal that is not always being read, and what is pasted there."""

from __future__ import annotations

import contextlib
import os
import sys
import termios
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple

from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.utils import get_bell_environment_variable, is_dumb_terminal

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


class Display(Vt100_Output):
    """Standard output, which is a terminal, for an editor.

    The editor would have the terminal put no brackets around what is pasted while a message is printed, and each line
    of a paste of that moment would be a line that somebody has ended.
    """

    _puts_brackets = False

    @classmethod
    def open(cls) -> Display:
        opened = cls.from_pty(
            sys.stdout, os.environ.get("TERM"), ColorDepth.from_env(), enable_bell=get_bell_environment_variable()
        )
        assert isinstance(opened, cls)
        return opened

    def enable_bracketed_paste(self) -> None:
        if not self._puts_brackets:
            self._puts_brackets = True
            super().enable_bracketed_paste()

    def disable_bracketed_paste(self) -> None:
        """Not before `close`."""

    def close(self) -> None:
        """Have the terminal paste as it did before."""
        if self._puts_brackets:
            super().disable_bracketed_paste()
            self.flush()


class Place(NamedTuple):
    """Where an editor reads and shows: `input` and `output` of a `PromptSession`."""

    input: Keyboard
    output: Display | None


@contextlib.contextmanager
def kept_for_editor() -> Iterator[Place]:
    """A place where keys wait unseen between two lines; the terminal is as it was afterwards.

    Ctrl-C is a signal then: what a line has begun may take long.
    """
    keyboard = Keyboard()
    number = keyboard.fileno()
    before = termios.tcgetattr(number)
    quiet = termios.tcgetattr(number)
    quiet[LOCAL_MODES] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(number, termios.TCSANOW, quiet)
    try:
        with shown() as display:
            yield Place(keyboard, display)
    finally:
        termios.tcsetattr(number, termios.TCSANOW, before)


@contextlib.contextmanager
def shown() -> Iterator[Display | None]:
    """Where an editor shows what is typed; None where no terminal puts brackets, and it knows best."""
    if is_dumb_terminal() or not sys.stdout.isatty():
        yield None
        return
    display = Display.open()
    try:
        yield display
    finally:
        display.close()
