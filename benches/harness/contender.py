"""A program that takes part: how it is built, started and spoken to. Each is declared by a file in `contenders/`."""

import importlib
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.machine import BENCHES, BUILD, REPO, TARGET

PEERS = BENCHES / "peers"


class NotBuilt(Exception):
    """Why a contender cannot take part here."""


@dataclass
class Contender:
    name: str
    # Which scenes it is for: "chat" or "echo".
    role: str
    # The server's command; it prints "listening on HOST:PORT". Options are what a scene asks for, such as workers=2.
    serve: Callable[..., list]
    # For an echo: the client's command without HOST PORT SIZE SECONDS.
    call: list = field(default_factory=list)
    # Brings it into being, or raises NotBuilt.
    build: Callable[[], None] = lambda: None
    # How the load generator speaks with it.
    format: str = "stamp2"
    # The peer without features that the others are compared with, and whose repeats show how quiet the machine is.
    floor: bool = False
    # More members than this it was not made for.
    max_members: int = 1_000_000


def all_contenders():
    """Every contender of every file in `contenders/`, by name."""
    import contenders

    found = {}
    for module in sorted(pkgutil.iter_modules(contenders.__path__), key=lambda module: module.name):
        for contender in importlib.import_module(f"contenders.{module.name}").CONTENDERS:
            found[contender.name] = contender
    return found


def compile_c(source, *flags):
    """Compiles one C file of `peers/` if it is newer than its program; returns the program."""
    source = PEERS / source
    program = BUILD / source.stem
    if not source.exists():
        raise NotBuilt(f"{source.relative_to(REPO)} does not exist")
    if program.exists() and program.stat().st_mtime > source.stat().st_mtime and not flags:
        return program
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NotBuilt("there is no C compiler")
    BUILD.mkdir(parents=True, exist_ok=True)
    run([compiler, "-O2", "-g", "-o", program, source, *flags])
    return program


def cargo(*words):
    """Builds something with cargo, in release mode."""
    run(["cargo", "build", "--release", "--quiet", *words], cwd=REPO)


def example(name):
    """The program of a Rust example of this repository."""
    return TARGET / "release" / "examples" / name


def python(script, *words):
    """The command for a Python peer."""
    return [sys.executable, PEERS / script, *words]


def need_module(name):
    """Raises NotBuilt unless this Python can import a module."""
    done = subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True, text=True)
    if done.returncode != 0:
        raise NotBuilt(f"this Python has no module {name}")


def need_file(path: Path):
    """Raises NotBuilt unless a file of the repository is there."""
    if not path.exists():
        raise NotBuilt(f"{path.relative_to(REPO) if path.is_relative_to(REPO) else path} does not exist")


def run(words, cwd=None):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, cwd=cwd)
    if done.returncode != 0:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-12:])
        raise NotBuilt(f"{Path(str(words[0])).name} failed: {last}")
