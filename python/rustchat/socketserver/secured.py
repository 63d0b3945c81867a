"""What becomes of `tls` on a server that cannot have it: nobody is served in the clear who asked for more."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from rustchat.errors import NotSupported
from rustchat.socketserver.framed import FramedServer

if TYPE_CHECKING:
    from socketserver import BaseServer

__all__ = ["guard"]


def guard(base: type[BaseServer]) -> None:
    """Have every server, all of which are made of `base`, refuse a `tls` that it cannot keep when it is made."""
    make = base.__init__

    @functools.wraps(make)
    def __init__(self: BaseServer, *arguments: Any, **options: Any) -> None:
        refuse_tls(self)
        make(self, *arguments, **options)

    base.__init__ = __init__  # type: ignore[method-assign]


def refuse_tls(server: BaseServer) -> None:
    """Raise NotSupported for `tls` on a server of bare streams or datagrams, and on one that forks."""
    tls, kind = getattr(server, "tls", None), type(server)
    if tls is None or tls is False:
        return
    if not isinstance(server, FramedServer):
        raise NotSupported(
            f"{kind.__name__} has `tls` over bare streams, and TLS is for whole messages: use a framed server, such as "
            "ThreadingFramedServer or PoolFramedServer"
        )
    # The standard library's own mix-in forks as well as ours.
    if any(base.__name__ == "ForkingMixIn" for base in kind.__mro__):
        raise NotSupported(
            f"{kind.__name__} has `tls` and forks for each connection, and a forked copy cannot use the keys of TLS: "
            "use threads, as ThreadingFramedServer or PoolFramedServer does"
        )
