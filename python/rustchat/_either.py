"""The classes of the socket classes, which take the interpreter's own sockets for their own.

A program holds sockets of both kinds: `ssl` makes the interpreter's own, and so does a class that was derived before
rustchat came in. With these metaclasses `isinstance(one, socket.socket)` is true of either, and a method that is taken
from the class, `socket.socket.connect(one, address)`, does with each what its own class does. Methods that are taken
from an object do not come by here.
"""

from __future__ import annotations

from abc import ABCMeta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["Passing", "SocketKind", "accept"]

_passing: dict[type, type] = {}
"""By a class of ours: the standard class whose instances pass for its own."""

_either: dict[int, tuple[object, object]] = {}
"""By the identity of what a class holds: that, so that the identity stays its own, and what is given instead."""


class Passing(ABCMeta):
    """Lets instances of a standard class pass. Of ABCMeta, so that a class can have a socket and an abstract base."""

    def __new__(mcls, name: str, bases: tuple[type, ...], names: dict[str, Any], **named: Any) -> Any:
        # What ABCMeta makes has more attributes than the standard class.
        abstract = any(type(kind) is ABCMeta or "_abc_impl" in vars(kind) for base in bases for kind in base.__mro__)
        if abstract:
            return super().__new__(mcls, name, bases, names, **named)
        return type.__new__(mcls, name, bases, names, **named)

    def __subclasscheck__(cls, kind: type) -> bool:
        theirs = _passing.get(cls)
        if type.__subclasscheck__(cls, kind) or (theirs is not None and issubclass(kind, theirs)):
            return True
        return "_abc_impl" in vars(cls) and super().__subclasscheck__(kind)

    def __instancecheck__(cls, instance: Any) -> bool:
        theirs = _passing.get(cls)
        if type.__instancecheck__(cls, instance) or (theirs is not None and isinstance(instance, theirs)):
            return True
        return "_abc_impl" in vars(cls) and super().__instancecheck__(instance)


class SocketKind(Passing):
    """Gives methods that do for either kind."""

    def __getattribute__(cls, name: str) -> Any:
        value = super().__getattribute__(name)
        found = _either.get(id(value))
        return value if found is None else found[1]


def accept(ours: Passing, theirs: type) -> None:
    """Let instances of the standard class `theirs` pass for instances of `ours`."""
    _passing[ours] = theirs
    if isinstance(ours, SocketKind):
        standard = dict(_held(theirs))
        for name, own in _held(ours):
            if name in standard and own is not standard[name]:
                _either[id(own)] = (own, _for_both(name, own, ours, standard[name], theirs))


def _held(kind: type) -> Iterator[tuple[str, Any]]:
    """Methods and descriptors of a class and its bases, as they lie there; a name once."""
    seen = set(vars(object)) - {"__init__", "__repr__"}
    for base in kind.__mro__[:-1]:
        for name, value in list(vars(base).items()):
            if name not in seen and hasattr(type(value), "__get__") and not isinstance(value, type):
                seen.add(name)
                yield name, value


def _for_both(name: str, own: Any, ours: type, standard: Any, theirs: type) -> object:
    if not callable(own):
        return property(lambda self: (standard if isinstance(self, theirs) else own).__get__(self), doc=own.__doc__)

    def method(self: Any, /, *arguments: Any, **named: Any) -> Any:
        return (standard if isinstance(self, theirs) else own)(self, *arguments, **named)

    method.__module__, method.__name__, method.__qualname__ = theirs.__module__, name, f"{ours.__qualname__}.{name}"
    method.__doc__ = own.__doc__
    method.__wrapped__ = own  # type: ignore[attr-defined]
    return method
