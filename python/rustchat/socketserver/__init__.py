"""A drop-in for the standard module `socketserver`, over `rustchat.socket`, with what a server in production needs.

The standard part is the interpreter's own source, executed over `rustchat.socket`: every server, mix-in and handler,
unchanged. Ours besides:

ThreadingFramedServer, FramedRequestHandler
    `self.request` carries whole messages: send() and recv() of bytes. With `tls` on the class, by TLS.
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

# What follows is built on the names that were just made. `__all__` stays the standard module's: importing * from a
# drop-in brings no names that a script does not expect.
from rustchat.socketserver.authenticated import AuthMixIn as AuthMixIn  # noqa: E402
from rustchat.socketserver.bounded import BoundedMixIn as BoundedMixIn  # noqa: E402
from rustchat.socketserver.framed import FramedRequestHandler as FramedRequestHandler  # noqa: E402
from rustchat.socketserver.framed import FramedServer as FramedServer  # noqa: E402
from rustchat.socketserver.framed import ThreadingFramedServer as ThreadingFramedServer  # noqa: E402
from rustchat.socketserver.pool import PoolFramedServer as PoolFramedServer  # noqa: E402
from rustchat.socketserver.pool import PoolMixIn as PoolMixIn  # noqa: E402
from rustchat.socketserver.pool import PoolTCPServer as PoolTCPServer  # noqa: E402
from rustchat.socketserver.secured import guard  # noqa: E402

guard(BaseServer)  # type: ignore[name-defined]  # noqa: F821
del guard
