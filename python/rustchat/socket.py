"""The standard module `socket`, on this core.

Everything the interpreter's own `socket` has is here under the same name with the same behaviour, and programs may use
either or both. The classes of errors and of constants are the very same, and the interpreter's own sockets, which are
what `ssl` makes, pass for instances of the class `socket`.
"""

from enum import Enum as _Enum
from types import FunctionType as _FunctionType
from types import SimpleNamespace as _SimpleNamespace

from rustchat._either import SocketKind as _SocketKind
from rustchat._either import accept as _accept
from rustchat._sockets import module as _socket
from rustchat._standard import execute as _execute
from rustchat._standard import standard as _standard_module

_standard = _standard_module("socket")


class _Shared:
    """In the place of the classes of `enum`: gives the standard module's enumerations instead of making new ones."""

    @staticmethod
    def _convert_(name: str, *_: object) -> type[_Enum]:
        shared: type[_Enum] = getattr(_standard, name)
        globals().update(shared.__members__)
        globals()[name] = shared
        return shared


def _share_sentinel() -> None:
    """Programs and the standard library compare with the standard module's object, whoever takes the timeout."""
    own, shared = globals()["_GLOBAL_DEFAULT_TIMEOUT"], _standard._GLOBAL_DEFAULT_TIMEOUT
    globals()["_GLOBAL_DEFAULT_TIMEOUT"] = shared
    for function in globals().values():
        if isinstance(function, _FunctionType) and function.__defaults__:
            function.__defaults__ = tuple(shared if value is own else value for value in function.__defaults__)


_execute(
    "socket",
    globals(),
    {"_socket": _socket, "enum": _SimpleNamespace(IntEnum=_Shared, IntFlag=_Shared)},
    {"socket": _SocketKind},
)
_share_sentinel()
_accept(globals()["socket"], _standard.socket)
