"""The interpreter's own modules, whatever is in their place, and running their source over other modules.

Every version of Python brings its own `socket.py` with what it has added; a drop-in that executes that file has all of
it, and differs from the standard module only in what it is built on.
"""

from __future__ import annotations

import builtins
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType, ModuleType
    from typing import Any

__all__ = ["execute", "known", "spec_of", "standard"]

known: dict[str, ModuleType] = {}
"""The standard modules that drop-ins stand for, by name, as far as they are loaded."""


def standard(name: str) -> ModuleType:
    """The interpreter's own module, whatever is in its place; imported if it is not."""
    if name not in known:
        import importlib

        module = importlib.import_module(name)
        # Importing it after install() has put it there, and ours into its place.
        known.setdefault(name, module)
    return known[name]


def execute(
    name: str, namespace: dict[str, Any], imports: Mapping[str, Any], metaclasses: Mapping[str, type] | None = None
) -> None:
    """Execute the source of the standard module `name` in `namespace`, which is a module's `__dict__`.

    `imports` says what its import statements get by a name; everything else is imported as ever. `metaclasses` says of
    which metaclass a class is made, by its name. Classes and functions made in it say that they belong to the module
    `name`, as a program expects of `repr`.
    """

    def import_module(wanted: str, *rest: Any) -> Any:
        if wanted in imports:
            return imports[wanted]
        return builtins.__import__(wanted, *rest)

    def build_class(body: Any, called: str, *bases: Any, **named: Any) -> Any:
        if metaclasses and called in metaclasses:
            named.setdefault("metaclass", metaclasses[called])
        return builtins.__build_class__(body, called, *bases, **named)

    own = {key: namespace[key] for key in ("__name__", "__doc__", "__builtins__") if key in namespace}
    namespace["__name__"] = name
    namespace["__builtins__"] = vars(builtins) | {"__import__": import_module, "__build_class__": build_class}
    try:
        exec(_code(name), namespace)
    finally:
        namespace.update({"__builtins__": builtins} | own)


def _code(name: str) -> CodeType:
    spec = spec_of(name)
    loader = spec.loader if spec else None
    code: CodeType | None = loader.get_code(name) if loader is not None and hasattr(loader, "get_code") else None
    if code is None:
        raise ImportError(f"the source of the standard module {name!r} is not to be found", name=name)
    return code


def spec_of(name: str) -> Any:
    """Where the interpreter's own module is; None if it is not to be found."""
    from importlib.machinery import PathFinder

    # Not by sys.modules or sys.path: in both there may be something else of that name, ours or a script's.
    return PathFinder.find_spec(name, [os.path.dirname(os.__file__)])
