"""A client that notes all that it hears."""

from __future__ import annotations

import re
import threading

from rustchat._rustchat import ChatClient

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from rustchat import Error, Message

PATIENCE = 10.0
"""How long is waited, in seconds, unless a test says otherwise: long for a busy machine, since who hears waits no
longer than it has to."""


class Recorder(ChatClient):
    """A ChatClient that notes all that it hears, of every kind, and lets a test wait for it. Arguments are
    ChatClient's.

        with Recorder(*server.address) as ann, Recorder(*server.address) as ben:
            ann.send("hello")
            assert ben.wait_for("hello").sender.address == ann.address

    What a wait was for and has not come is said by its AssertionError, with all that was heard in its place. Messages
    go here and not to recv(). In line chat nobody is told that he has joined, so that what is said at that moment may
    pass him by: the fixture `recorder` waits until he has."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._changed = threading.Condition()
        self._heard: list[Message] = []
        self._found: set[int] = set()
        self._ended = False
        self._reason: Error | None = None

    @property
    def heard(self) -> list[Message]:
        """Every Message so far, in the order in which they came."""
        with self._changed:
            return list(self._heard)

    @property
    def texts(self) -> list[str]:
        """What was said so far, to the room or to us."""
        return [message.text for message in self.heard if message.kind in ("message", "direct")]

    def wait_for(self, what: str | re.Pattern[str] | Callable[[Message], object], timeout: float = PATIENCE) -> Message:
        """Waits until something is heard, or takes it of what was heard before, and returns the Message.

        `what` is the whole text of a message, a pattern that is searched for in it, or a function that says of a
        Message whether it is meant. Each message ends one wait only: who waits for "hello" twice waits for two of
        them. Raises AssertionError, with all that was heard, after `timeout` seconds, or at once when the connection
        is over."""
        with self._changed:
            found = self._changed.wait_for(lambda: self._find(what) is not None or self._ended, timeout)
            index = self._find(what) if found else None
            if index is None:
                raise AssertionError(self._report(f"{_named(what)} was not heard", timeout))
            self._found.add(index)
            return self._heard[index]

    def wait_for_end(self, timeout: float = PATIENCE) -> Error | None:
        """Waits until the connection has ended; returns why, None when it was closed by us. Raises AssertionError, with
        all that was heard, after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._ended, timeout):
                raise AssertionError(self._report("the connection did not end", timeout))
            return self._reason

    def _find(self, what: str | re.Pattern[str] | Callable[[Message], object]) -> int | None:
        for index, message in enumerate(self._heard):
            if index not in self._found and _is_meant(what, message):
                return index
        return None

    def _report(self, what: str, timeout: float) -> str:
        when = f"before the connection ended ({self._reason})" if self._ended else f"within {timeout:g} seconds"
        lines = [
            f"  {message.kind} of {_speaker(message)}: {message.text!r}" + (" (found before)" * (index in self._found))
            for index, message in enumerate(self._heard)
        ]
        return "\n".join([f"{what} {when}; what was:", *(lines or ["  nothing"])])

    def on_message(self, message: Message) -> None:
        """Notes what somebody said."""
        self._note(message)

    def on_event(self, message: Message) -> None:
        """Notes what else the server has told."""
        self._note(message)

    def _note(self, message: Message) -> None:
        with self._changed:
            self._heard.append(message)
            self._changed.notify_all()

    def on_disconnect(self, reason: Error | None) -> None:
        """Notes the end."""
        with self._changed:
            self._ended, self._reason = True, reason
            self._changed.notify_all()


def _is_meant(what: str | re.Pattern[str] | Callable[[Message], object], message: Message) -> bool:
    if isinstance(what, str):
        return message.text == what
    if isinstance(what, re.Pattern):
        return what.search(message.text) is not None
    return bool(what(message))


def _named(what: str | re.Pattern[str] | Callable[[Message], object]) -> str:
    if isinstance(what, (str, re.Pattern)):
        return repr(what if isinstance(what, str) else what.pattern)
    return f"what {getattr(what, '__name__', 'the function')} means"


def _speaker(message: Message) -> str:
    sender = message.sender
    address = sender.address
    where = f"{address[0]}:{address[1]}" if isinstance(address, tuple) else address
    return str(sender.name or ("the server" if sender.is_server else where) or f"member {sender.id}")
