"""Handshakes with all newcomers at once, in one thread beside the server."""

from __future__ import annotations

import collections
import contextlib
import logging
import selectors
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rustchat._rustchat import ServerHandshake
from rustchat.errors import AuthenticationError
from rustchat.socketserver.bounded import PAUSE, TRANSIENT, show
from rustchat.socketserver.gatherer import Gatherer

if TYPE_CHECKING:
    import socket
else:
    from rustchat import socket

__all__ = ["Porter"]

LOG = logging.getLogger("rustchat.socketserver")

# How many who have passed may wait for the server before the porter lets further ones wait in the backlog.
WAITING = 128

PIECE = 4096

# Why somebody is not let in.
TOO_LONG = "the handshake timed out"
TOO_MANY = "too many handshakes at a time"
NO_PROOF = "no proof"

# Seconds that a newcomer may be silent before it is reminded of the secret.
REMIND_AFTER = 0.5


class Porter:
    """Owns accepting on a listening socket, and hands out who has passed.

    A silent newcomer costs a place among `limit` until `timeout` is over; when all are taken, the oldest one goes.
    """

    def __init__(
        self, listener: socket.socket, handshake: Callable[[], ServerHandshake], timeout: float, limit: int
    ) -> None:
        self._listener, self._handshake, self._timeout, self._limit = listener, handshake, timeout, limit
        self._newcomers: collections.OrderedDict[socket.socket, Newcomer] = collections.OrderedDict()
        self._silent: collections.deque[Newcomer] = collections.deque()
        self._passed: collections.deque[Newcomer] = collections.deque()
        # By what was wrong, so that the many hide nobody else.
        self._dismissals = {kind: Gatherer(LOG) for kind in (TOO_LONG, TOO_MANY, NO_PROOF)}
        self._closed = False
        self._selector = selectors.DefaultSelector()
        self._bell, self._button = socket.socketpair()
        self._wakeup, self._waker = socket.socketpair()
        for sock in (self._bell, self._button, self._wakeup, self._waker):
            sock.setblocking(False)
        self._selector.register(self._wakeup, selectors.EVENT_READ)
        self._listening = False
        self._listen_from = 0.0
        self._thread = threading.Thread(target=self._run, name="rustchat-porter", daemon=True)
        self._thread.start()

    def fileno(self) -> int:
        """Readable while accept() has somebody."""
        return self._bell.fileno()

    def accept(self) -> tuple[socket.socket, Any, str]:
        """Who has passed, with address and key id; BlockingIOError if there is nobody."""
        self._bell.recv(1)
        newcomer = self._passed.popleft()
        self._wake()
        return newcomer.sock, newcomer.address, newcomer.handshake.key_id or ""

    def close(self) -> None:
        """End all handshakes and the thread. May be repeated."""
        if self._closed:
            return
        self._closed = True
        self._wake()
        self._thread.join()
        for dismissals in self._dismissals.values():
            dismissals.collect(at_once=True)
        for newcomer in (*self._newcomers.values(), *self._passed):
            newcomer.sock.close()
        self._selector.close()
        for sock in (self._bell, self._button, self._wakeup, self._waker):
            sock.close()

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._waker.send(b"\0")

    def _run(self) -> None:
        while not self._closed:
            now = time.monotonic()
            self._expire(now)
            self._remind(now)
            for dismissals in self._dismissals.values():
                dismissals.collect()
            self._open_or_shut_the_door(now)
            for key, _ in self._selector.select(self._patience(now)):
                if key.fileobj is self._wakeup:
                    self._wakeup.recv(PIECE)
                elif key.fileobj is self._listener:
                    self._admit()
                else:
                    self._advance(key.data)

    def _patience(self, now: float) -> float | None:
        """Until the next deadline."""
        ends = [newcomer.end for newcomer in list(self._newcomers.values())[:1]]
        ends += [newcomer.remind_at for newcomer in list(self._silent)[:1]]
        ends += [due for dismissals in self._dismissals.values() if (due := dismissals.due()) is not None]
        if not self._listening and self._listen_from > now:
            ends.append(self._listen_from)
        return max(0.0, min(ends) - now) if ends else None

    def _expire(self, now: float) -> None:
        while self._newcomers:
            oldest = next(iter(self._newcomers.values()))
            if oldest.end > now:
                break
            self._dismiss(oldest, TOO_LONG)

    def _remind(self, now: float) -> None:
        while self._silent and (self._silent[0].remind_at <= now or self._silent[0].sock not in self._newcomers):
            newcomer = self._silent.popleft()
            if newcomer.sock in self._newcomers:
                newcomer.remind()

    def _open_or_shut_the_door(self, now: float) -> None:
        wanted = len(self._passed) < WAITING and now >= self._listen_from
        if wanted and not self._listening:
            self._selector.register(self._listener, selectors.EVENT_READ)
        elif self._listening and not wanted:
            self._selector.unregister(self._listener)
        self._listening = wanted

    def _admit(self) -> None:
        try:
            sock, address = self._listener.accept()
        except OSError as error:
            if error.errno in TRANSIENT:
                LOG.warning("cannot accept: %s; trying again", error)
                self._listen_from = time.monotonic() + PAUSE
            return
        if len(self._newcomers) >= self._limit:
            self._dismiss(next(iter(self._newcomers.values())), TOO_MANY)
        sock.setblocking(False)
        newcomer = Newcomer(sock, address, self._handshake(), time.monotonic() + self._timeout)
        self._newcomers[sock] = newcomer
        self._silent.append(newcomer)
        self._selector.register(sock, selectors.EVENT_READ, newcomer)
        self._advance(newcomer)

    def _advance(self, newcomer: Newcomer) -> None:
        try:
            passed = newcomer.advance()
        except OSError as error:
            self._dismiss(newcomer, NO_PROOF, str(error))
            return
        if passed:
            self._forget(newcomer)
            newcomer.sock.settimeout(socket.getdefaulttimeout())
            self._passed.append(newcomer)
            with contextlib.suppress(BlockingIOError):
                self._button.send(b"\0")

    def _dismiss(self, newcomer: Newcomer, kind: str, reason: str | None = None) -> None:
        self._dismissals[kind].note(f"{show(newcomer.address)} not let in: {reason or kind}")
        self._forget(newcomer)
        newcomer.sock.close()

    def _forget(self, newcomer: Newcomer) -> None:
        del self._newcomers[newcomer.sock]
        self._selector.unregister(newcomer.sock)


