"""How the bytes of guests get to their world: as they are, or by TLS."""

from __future__ import annotations

import contextlib

from rustchat._rustchat import ClientHandshake, Secured
from rustchat.errors import Error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from typing_extensions import Buffer

    class Line(Protocol):
        """One end of a connection in memory, whose calls never wait."""

        @property
        def secured(self) -> bool:
            """Whether something can be said."""

        def prove(self, secret: str | bytes, key_id: str) -> ClientHandshake:
            """A proof of the secret, bound to what secures the line."""

        def send(self, data: memoryview | bytes) -> int:
            """Sends as much of `data` as there is room for, else raises BlockingIOError; how much that was."""

        def recv(self, most: int) -> bytes | None:
            """What has come, b"" at the end, None when nothing of that was for the guest. Raises BlockingIOError when
            nothing has come."""

        def close(self) -> None: ...


_RECORD = 16384


class Plain:
    """Bytes go as they are."""

    secured = True

    def __init__(self, sock: Any) -> None:
        self._sock = sock

    def prove(self, secret: str | bytes, key_id: str) -> ClientHandshake:
        return ClientHandshake(secret, key_id=key_id)

    def send(self, data: Buffer) -> int:
        return int(self._sock.send(data))

    def recv(self, most: int) -> bytes | None:
        return bytes(self._sock.recv(most))

    def close(self) -> None:
        self._sock.close()


class Sealed:
    """They go by TLS, with whatever certificate the other end has."""

    def __init__(self, sock: Any) -> None:
        self._sock, self._machine, self._unsent = sock, Secured(), b""
        self._flush()

    @property
    def secured(self) -> bool:
        return self._machine.secured

    def prove(self, secret: str | bytes, key_id: str) -> ClientHandshake:
        return self._machine.handshake(secret, key_id)

    def send(self, data: memoryview | bytes) -> int:
        self._flush()
        if self._unsent:
            raise BlockingIOError
        piece = data[:_RECORD]
        self._unsent = self._machine.seal(piece)
        self._flush()
        return len(piece)

    def recv(self, most: int) -> bytes | None:
        data = self._sock.recv(most)
        if not data:
            return b""
        try:
            said = self._machine.receive(data)
        except Error:
            # The server does not go on: it is full, or speaks no TLS.
            return b""
        finally:
            with contextlib.suppress(ConnectionError):
                self._flush()
        return said or (b"" if self._machine.ended else None)

    def _flush(self) -> None:
        self._unsent += self._machine.owed()
        with contextlib.suppress(BlockingIOError):
            while self._unsent:
                self._unsent = self._unsent[self._sock.send(self._unsent) :]

    def close(self) -> None:
        self._sock.close()
