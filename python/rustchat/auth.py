"""Authentication: both sides show that they hold a secret, and neither sends it.

A server or listener with `secret=` or `keys=`, and a client with the same secret, shake hands by themselves. Here is
what is needed besides, and for a transport of one's own:

generate_key()
    A new secret.
KeyRing
    Secrets by id, which may be added and revoked while a server runs.
ServerHandshake, ClientHandshake, shake_hands()
    The whole handshake over a socket of one's own, in any profile: "mutual" (the default), "tutorial", or
    "multiprocessing" for Python's multiprocessing.connection, either of them with ":md5" for peers of that age.
challenge(), respond(), verify()
    The single step, for a protocol of one's own.
tutorial_respond(), tutorial_verify()
    The same in the form of the tutorials' scripts: the hex digest of HMAC(secret, challenge).

None of this encrypts or protects what follows the handshake. For that run it inside TLS, with `channel_binding=`, or
use `session_key`.
"""

import socket
import time

from rustchat._rustchat import (
    ClientHandshake,
    KeyRing,
    ServerHandshake,
    challenge,
    generate_key,
    respond,
    tutorial_respond,
    tutorial_verify,
    verify,
)
from rustchat.errors import AuthenticationError, InvalidArgument, TimeoutError

__all__ = [
    "ClientHandshake",
    "KeyRing",
    "ServerHandshake",
    "challenge",
    "generate_key",
    "respond",
    "shake_hands",
    "tutorial_respond",
    "tutorial_verify",
    "verify",
]


def shake_hands(sock: socket.socket, handshake: ServerHandshake | ClientHandshake, timeout: float = 5.0) -> bytes:
    """Carry out a handshake over a connected socket, within `timeout` seconds for all of it.

    Returns the bytes that came behind it, which belong to the session. Raises AuthenticationError if the peer does not
    hold the key or goes away, TimeoutError when the time is up; the socket is of no use then and wants to be closed.
    """
    _check(sock, handshake)
    end = time.monotonic() + _seconds(timeout)
    before = sock.gettimeout()
    try:
        while True:
            _send(sock, handshake.output(), end)
            if handshake.complete:
                return b""
            try:
                rest = handshake.receive(_receive(sock, end))
            except AuthenticationError:
                _send(sock, handshake.output(), end)
                raise
            if handshake.complete:
                _send(sock, handshake.output(), end)
                return rest
    finally:
        sock.settimeout(before)


def _check(sock: object, handshake: object) -> None:
    if not (hasattr(sock, "sendall") and hasattr(sock, "settimeout")):
        raise _wrong_kind("sock", "a socket", sock)
    if not isinstance(handshake, (ServerHandshake, ClientHandshake)):
        raise _wrong_kind("handshake", "a ServerHandshake or ClientHandshake", handshake)


def _seconds(timeout: float) -> float:
    try:
        return float(timeout)
    except OverflowError:
        digits = str(timeout) if timeout < 10**60 else f"{str(timeout)[:60]}…"
        raise InvalidArgument(f"timeout is {digits}, expected at most 1.8e308") from None
    except (TypeError, ValueError):
        raise _wrong_kind("timeout", "a number of seconds", timeout) from None


def _wrong_kind(name: str, expected: str, value: object) -> TypeError:
    return TypeError(f"argument '{name}': expected {expected}, not {type(value).__qualname__}")


def _patience(end: float) -> float:
    patience = end - time.monotonic()
    if patience <= 0:
        raise TimeoutError("the handshake timed out")
    return patience


def _send(sock: socket.socket, data: bytes, end: float) -> None:
    if data:
        sock.settimeout(_patience(end))
        sock.sendall(data)


def _receive(sock: socket.socket, end: float) -> bytes:
    sock.settimeout(_patience(end))
    data = sock.recv(4096)
    if not data:
        raise AuthenticationError("authentication failed: the peer closed the connection")
    return data
