"""A chat whose other end is a program or a file."""

from __future__ import annotations

import sys
import threading
import time

from rustchat import ChatClient
from rustchat import TimeoutError as Late
from rustchat.cli.failure import Failure, tell
from rustchat.cli.lines import LONGEST, Lines, TooLong
from rustchat.cli.talk import FAREWELL, PATIENCE, Talk

# What may be on its way at a time: so nothing waits in the system for a server that has stopped reading.
LINES_UNDER_WAY = 256
CHARACTERS_UNDER_WAY = 1 << 16

# Lines that are read to be counted, when they cannot be said any more.
COUNTED = 10_000


class Pipe(Talk):
    """Says every line of standard input, and ends well only if each has come back from the room."""

    def __init__(self, client: ChatClient, is_line_chat: bool) -> None:
        super().__init__(client, is_line_chat)
        self._said = 0
        self._unsaid = 0

    def run(self) -> None:
        """Say everything; raise Failure if something has not come back."""
        lines = Lines(sys.stdin.fileno())

        def end() -> None:
            lines.stop()
            self._returns.wake()

        listener = self.listen(end)
        try:
            self._say_all(lines, listener)
            self._settle(listener)
        except KeyboardInterrupt:
            if lost := self.lost():
                tell(lost)
            raise
        finally:
            self._client.stop(0)
            # The listener, which writes into it, has ended with the connection.
            listener.join(PATIENCE)
            if not listener.is_alive():
                lines.close()
        self._judge()

    def _say_all(self, lines: Lines, listener: threading.Thread) -> None:
        number = 0
        while (raw := lines.read()) is not None:
            number += 1
            line = self._text(number, raw)
            if line is not None and self.says_goodbye(line):
                break
            if line and not self._say(number, line, listener):
                break
        self._count_unsaid(lines)

    def says_goodbye(self, line: str) -> bool:
        # Programs that speak to programs may have to say the word.
        return super().says_goodbye(line) and (self._is_line_chat or line.strip() != "quit")

    def _text(self, number: int, raw: bytes | TooLong) -> str | None:
        """A line as text; None if it is none, which the user is told."""
        if isinstance(raw, TooLong):
            self._complain(number, f"it is longer than {LONGEST} bytes")
            return None
        try:
            # Files of Windows begin with a byte order mark, which is no part of the text.
            return raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip()
        except UnicodeDecodeError:
            self._complain(number, "it is not UTF-8")
            return None

    def _complain(self, number: int, why: object) -> None:
        self._unsaid += 1
        tell(f"line {number} was not said: {why}")

    def _count_unsaid(self, lines: Lines) -> None:
        """What stands behind the last line that was said, as far as it is there, and not without end."""
        for _ in range(COUNTED):
            raw = lines.read(wait=False)
            if raw is None:
                return
            self._unsaid += isinstance(raw, TooLong) or bool(raw.strip())

    def _say(self, number: int, line: str, listener: threading.Thread) -> bool:
        """Say one line when there is room for it; whether to go on."""
        while self._returns.waiting >= LINES_UNDER_WAY or self._returns.size > CHARACTERS_UNDER_WAY:
            if not self._is_answered(listener, PATIENCE):
                self._unsaid += 1
                return False
        try:
            self.say(line, PATIENCE)
        except ValueError as error:
            self._complain(number, error)
            return True
        except Late:
            self.reason = "the server does not read"
            return False
        except OSError:
            # The listener knows why the connection has ended.
            listener.join(PATIENCE)
            return False
        self._said += 1
        return True

    def _settle(self, listener: threading.Thread) -> None:
        """Wait for what is still to come back, then leave."""
        while self._returns.waiting:
            if not self._is_answered(listener, PATIENCE - FAREWELL):
                break
        frozen = listener.is_alive() and self._returns.waiting > 0
        gone = self.leave(listener, FAREWELL if frozen else PATIENCE)
        if not gone and self._returns.missing and not self.reason:
            self.reason = "the server does not answer"

    def _is_answered(self, listener: threading.Thread, patience: float) -> bool:
        """Wait for an answer to something of ours; whether it makes sense to wait for another one."""
        left = self._returns.last + patience - time.monotonic()
        # While whoever reads our output is slow, so are we.
        if listener.is_alive() and (left > 0 or self._printing):
            self._returns.wait(max(left, 0.05))
            return True
        return False

    def _judge(self) -> None:
        missing = self._returns.missing
        not_said = self._unsaid + min(self._returns.refused, missing + self._returns.commands)
        lost = missing - min(self._returns.refused, missing)
        every = self._said + self._unsaid
        found = [self.reason] if self.reason else []
        if lost == 1 and not not_said:
            found.append("the last line may not have arrived: it did not come back from the room")
        elif lost:
            found.append(f"{lost} of {every} lines may not have arrived: they did not come back from the room")
        if not_said:
            found.append(f"{not_said} of {every} lines {'was' if not_said == 1 else 'were'} not said")
        if lost and not self._heard_something:
            found.append("nothing was heard at all, perhaps the server wants a secret or another --framing")
        if found:
            raise Failure("; ".join(found))
