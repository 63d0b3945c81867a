"""Which of our own lines have come back from the room."""

from __future__ import annotations

import threading
import time
from collections import deque

from rustchat import Message


class Pending:
    """Lines that were said and have not come back, in the order of the room, which is that in which they were said."""

    def __init__(self) -> None:
        self.lines: deque[str] = deque()
        self.lost = 0
        self.returned = 0
        self.refused = 0

    def take(self, text: str) -> bool:
        """One has come back; whether its text is one of those that were said.

        Those before it never will: the room has swallowed them. A text that nobody said is one that the room altered.
        """
        known = text in self.lines
        while known and self.lines[0] != text:
            self.lines.popleft()
            self.lost += 1
            self.refused = max(self.refused - 1, 0)
        if self.lines:
            self.lines.popleft()
            self.returned += 1
        return known

    @property
    def missing(self) -> int:
        """How many have not come back."""
        return len(self.lines) + self.lost

    @property
    def waiting(self) -> int:
        """How many may still come back: which one was refused is not known before a later one has come."""
        return max(len(self.lines) - self.refused, 0)


class Returns:
    """Compares what is said with what is heard. Any thread may call any method.

    Message chat tells us which messages are ours. Line chat signs them with the address that the server sees, which is
    not ours behind an address translation, and the same for all over a Unix socket; then the text has to do. Its
    commands do not come back, unless the server knows of none, or what they do is shown: `/me`.
    """

    def __init__(self, is_line_chat: bool = False) -> None:
        self._is_line_chat = is_line_chat
        self._changed = threading.Condition()
        self._signed = Pending()
        self._by_text = Pending()
        self._id = 0
        self._commanded: deque[str] = deque(maxlen=256)
        self._last_is_command = False
        self.commands = 0
        """How many lines were commands to the server."""
        self.refused = 0
        self.last = time.monotonic()
        """When something of ours was answered last, or the first line was said."""

    def say(self, text: str) -> None:
        """A line is about to be said."""
        with self._changed:
            self._last_is_command = self._is_line_chat and text.startswith("/") and not text.startswith("//")
            if self._last_is_command:
                self.commands += 1
                self._commanded.append(text)
                return
            # What the server makes of it.
            text = text[1:] if self._is_line_chat and text.startswith("//") else text
            if not self._pending.lines:
                self.last = time.monotonic()
            self._signed.lines.append(text)
            self._by_text.lines.append(text)

    def command(self) -> None:
        """Something is about to be asked of the server that does not come back."""
        with self._changed:
            self.commands += 1

    def unsay(self) -> None:
        """The line that was about to be said last was not."""
        with self._changed:
            if self._commanded and self._last_is_command:
                self._commanded.pop()
                self.commands -= 1
                return
            for pending in (self._signed, self._by_text):
                if pending.lines:
                    pending.lines.pop()

    def hear(self, message: Message, own_address: tuple[str, int] | str | None) -> None:
        """Something came from the room."""
        with self._changed:
            if message.kind == "welcome":
                self._id = message.sender.id
            elif message.kind == "error":
                self.refused += 1
                for pending in (self._signed, self._by_text):
                    pending.refused += 1
                self._answered()
            elif message.kind == "message":
                text = message.text.rstrip()
                if self._is_command_shown(text):
                    return
                if self._is_ours(message, own_address):
                    self._signed.take(text)
                    self._answered()
                if text in self._by_text.lines:
                    self._by_text.take(text)
                    self._answered()

    def _is_command_shown(self, text: str) -> bool:
        """Whether a command of ours has come back after all."""
        for command in self._commanded:
            done = command.removeprefix("/me ").strip()
            if text == command or (done != command and text.startswith("* ") and text.endswith(f" {done}")):
                self._commanded.remove(command)
                return True
        return False

    def _is_ours(self, message: Message, own_address: tuple[str, int] | str | None) -> bool:
        if message.sender.id:
            return message.sender.id == self._id
        return bool(own_address) and message.sender.address == own_address

    def _answered(self) -> None:
        self.last = time.monotonic()
        self._changed.notify_all()

    @property
    def _pending(self) -> Pending:
        return self._signed if self._signed.returned else self._by_text

    @property
    def missing(self) -> int:
        """How many lines have not come back."""
        with self._changed:
            return self._pending.missing

    @property
    def waiting(self) -> int:
        """How many lines may still come back."""
        with self._changed:
            return self._pending.waiting

    @property
    def size(self) -> int:
        """How many characters the lines have that have not come back."""
        with self._changed:
            return sum(map(len, self._pending.lines))

    def wait(self, seconds: float) -> None:
        """Wait until something of ours is answered, or the time is up."""
        with self._changed:
            self._changed.wait(seconds)

    def wake(self) -> None:
        """End a wait."""
        with self._changed:
            self._changed.notify_all()
