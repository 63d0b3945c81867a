"""Colours on a terminal that has them."""

from __future__ import annotations

import os
import sys
import zlib

RESET = "\x1b[0m"
DIM = "\x1b[2m"
RED = "\x1b[31m"

# Of names: bold, and neither red, which is trouble's, nor black or white, one of which is the ground.
NAMES = tuple(f"\x1b[1;{number}m" for number in (32, 33, 34, 35, 36))


class Plain:
    """Leaves everything as it is."""

    def name(self, text: str) -> str:
        """Who speaks."""
        return text

    def stamp(self, text: str) -> str:
        """When it was said."""
        return text

    def notice(self, text: str) -> str:
        """What nobody has said."""
        return text

    def trouble(self, text: str) -> str:
        """What did not work."""
        return text


class Paint(Plain):
    """Paints: what is said stands out, and everybody has a colour that stays."""

    def name(self, text: str) -> str:
        return NAMES[zlib.crc32(text.encode(errors="replace")) % len(NAMES)] + text + RESET

    def stamp(self, text: str) -> str:
        return DIM + text + RESET

    def notice(self, text: str) -> str:
        return DIM + text + RESET

    def trouble(self, text: str) -> str:
        return RED + text + RESET


PLAIN = Plain()


def is_colourful() -> bool:
    """Whether standard output is a terminal with colours whose user has not said that they are unwanted."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("", "dumb") and not os.environ.get("NO_COLOR")
