"""Putting rustchat's modules in the place of the standard ones, and back."""

from __future__ import annotations

import sys
from _thread import RLock
from types import BuiltinFunctionType, FunctionType, ModuleType

from rustchat._imports import KEPT, NAMES, Finder
from rustchat._standard import known, standard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["install", "uninstall"]

# The standard modules themselves know themselves and each other.
UNTOUCHED = (*NAMES, *KEPT, "_socket", "_ssl")

_lock = RLock()
_replaced: list[tuple[dict[str, Any], str, object, object]] = []
_present: set[str] = set()
_finder: list[Finder] = []
_forced: set[str] = set()


def install(*, force: bool = False) -> list[str]:
    """Make `import socket` and `import socketserver` mean rustchat's from now on, everywhere in this process.

    Modules that were imported before get rustchat's modules, classes, functions and methods where they hold the
    standard ones by name. Places that make sockets go on with the standard module: classes derived from its socket
    class, and its class and functions as attributes of classes, as defaults of arguments and in functools.partial.
    Their sockets and rustchat's do beside each other. Returns the names of these places (the interpreter's own
    excepted), and writes them to the log as warnings.

    Raises InstallError, and changes nothing, if the standard class or a method of it is held out of reach otherwise (in
    a list, a closure, a local variable, a variable in C), or if somebody has put his own into the standard module, as
    gevent's monkey patching does: rustchat's sockets would not be known there, or the patch undone. The error names all
    such places. `force=True` installs in spite of them, and returns them with the others.

    So it is best called first in the program; `rustchat run` does. May be repeated: then it looks at modules that came
    since. A child process by spawn begins with the standard modules, one by fork has rustchat's.
    """
    with _lock:
        out_of_reach, staying, namespaces = early() if "socket" in sys.modules else ([], [], [])
        if force:
            _forced.update(out_of_reach)
        elif not _forced.issuperset(out_of_reach):
            from rustchat._early import InstallError

            raise InstallError(out_of_reach)
        if not _finder:
            _present.update(sys.modules)
            _finder.append(Finder(note))
            sys.meta_path.insert(0, _finder[0])
        for name in NAMES:
            if name in sys.modules:
                standard(name)
                _set(sys.modules, name, ours(name))
        if "socket" in sys.modules:
            new = Replacements(loaded())
            for namespace in [*map(vars, others()), *namespaces]:
                _replace(namespace, new)
            _teach_pickling()
        left = sorted({*out_of_reach, *staying})
        if left:
            warn(left)
        return left


def uninstall() -> None:
    """Undo install(): the standard modules are back, also in standard modules that were imported in between.

    Sockets and servers that exist go on; so do modules of others' that were imported in between, with what they have.
    Nothing if install() was not called.
    """
    with _lock:
        if not _finder:
            return
        sys.meta_path.remove(_finder.pop())
        back = Replacements([(new, old) for old, new in loaded()])
        for namespace, name, theirs, mine in reversed(_replaced):
            if namespace.get(name) is mine:
                namespace[name] = theirs
        _replaced.clear()
        for module in others():
            if module.__name__ not in _present and module.__name__.partition(".")[0] in sys.stdlib_module_names:
                _replace(vars(module), back)
        _replaced.clear()
        _present.clear()
        _forced.clear()
        _teach_pickling()


def ours(name: str) -> ModuleType:
    """Rustchat's module for the standard one of that name."""
    import importlib

    return importlib.import_module(f"rustchat.{name}")


def loaded() -> list[tuple[ModuleType, ModuleType]]:
    """The pairs of modules, theirs and ours, that are in use."""
    return [(known[name], ours(name)) for name in NAMES if name in known and f"rustchat.{name}" in sys.modules]


def note(name: str, theirs: ModuleType, mine: ModuleType) -> None:
    """Know what uninstall() is to undo, of what an import brings."""
    _replaced.append((sys.modules, name, theirs, mine))


def early() -> tuple[list[str], list[str], list[dict[str, Any]]]:
    """Places out of reach, places that may stay with the standard module, and namespaces that belong to no module."""
    from rustchat._early import Search

    search = Search(standard("socket"), UNTOUCHED)
    return *search.places(), list(search.namespaces.values())


def warn(places: list[str]) -> None:
    import logging

    for place in places:
        logging.getLogger("rustchat.install").warning(
            "%s stays with the standard module; call rustchat.install() before it is imported", place
        )


class Replacements:
    """What stands for what, found by identity: modules, their classes, their functions and the socket's methods."""

    def __init__(self, pairs: list[tuple[ModuleType, ModuleType]]) -> None:
        self._by_id: dict[int, tuple[object, object]] = {}
        for old, new in pairs:
            self._add(old, new)
            for name, value in vars(old).items():
                if isinstance(value, (type, FunctionType, BuiltinFunctionType)):
                    self._add(value, getattr(new, name, value))
            if hasattr(old, "SocketType"):
                for name in set(dir(old.socket)) - set(dir(object)):
                    value = getattr(old.socket, name)
                    if callable(value):
                        self._add(value, getattr(new.socket, name, value))

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
        mine = name == "rustchat" or name.startswith("rustchat.")
        if isinstance(module, ModuleType) and name not in UNTOUCHED and not mine:
            yield module
    if "socketserver" in known:
        # Its classes are the bases of http.server's and others' which may be imported already.
        yield known["socketserver"]


def _set(namespace: dict[str, Any], name: str, value: object) -> None:
    if namespace.get(name) is not value:
        _replaced.append((namespace, name, namespace.get(name), value))
        namespace[name] = value


def _replace(namespace: dict[str, Any], new: Replacements) -> None:
    for name, value in list(namespace.items()):
        if value in new and getattr(value, "__module__", None) != namespace.get("__name__"):
            _set(namespace, name, new[value])


def _teach_pickling() -> None:
    """Let multiprocessing send sockets of both kinds: it knows the one that was in place when it was imported."""
    reduction: Any = sys.modules.get("multiprocessing.reduction")
    if reduction is not None:
        for pair in loaded():
            for module in pair:
                if hasattr(module, "socket") and isinstance(module.socket, type):
                    reduction.register(module.socket, reduction._reduce_socket)
