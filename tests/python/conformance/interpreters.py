"""The interpreters there are: everything from 3.11 on, one of each version."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Interpreter", "find"]

OLDEST = (3, 11)

ASK = "import sys; print(sys.implementation.name, *sys.version_info[:3], bool(getattr(sys, '_is_gil_enabled', int)()))"


@dataclass(frozen=True, order=True)
class Interpreter:
    """A Python that can be examined."""

    version: tuple[int, int, int]
    path: Path

    @property
    def short(self) -> str:
        """Major and minor version."""
        return "{}.{}".format(*self.version)

    @property
    def full(self) -> str:
        """The version, whole."""
        return "{}.{}.{}".format(*self.version)


def find() -> list[Interpreter]:
    """One interpreter of each minor version that has the package `test`: this one, pyenv's, those of the PATH."""
    found: dict[tuple[int, int], Interpreter] = {}
    for path in _candidates():
        interpreter = _examine(path)
        if interpreter is not None:
            found.setdefault(interpreter.version[:2], interpreter)
    return sorted(found.values())


def _candidates() -> list[Path]:
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    names = [f"python3.{minor}" for minor in range(OLDEST[1], OLDEST[1] + 20)]
    on_path = [Path(found) for found in map(shutil.which, names) if found]
    base = getattr(sys, "_base_executable", None) or sys.executable
    versions = [path for path in root.glob("versions/*/bin/python") if re.match(r"3\.", path.parts[-3])]
    return [Path(base), *sorted(versions, reverse=True), *on_path]


def _examine(path: Path) -> Interpreter | None:
    try:
        answer = subprocess.run([path, "-c", f"import test.support; {ASK}"], capture_output=True, text=True, timeout=60)
    except OSError:
        return None
    name, *numbers = answer.stdout.split() or [""]
    if name != "cpython" or len(numbers) != 4:
        return None
    major, minor, micro = map(int, numbers[:3])
    return Interpreter((major, minor, micro), path) if (major, minor) >= OLDEST else None
