"""Putting rustchat's modules in the place of the standard ones, and back."""

from __future__ import annotations

import contextlib
import importlib
import logging
import sys
import threading
from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

__all__ = ["install", "uninstall"]

LOG = logging.getLogger("rustchat.install")

NAMES = ("socket", "socketserver")

# ssl wraps a descriptor with the interpreter's own socket class, which its C part insists on, and takes over any socket
# object by detach(): it stays on the standard module, and so do the standard modules themselves where they know
# themselves and each other.
KEPT = ("socket", "ssl", "_ssl", "_socket")

_lock = threading.RLock()
_modules: dict[str, ModuleType] = {}
_replaced: list[tuple[dict[str, Any], str, object, object]] = []
_present: set[str] = set()


def install() -> list[str]:
    """Make `import socket` and `import socketserver` mean rustchat's from now on, everywhere in this process.

    Modules that were imported before get rustchat's modules, classes and functions where they hold the standard ones
    by name. What cannot be changed any more goes on with the standard module: subclasses of its socket class, defaults
    of arguments, objects that exist. Returns the names of these places (the interpreter's own excepted), and
    writes them to the log as warnings. So it is best called first in the program; `python -m rustchat run` does.

    May be repeated: then it looks at modules that came since. A child process by spawn begins with the standard
    modules, one by fork has rustchat's.
    """
    with _lock:
        with contextlib.suppress(ImportError):
            import ssl  # noqa: F401  (before the swap, see KEPT)
        pairs = [(standard(name), importlib.import_module(f"rustchat.{name}")) for name in NAMES]
        new = Replacements(pairs)
        if not _replaced:
            _present.update(sys.modules)
        for theirs, ours in pairs:
            _set(sys.modules, theirs.__name__, ours)
        for module in others():
            _replace(module, new)
        _teach_pickling()
        left = sorted(set(leftovers(new)))
        for place in left:
            LOG.warning("%s stays with the standard module; call rustchat.install() before it is imported", place)
        return left


def uninstall() -> None:
    """Undo install(): the standard modules are back, also in standard modules that were imported in between.

    Sockets and servers that exist go on; so do modules of others' that were imported in between, with what they have.
    Nothing if install() was not called.
    """
    with _lock:
        if not _replaced:
            return
        back = Replacements([(importlib.import_module(f"rustchat.{name}"), _modules[name]) for name in NAMES])
        for namespace, name, theirs, ours in reversed(_replaced):
            if namespace.get(name) is ours:
                namespace[name] = theirs
        _replaced.clear()
        for module in others():
            if module.__name__ not in _present and module.__name__.partition(".")[0] in sys.stdlib_module_names:
                _replace(module, back)
        _replaced.clear()
        _present.clear()
        _teach_pickling()


def standard(name: str) -> ModuleType:
    """The interpreter's own module, whatever is in its place."""
    if name not in _modules:
        _modules[name] = importlib.import_module(name)
    return _modules[name]


class Replacements:
    """What stands for what, found by identity: modules, their classes and their functions."""

    def __init__(self, pairs: list[tuple[ModuleType, ModuleType]]) -> None:
        self._by_id: dict[int, tuple[object, object]] = {}
        for old, new in pairs:
            self._add(old, new)
            for name, value in vars(old).items():
                if isinstance(value, (type, FunctionType, BuiltinFunctionType)):
                    self._add(value, getattr(new, name, value))

    def _add(self, old: object, new: object) -> None:
        if old is not new:
            self._by_id[id(old)] = (old, new)

    def __contains__(self, value: object) -> bool:
        return id(value) in self._by_id

    def __getitem__(self, value: object) -> object:
        return self._by_id[id(value)][1]


def others() -> Iterator[ModuleType]:
    """Every module whose names may be changed."""
    for name, module in list(sys.modules.items()):
        ours = name == "rustchat" or name.startswith("rustchat.")
        if isinstance(module, ModuleType) and name not in KEPT and name not in NAMES and not ours:
            yield module
    # Its classes are the bases of http.server's and others' which may be imported already.
    yield _modules["socketserver"]


def _set(namespace: dict[str, Any], name: str, value: object) -> None:
    if namespace.get(name) is not value:
        _replaced.append((namespace, name, namespace.get(name), value))
        namespace[name] = value


def _replace(module: ModuleType, new: Replacements) -> None:
    namespace = vars(module)
    for name, value in list(namespace.items()):
        if value in new and getattr(value, "__module__", None) != module.__name__:
            _set(namespace, name, new[value])


def _teach_pickling() -> None:
    """Let multiprocessing send sockets of both kinds: it knows the one that was in place when it was imported."""
    reduction: Any = sys.modules.get("multiprocessing.reduction")
    if reduction is not None:
        for module in (standard("socket"), importlib.import_module("rustchat.socket")):
            reduction.register(module.socket, reduction._reduce_socket)


def leftovers(new: Replacements) -> Iterator[str]:
    """Places that hold what cannot be replaced there."""
    for module in others():
        if module.__name__.partition(".")[0] in sys.stdlib_module_names:
            continue
        for name, value in list(vars(module).items()):
            # By type() alone: a lazy object would do what it puts off when it is asked for its class.
            if issubclass(type(value), type) and value.__module__ == module.__name__:
                yield from (f"{module.__name__}.{name}{rest}" for rest in held_by_class(value, new))
            elif type(value) is FunctionType and value.__module__ == module.__name__ and holds_default(value, new):
                yield f"{module.__name__}.{name}()"


def held_by_class(value: type, new: Replacements) -> Iterator[str]:
    """What a class holds: "" for its bases, ".name" for its attributes and methods."""
    if any(base in new and base.__module__ == "socket" for base in value.__mro__[1:]):
        yield ""
    for name, held in list(vars(value).items()):
        if held in new:
            yield f".{name}"
        elif type(held) is FunctionType and holds_default(held, new):
            yield f".{name}()"


def holds_default(function: FunctionType, new: Replacements) -> bool:
    """Whether a default of an argument is something standard."""
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    return any(default in new for default in defaults)
