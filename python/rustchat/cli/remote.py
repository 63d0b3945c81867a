"""Files at a server as the shell names them: HOST:PORT:PATH."""

from __future__ import annotations

import argparse
import re
from typing import NamedTuple

# A name or a number with its port, or the path of a socket, and what is behind it.
PATTERN = re.compile(r"(?P<address>(?:\[[^\]]+\]|[^:/]+):\d+|\.{0,2}/[^:]+):(?P<path>.*)", re.DOTALL)


class Remote(NamedTuple):
    """A path at a server."""

    address: str
    path: str


def remote(text: str) -> Remote:
    """What a word of the command line names, or a complaint that argparse shows."""
    found = PATTERN.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"'{text}' names no file at a server: expected HOST:PORT:PATH")
    return Remote(found["address"], found["path"])
