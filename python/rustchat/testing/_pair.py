"""Connections in memory."""

from __future__ import annotations

from rustchat._rustchat import Introduction
from rustchat._standard import standard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from rustchat import Connection


def pair(
    framing: Literal["line", "u32be", "u32le", "multiprocessing"] = "u32be", *, limit: int = 0
) -> tuple[Connection, Connection]:
    """The two ends of a connection, which need no listener: what one sends the other receives. `framing` and `limit`
    are connect()'s, and hold for both.

    They are the ends of a socketpair, so that all that Connections do is there: deadlines, fileno() and select, a send
    that waits when some 200 KB were not received. There is no handshake between them, and no TLS.

        with rustchat.testing.pair() as (near, far): ...    # is an error: each is closed by itself

        near, far = rustchat.testing.pair()
        with near, far:
            near.send(b"hello")
            assert far.recv(timeout=5) == b"hello"
    """
    ends = standard("socket").socketpair()
    near, far = [_connection(end.detach(), framing, limit) for end in ends]
    return near, far


def _connection(descriptor: int, framing: str, limit: int) -> Connection:
    introduction = Introduction("unix:pair", framing=framing, limit=limit)
    introduction.begin(descriptor)
    # There is nothing to say first, and so nothing to wait for.
    assert introduction.step() is None
    return introduction.finish()
