"""Who holds the standard socket module, its class, the class's methods and its functions where nobody can replace them.

The garbage collector knows of every reference that lies in an object of Python. It is followed back from what is looked
for to something that has a name: a module, a class, a function. References in variables in C it does not know: of them
there are as many as the count of references is larger than what was found.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from importlib.machinery import EXTENSION_SUFFIXES
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from rustchat.errors import StateError

__all__ = ["InstallError", "Search"]

DEPTH = 12
"""How far a name may be from what it leads to."""

DESCRIPTIONS = {
    *("__annotations__", "__annotations_cache__", "__dataclass_fields__", "__attrs_attrs__", "__signature__"),
    *("__orig_bases__", "__parameters__", "__type_params__", "__wrapped__", "__mro__"),
}
"""Attributes in which types are described, and not used."""

# Flags of code: its variables are not in a dictionary, and whether the collector sees them while it runs.
FAST, SUSPENDABLE = 0x1, 0x20 | 0x80 | 0x200

FRAMES = ("gi_frame", "cr_frame", "ag_frame")
"""Where generators and their like have theirs."""


class InstallError(StateError):
    """install() came too late: the standard socket module is held where it cannot be replaced."""

    def __init__(self, places: list[str]) -> None:
        super().__init__(
            f"install() came too late for {', '.join(places)}: the standard socket module is held there where it "
            "cannot be replaced; call install() before that is imported, run the program with `rustchat run`, or put "
            "up with sockets of two kinds by install(force=True)"
        )
        self.places = places
        """Who holds it: `module.name`, with a word behind it if that is no plain name."""
        self.modules = sorted({module_of(place) for place in places})
        """The modules of these, which came too early."""


class Search:
    """Looks once; the places are as of then."""

    def __init__(self, standard: ModuleType, untouched: Iterable[str]) -> None:
        self._standard = standard
        self._class: type = standard.socket
        self._modules = {id(vars(module)) for module in modules()}
        self._exempt = {id(vars(module)) for module in modules() if not is_foreign(module.__name__)}
        self._exempt.update(id(vars(module)) for module in modules() if module.__name__ in untouched)
        self._targets = dict(self._wanted())
        """By identity."""
        self._reached = dict(self._targets)
        """These and what leads to them."""
        self._grave = {key for key, value in self._targets.items() if self._is_grave(value)}
        """Which of that leads to the module, the class or a method, not to functions alone."""
        self._loose = {id(standard)}
        """Which of that leads to the module alone."""
        self.namespaces: dict[int, dict[str, Any]] = {}
        """Namespaces of code that belongs to no module that is imported, by identity; after places()."""

    def places(self) -> tuple[list[str], list[str]]:
        """What is out of reach, and what may stay with the standard module; see install()."""
        out_of_reach, staying = set(self._patched()), set(self._derived())
        for grave, place in self._held():
            (out_of_reach if grave else staying).add(place)
        if hidden_references(self._class):
            out_of_reach.update(f"{name} (in C)" for name in extensions())
        return sorted(out_of_reach), sorted(staying - out_of_reach)

    def _patched(self) -> Iterator[str]:
        """What others have put into the standard module."""
        for name, value in vars(self._standard).items():
            owner = getattr(value, "__module__", None)
            if isinstance(value, (type, FunctionType)) and is_foreign(owner):
                yield f"{owner} (as {self._standard.__name__}.{name})"

    def _derived(self) -> Iterator[str]:
        """Classes that are derived from the socket's."""
        below: list[type] = list(self._class.__subclasses__())
        while below:
            kind = below.pop()
            below.extend(kind.__subclasses__())
            if is_foreign(kind.__module__):
                yield name_of(kind)

    def _wanted(self) -> Iterator[tuple[int, object]]:
        yield id(self._standard), self._standard
        for kind in self._class.__mro__[:-1]:
            yield id(kind), kind
            yield from ((id(value), value) for value in vars(kind).values() if is_method(value))
        # What the interpreter has in C, rustchat.socket has from there.
        yield from ((id(value), value) for value in vars(self._standard).values() if type(value) is FunctionType)

    def _is_grave(self, target: object) -> bool:
        return type(target) is not FunctionType or vars(self._standard).get(target.__name__) is not target

    def _held(self) -> Iterator[tuple[bool, str]]:
        """Every place, and whether it is grave."""
        variables = local_variables()
        level = dict(self._targets)
        own = {id(self), id(vars(self)), id(self._targets), id(self._reached), id(sys.modules)}
        for _ in range(DEPTH):
            above: dict[int, object] = {}
            for key in level.keys() & variables.keys():
                yield from ((key in self._grave, place) for place in variables[key])
            holders = gc.get_referrers(*level.values())
            own |= {id(level), id(above), id(holders)}
            for holder in holders:
                if id(holder) in own or id(holder) in self._reached or id(holder) in self._exempt:
                    continue
                named = [] if self._is_merely_of(holder) else self._named(holder)
                if named is None:
                    above[id(holder)] = holder
                    self._judge(holder)
                else:
                    yield from named
            holders.clear()
            self._reached.update(above)
            level = above
            if not level:
                return

    def _is_merely_of(self, holder: object) -> bool:
        """Whether all it holds of what is reached is the class that it is an object of."""
        held = [value for value in gc.get_referents(holder) if id(value) in self._reached]
        return len(held) == 1 and held[0] is type(holder)

    def _judge(self, holder: object) -> None:
        """Note what something without a name leads to."""
        held = {id(value) for value in gc.get_referents(holder)} & self._reached.keys()
        # What is called with arguments to come makes sockets, and asks nobody whether he is one.
        makes = isinstance(holder, partial) and holder.func is self._class
        if not self._grave.isdisjoint(held - {id(self._class)} if makes else held):
            self._grave.add(id(holder))
        if held <= self._loose:
            self._loose.add(id(holder))

    def _named(self, holder: Any) -> Iterable[tuple[bool, str]] | None:
        """The names by which it holds what is reached, and whether that is grave; None if it has no name of its own."""
        kind = type(holder)
        if kind is dict and (id(holder) in self._modules or "__builtins__" in holder or "__spec__" in holder):
            return self._in_namespace(holder)
        if kind is FunctionType:
            return self._in_function(holder) if is_foreign(holder.__module__) else []
        if issubclass(kind, type):
            # Not as its bases: see _derived().
            return [(self._matters(key), f"{name_of(holder)}.{name}") for key, name in self._attributes(vars(holder))]
        if issubclass(kind, ModuleType):
            # Only modules in C hold anything besides their names.
            return [(True, f"{holder.__name__} (in C)")] if is_foreign(holder.__name__) else []
        if kind in (FrameType, CodeType):
            return []
        frame = next((getattr(holder, name) for name in FRAMES if hasattr(kind, name)), None)
        if frame is not None:
            return [(id(v) in self._grave, place) for v, place in variables_of(frame) if id(v) in self._reached]
        return None

    def _in_namespace(self, namespace: dict[str, Any]) -> list[tuple[bool, str]]:
        name = namespace.get("__name__")
        if not is_foreign(name):
            return []
        if id(namespace) not in self._modules:
            self.namespaces[id(namespace)] = namespace
        # What lies in a namespace by itself is replaced there. A module in an object is looked at when it is used.
        passed = self._targets.keys() | self._loose
        return [(k in self._grave, f"{name}.{held}") for k, held in self._attributes(namespace) if k not in passed]

    def _in_function(self, function: FunctionType) -> Iterator[tuple[bool, str]]:
        name = f"{name_of(function)}()"
        for held in (function.__closure__, vars(function)):
            if id(held) in self._reached:
                yield id(held) in self._grave, name
        defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
        # Not its annotations.
        yield from ((self._matters(id(value)), name) for value in defaults if id(value) in self._reached)

    def _matters(self, key: int) -> bool:
        """Whether a default or an attribute of a class is grave: with the class itself there, sockets are made."""
        return key in self._grave and key not in (id(self._class), id(self._standard))

    def _attributes(self, names: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
        if is_foreign(names.get("__module__", names.get("__name__"))):
            for name, value in list(names.items()):
                if id(value) in self._reached and name not in DESCRIPTIONS:
                    yield id(value), name


def modules() -> list[ModuleType]:
    """All that are imported."""
    return [module for module in list(sys.modules.values()) if isinstance(module, ModuleType)]


def is_foreign(module: object) -> bool:
    """Whether a module of that name is neither the interpreter's nor rustchat's."""
    if not isinstance(module, str):
        return False
    package = module.partition(".")[0]
    return package != "rustchat" and package not in sys.stdlib_module_names


def module_of(place: str) -> str:
    name = place.partition(" ")[0]
    while name not in sys.modules and "." in name:
        name = name.rpartition(".")[0]
    return name


def is_method(value: object) -> bool:
    return callable(value) and hasattr(type(value), "__get__") and not isinstance(value, type)


def name_of(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}"


def variables_of(frame: FrameType) -> Iterator[tuple[object, str]]:
    """The variables of a function that runs or waits."""
    code, module = frame.f_code, frame.f_globals.get("__name__")
    if code.co_flags & FAST and is_foreign(module):
        yield from ((value, f"{module}.{code.co_qualname}() {name}") for name, value in frame.f_locals.items())


def running() -> Iterator[FrameType]:
    """What every thread is in the midst of. The collector sees the rest."""
    for top in list(sys._current_frames().values()):
        frame: FrameType | None = top
        while frame is not None:
            if frame.f_code.co_flags & FAST and not frame.f_code.co_flags & SUSPENDABLE:
                yield frame
            frame = frame.f_back


def local_variables() -> dict[int, list[str]]:
    """Where a variable of a running function holds what has that identity."""
    places: dict[int, list[str]] = {}
    for frame in running():
        for value, place in variables_of(frame):
            places.setdefault(id(value), []).append(place)
    return places


def hidden_references(kind: type) -> bool:
    """Whether a class is held by what neither the collector nor a frame shows: by variables in C."""

    class Known:
        """Whose references are all known, to see how many come of counting."""

    return unexplained(kind) > unexplained(Known)


def unexplained(kind: type) -> int:
    explained = 0
    # First: asking a frame for its variables may leave a dictionary with them, which the collector shows.
    for frame in running():
        cells = frame.f_code.co_cellvars + frame.f_code.co_freevars
        explained += sum(value is kind and name not in cells for name, value in frame.f_locals.items())
    del frame
    for holder in gc.get_referrers(kind):
        explained += sum(held is kind for held in gc.get_referents(holder))
    return sys.getrefcount(kind) - explained


def extensions() -> list[str]:
    """Modules in C of others' that speak of sockets."""
    found = []
    for module in modules():
        file = vars(module).get("__file__")
        if is_foreign(module.__name__) and isinstance(file, str) and file.endswith(tuple(EXTENSION_SUFFIXES)):
            with open(file, "rb") as binary:
                found.append((b"socket" in binary.read(), module.__name__))
    return [name for speaks, name in found if speaks] or [name for _, name in found]