class Newcomer:
    """A connection whose handshake is under way."""

    def __init__(self, sock: socket.socket, address: Any, handshake: ServerHandshake, end: float) -> None:
        self.sock, self.address, self.handshake, self.end = sock, address, handshake, end
        self.remind_at = time.monotonic() + REMIND_AFTER
        self._silent = True

    def advance(self) -> bool:
        """Send and receive what there is without waiting; whether the handshake is done.

        Takes exactly the handshake from the socket: what came behind it is the handler's. The answers fit into any
        socket's send buffer, since a peer is read from only when it was sent all there was.
        """
        self._send()
        try:
            data = self.sock.recv(PIECE, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        if not data:
            raise AuthenticationError("authentication failed: the peer closed the connection")
        first, self._silent = self._silent, False
        try:
            rest = self.handshake.receive(data)
        except AuthenticationError as error:
            self._send()
            if first and (what := self.handshake.describe(data)):
                raise AuthenticationError(f"{error}: it sent {what}") from None
            raise
        self.sock.recv(len(data) - len(rest))
        self._send()
        return self.handshake.complete

    def remind(self) -> None:
        """Let somebody who has said nothing know that there is a secret, where the server does not speak first."""
        if self._silent:
            with contextlib.suppress(OSError):
                self.sock.send(self.handshake.reminder())

    def _send(self) -> None:
        output = self.handshake.output()
        if output and self.sock.send(output) != len(output):
            raise AuthenticationError("authentication failed: the peer does not read")
