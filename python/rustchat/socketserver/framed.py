"""Servers whose requests are connections of whole messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from rustchat._rustchat import TLS, Connection, KeyRing, Listener, listen
from rustchat.errors import StateError
from rustchat.socketserver.bounded import BoundedMixIn

if TYPE_CHECKING:
    from socketserver import BaseRequestHandler, BaseServer, ThreadingMixIn
else:
    from rustchat.socketserver import BaseRequestHandler, BaseServer, ThreadingMixIn

__all__ = ["FramedRequestHandler", "FramedServer", "ThreadingFramedServer"]


class FramedServer(BaseServer):
    """Serves connections of whole messages, one at a time; the class attributes are what rustchat.listen() takes.

    With `secret` or `keys` (see AuthMixIn) handshakes run beside the server: who does not prove the key never becomes a
    request, and who is silent holds up nobody.
    """

    framing: ClassVar[Any] = "u32be"
    """How messages are told apart: "u32be", "u32le", "line" or "multiprocessing"."""

    message_limit = 0
    """The longest message in bytes, both ways; 0 is 16 MiB, 8 KiB for lines."""

    secret: str | bytes | None = None
    keys: KeyRing | dict[str, str] | dict[str, bytes] | None = None
    profile: ClassVar[Any] = "mutual"
    server_id = ""

    tls: TLS | bool | None = None
    """TLS: True with a secret in the profile "mutual", otherwise a rustchat.TLS with a certificate."""

    allow_anonymous = False
    """Whether to listen beyond this machine without a secret."""

    handshake_timeout = 5.0
    handshake_limit = 128
    request_queue_size = 1024

    def __init__(self, server_address: Any, RequestHandlerClass: Any, bind_and_activate: bool = True) -> None:
        super().__init__(server_address, RequestHandlerClass)
        self.socket: Any = None
        if bind_and_activate:
            self.server_bind()
            self.server_activate()

    def server_bind(self) -> None:
        """Bind and listen; `server_address` has the port that the system chose."""
        listener = listen(
            cast(Any, self.server_address),
            framing=self.framing,
            secret=self.secret,
            keys=self.keys,
            profile=self.profile,
            server_id=self.server_id,
            tls=self.tls,
            allow_anonymous=self.allow_anonymous,
            limit=self.message_limit,
            backlog=self.request_queue_size,
            handshake_timeout=self.handshake_timeout,
            handshake_limit=self.handshake_limit,
        )
        self.socket = ListeningSocket(listener)
        self.server_address = listener.address

    def server_close(self) -> None:
        """Accept nobody any more."""
        super().server_close()
        if self.socket is not None:
            self.socket.close()

    def fileno(self) -> int:
        """For the selector of serve_forever()."""
        return int(self.socket.fileno())

    @property
    def pin(self) -> str | None:
        """The fingerprint of the public key that clients are shown; None without TLS, and while it does not listen."""
        return None if self.socket is None else self.socket.listener.pin

    def replace_certificate(self, cert: Any, key: Any = None) -> None:
        """Give connections that begin from here on this certificate, as Listener.replace_certificate() does."""
        if self.socket is None:
            raise StateError("the server does not listen: there is nobody to show a certificate to")
        self.socket.listener.replace_certificate(cert, key)

    def get_request(self) -> tuple[Connection, Any]:
        """A connection that has passed the handshake, and its address."""
        return self.socket.accept()  # type: ignore[no-any-return]

    def close_request(self, request: Any) -> None:
        """Close the connection; the peer gets what was sent before."""
        request.close()


class ListeningSocket:
    """A Listener with the methods that BaseServer calls on a server's socket."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.fileno = listener.fileno
        self.close = listener.close

    def accept(self) -> tuple[Connection, Any]:
        """A connection that is there, and its address; TimeoutError if there is none."""
        connection = self.listener.accept(0)
        return connection, connection.peer

    def gettimeout(self) -> None:
        """It has no timeout of its own."""

    def getsockname(self) -> Any:
        """Where it listens."""
        return self.listener.address


class FramedRequestHandler(BaseRequestHandler):
    """The base of handlers whose `self.request` is a rustchat.Connection.

    `self.request.send(data)` sends one message, `self.request.recv()` returns one and raises EOFError at the end;
    `for message in self.request` ends there by itself. `self.client_address` and `self.server` are as in every handler.
    """

    request: Connection


class ThreadingFramedServer(BoundedMixIn, ThreadingMixIn, FramedServer):
    """Connections of whole messages, a thread for each, with the bounds of BoundedMixIn."""

    daemon_threads = True
