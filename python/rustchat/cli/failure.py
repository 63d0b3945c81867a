"""How a command says that it cannot go on."""

from __future__ import annotations

import sys


class Failure(Exception):
    """One line for the user, and the exit code that goes with it."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


def tell(what: object) -> None:
    """Tell the user one line that is no output."""
    print(f"rustchat: {what}", file=sys.stderr, flush=True)
