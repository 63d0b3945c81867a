"""A drop-in for the standard module `socketserver`, over `rustchat.socket`, with what a server in production needs.

The standard part is the interpreter's own source, executed over `rustchat.socket`: every server, mix-in and handler,
unchanged. Ours besides:

ThreadingFramedServer, FramedRequestHandler
    `self.request` carries whole messages: send() and recv() of bytes.
BoundedMixIn
    A limit of connections with an answer for who is over it, a time limit for each request, an end in bounded time
    with clients connected, errors in the log with the peer's address. All servers of ours have it.
AuthMixIn
    A `secret` on the class: who does not prove it never reaches handle().
PoolTCPServer, PoolFramedServer, PoolMixIn
    Thousands of connections and a few threads: handle() is called when there is something to read.

    class Echo(socketserver.FramedRequestHandler):
        def handle(self):
            for message in self.request:
                self.request.send(message)

    with socketserver.ThreadingFramedServer(("127.0.0.1", 6000), Echo) as server:
        server.serve_forever()
"""

from rustchat import _standard, socket

_standard.execute("socketserver", globals(), {"socket": socket})

# What follows is built on the names that were just made.
from rustchat.socketserver.authenticated import AuthMixIn  # noqa: E402
from rustchat.socketserver.bounded import BoundedMixIn  # noqa: E402
from rustchat.socketserver.framed import (  # noqa: E402
    FramedRequestHandler,
    FramedServer,
    ThreadingFramedServer,
)
from rustchat.socketserver.pool import PoolFramedServer, PoolMixIn, PoolTCPServer  # noqa: E402

__all__ += [  # noqa: F821
    "AuthMixIn",
    "BoundedMixIn",
    "FramedRequestHandler",
    "FramedServer",
    "PoolFramedServer",
    "PoolMixIn",
    "PoolTCPServer",
    "ThreadingFramedServer",
]
