"""Servers that strangers cannot reach."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, ClassVar

from rustchat._rustchat import KeyRing, StreamListener
from rustchat.socketserver.framed import FramedServer

if TYPE_CHECKING:
    import socket
    from socketserver import TCPServer as Base
else:
    from rustchat import socket

    Base = object

__all__ = ["AuthMixIn"]

# How many who have passed may wait for the server before further newcomers wait in the system's backlog.
WAITING = 128


class AuthMixIn(Base):
    """Lets in only who proves a secret; name it first, before a server of streams or of messages.

        class Server(AuthMixIn, ThreadingFramedServer):
            secret = b"open sesame"

    A client connects with rustchat.connect(address, secret=…), or over a plain socket with sock.authenticate() or
    rustchat.auth.shake_hands(). Handshakes run beside the server, `handshake_limit` at a time, the oldest giving way,
    and each has `handshake_timeout` seconds for all of it: a silent peer holds up nobody. With `tls = True` a server of
    messages has TLS besides, bound to the proofs, and no certificate is needed.
    """

    secret: str | bytes | None = None
    """One secret for all."""

    keys: KeyRing | dict[str, str] | dict[str, bytes] | None = None
    """Or secrets by id; a KeyRing may change while the server runs."""

    profile: ClassVar[Any] = "mutual"
    """Both sides prove the secret; "tutorial" asks only the client, as the scripts with `hmac` expect."""

    server_id = ""
    """What the server calls itself to clients (profile "mutual")."""

    handshake_timeout = 5.0
    handshake_limit = 128

    _gate: StreamListener | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        if self.secret is None and self.keys is None:
            raise ValueError(f"{type(self).__name__} has no secret: set `secret` or `keys` on the class")
        self._identities: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
        super().__init__(*arguments, **options)

    def key_id(self, request: Any) -> str | None:
        """The id of the key that the client of a request has proved; "" if the key has none."""
        return self._identities[request] if request in self._identities else getattr(request, "key_id", None)

    def server_activate(self) -> None:
        """Listen, and begin to shake hands."""
        super().server_activate()
        if not isinstance(self, FramedServer):  # whose listener shakes hands itself
            self._gate = StreamListener(
                self.socket.fileno(),
                secret=self.secret,
                keys=self.keys,
                profile=self.profile,
                server_id=self.server_id,
                handshake_timeout=self.handshake_timeout,
                handshake_limit=self.handshake_limit,
                backlog=WAITING,
            )

    def fileno(self) -> int:
        """For the selector of serve_forever(): readable while somebody has passed the handshake."""
        return super().fileno() if self._gate is None else self._gate.fileno()

    def get_request(self) -> tuple[Any, Any]:
        """A connection that has passed the handshake, and its address."""
        if self._gate is None:
            return super().get_request()
        descriptor, client_address, key_id = self._gate.accept(0)
        request = socket.socket(self.socket.family, self.socket.type, self.socket.proto, fileno=descriptor)
        request.settimeout(socket.getdefaulttimeout())
        self._identities[request] = key_id
        return request, client_address

    def server_close(self) -> None:
        """Accept nobody any more, and end the handshakes that are under way."""
        if self._gate is not None:
            self._gate.close()
        super().server_close()
