"""Runs the interpreter's own source of a standard module over other modules than it would import itself.

Every version of Python brings its own `socket.py` with what it has added; a drop-in that executes that file has all of
it, and differs from the standard module only in what it is built on.
"""

import builtins
import os
from collections.abc import Mapping
from importlib.machinery import PathFinder
from types import CodeType
from typing import Any

__all__ = ["execute"]


def execute(name: str, namespace: dict[str, Any], imports: Mapping[str, Any]) -> None:
    """Execute the source of the standard module `name` in `namespace`, which is a module's `__dict__`.

    `imports` says what its import statements get by a name; everything else is imported as ever. Classes and functions
    made in it say that they belong to the module `name`, as a program expects of `repr`.
    """

    def import_module(wanted: str, *rest: Any) -> Any:
        if wanted in imports:
            return imports[wanted]
        return builtins.__import__(wanted, *rest)

    own = {key: namespace.get(key) for key in ("__name__", "__doc__", "__builtins__")}
    namespace["__name__"] = name
    namespace["__builtins__"] = vars(builtins) | {"__import__": import_module}
    try:
        exec(_code(name), namespace)
    finally:
        namespace.update(own)


def _code(name: str) -> CodeType:
    # Not by sys.modules or sys.path: in both there may be something else of that name, ours or a script's.
    spec = PathFinder.find_spec(name, [os.path.dirname(os.__file__)])
    loader = spec.loader if spec else None
    code: CodeType | None = loader.get_code(name) if loader is not None and hasattr(loader, "get_code") else None
    if code is None:
        raise ImportError(f"the source of the standard module {name!r} is not to be found", name=name)
    return code
