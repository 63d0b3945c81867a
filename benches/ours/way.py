"""Where the loops of the peers are, and the words in front of `serve` and `call`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "peers"))

import dialogue
import loops

__all__ = ["KEY", "dialogue", "loops", "options"]

KEY = b"a key for the benchmark, 32 byte"


def options(*known):
    """Whether each word was given; the words that are left."""
    words = sys.argv[1:]
    given = [word in words for word in known]
    return *given, [word for word in words if word not in known]
