"""What `import socket` finds after install(): ours, loaded when a program asks for it, and the standard one under it.

Loading both is the larger part of a start, and a program that patches modules wants to be there first. So a finder
stands in front of all others, for the first import of each of a few names.
"""

from __future__ import annotations

import sys

from rustchat import _standard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

__all__ = ["KEPT", "NAMES", "Finder"]

NAMES = ("socket", "socketserver")
"""The modules that ours stand for."""

KEPT = ("ssl",)
"""What wraps a descriptor with the interpreter's own class, which its C part insists on, and takes over any socket
object by detach(): it is executed over the standard module, whenever it is imported."""


class Finder:
    """In `sys.meta_path`. `note` is called with a name and the two modules, theirs and ours, before ours is found."""

    def __init__(self, note: Callable[[str, ModuleType, ModuleType], object]) -> None:
        self._note = note

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        # Who imports a module anew, or over other modules than ours, gets what he would get without us.
        if name in NAMES:
            wanted = name not in _standard.known
        else:
            wanted = name in KEPT and sys.modules.get("socket") in (None, sys.modules.get("rustchat.socket"))
        spec = _standard.spec_of(name) if wanted else None
        if spec is not None:
            spec.loader = Ours(self._note) if name in NAMES else Kept(spec.loader)
        return spec


class Ours:
    """Loads the standard module, out of sight: other threads that import it meanwhile wait, and find ours as well."""

    def __init__(self, note: Callable[[str, ModuleType, ModuleType], object]) -> None:
        self._note = note

    def create_module(self, spec: Any) -> ModuleType:
        import importlib.util

        name = spec.name
        origin = _standard.spec_of(name)
        theirs = importlib.util.module_from_spec(origin)
        if name == "socket":
            import enum
            from types import SimpleNamespace

            kinds = {kind.__name__: Enumerations(kind, theirs) for kind in (enum.IntEnum, enum.IntFlag)}
            _standard.execute(name, vars(theirs), {"enum": SimpleNamespace(**kinds)})
        else:
            _standard.execute(name, vars(theirs), {"socket": _standard.standard("socket")})
        _standard.known[name] = theirs
        ours = importlib.import_module(f"rustchat.{name}")
        self._spec = ours.__spec__
        self._note(name, theirs, ours)
        return ours

    def exec_module(self, module: ModuleType) -> None:
        # It is loaded, and knows itself by its own name.
        module.__spec__ = self._spec


class Kept:
    """Loads a standard module over the standard `socket`."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: object) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        _standard.execute(module.__name__, vars(module), {"socket": _standard.standard("socket")})


class Enumerations:
    """In the place of a class of `enum` while the standard module is loaded: that looks for it in `sys.modules`."""

    ELSEWHERE = "rustchat._standard.socket"

    def __init__(self, kind: Any, module: ModuleType) -> None:
        self._kind = kind
        self._module = module

    def _convert_(self, name: str, module: str, *rest: Any, **named: Any) -> Any:
        sys.modules[self.ELSEWHERE] = self._module
        try:
            made = self._kind._convert_(name, self.ELSEWHERE, *rest, **named)
        finally:
            del sys.modules[self.ELSEWHERE]
        made.__module__ = module
        return made
