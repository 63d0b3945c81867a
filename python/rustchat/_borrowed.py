"""Modules of the interpreter's own, executed a second time over ours.

What a Python version adds to its modules comes along by itself that way, and nothing of theirs is copied.
"""

from __future__ import annotations

import builtins
import os
from collections.abc import Mapping, Sequence
from importlib.machinery import PathFinder
from types import CodeType, ModuleType

__all__ = ["execute"]


def execute(name: str, namespace: dict[str, object], imports: Mapping[str, ModuleType]) -> None:
    """Execute the interpreter's module `name` in a module's namespace, with some of its imports answered by `imports`.

    Only imports written in that module are answered so, now and when its functions run; everybody else's stay as they
    are. Raises ImportError if the interpreter has no such module.
    """

    def import_module(
        wanted: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if level == 0 and wanted in imports:
            return imports[wanted]
        return builtins.__import__(wanted, globals, locals, fromlist or (), level)

    namespace["__builtins__"] = {**vars(builtins), "__import__": import_module}
    exec(_code(name), namespace)


def _code(name: str) -> CodeType:
    # Not by sys.modules or sys.path: both may have a replacement of that name, ours or a script's.
    spec = PathFinder.find_spec(name, [os.path.dirname(os.__file__)])
    loader = spec.loader if spec else None
    code = loader.get_code(name) if loader is not None and hasattr(loader, "get_code") else None
    if not isinstance(code, CodeType):
        raise ImportError(f"the interpreter has no module {name!r} to execute", name=name)
    return code
