"""A program that takes part: how it is built, started and spoken to. Each is declared by a file in `contenders/`."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.against import earlier

# How the load generator speaks with a server of each framing, unless a contender says otherwise.
LINES = {"line": "stamp2"}


@dataclass
class Contender:
    name: str
    # Which scenes it is for: "chat", "echo", "stream", "handshake", "abi".
    role: str
    # The server's command; it prints "listening on HOST:PORT", or is told where by a word with {port}. Options are
    # what a scene asks for, such as workers=2.
    serve: Callable[..., list] = lambda **_: []
    # The client's command without HOST PORT and what the scene adds, where the client is what measures.
    call: list = field(default_factory=list)
    # Brings it into being, or raises NotBuilt.
    build: Callable[[], None] = lambda: None
    # Which framings it knows, and how the load generator speaks each of them.
    formats: dict = field(default_factory=lambda: LINES)
    # Further options of the load generator.
    load: dict = field(default_factory=dict)
    # The peer without features that the others are compared with, and whose repeats show how quiet the machine is.
    floor: bool = False
    # One of rustchat's.
    ours: bool = False
    # Whether its place is clear: two repeats are enough.
    casual: bool = False
    # More members than this it was not made for.
    max_members: int = 1_000_000


def all_contenders(checkout=None):
    """Every contender of every file in `contenders/`, by role and name; rustchat's once more as `checkout` has them."""
    import contenders

    found = {}
    for module in sorted(pkgutil.iter_modules(contenders.__path__), key=lambda module: module.name):
        for contender in importlib.import_module(f"contenders.{module.name}").CONTENDERS:
            found[contender.role, contender.name] = contender
    if checkout:
        found |= {(one.role, one.name): one for one in earlier(list(found.values()), checkout)}
    return found
