"""What `rustchat.socket` is built on: a module in the shape of the interpreter's own `_socket`.

Constants and name services are the interpreter's; what makes a socket or moves bytes is ours.
"""

import _socket as _standard
from types import ModuleType

from rustchat import _rustchat
from rustchat._either import Passing, accept

__all__ = ["module"]


class socket(_rustchat.Socket, metaclass=Passing):
    """socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object

    A socket of any family; the class `rustchat.socket.socket` is made on top of it.
    """

    __slots__ = ()


def socketpair(*arguments: int) -> tuple[socket, socket]:
    """socketpair([family[, type[, proto]]]) -> (socket object, socket object)"""
    return _rustchat.socketpair(socket, *arguments)


def _make() -> ModuleType:
    module = ModuleType("_socket", __doc__)
    vars(module).update((name, value) for name, value in vars(_standard).items() if not name.startswith("__"))
    vars(module).update(
        socket=socket,
        SocketType=socket,
        socketpair=socketpair,
        dup=_rustchat.dup,
        close=_rustchat.close,
        getdefaulttimeout=_rustchat.getdefaulttimeout,
        setdefaulttimeout=_rustchat.setdefaulttimeout,
    )
    return module


socket.__module__ = "_socket"
accept(socket, _standard.socket)
module = _make()
"""In the place of `_socket`."""
