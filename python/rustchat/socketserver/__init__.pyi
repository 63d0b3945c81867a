"""The standard module's names have the standard module's types; ours are behind them."""

from socketserver import *  # noqa: F403

from rustchat.socketserver.authenticated import AuthMixIn as AuthMixIn
from rustchat.socketserver.bounded import BoundedMixIn as BoundedMixIn
from rustchat.socketserver.framed import (
    FramedRequestHandler as FramedRequestHandler,
)
from rustchat.socketserver.framed import (
    FramedServer as FramedServer,
)
from rustchat.socketserver.framed import (
    ThreadingFramedServer as ThreadingFramedServer,
)
from rustchat.socketserver.pool import (
    PoolFramedServer as PoolFramedServer,
)
from rustchat.socketserver.pool import (
    PoolMixIn as PoolMixIn,
)
from rustchat.socketserver.pool import (
    PoolTCPServer as PoolTCPServer,
)
