"""Lines of a descriptor, for a reader that also waits for something else."""

from __future__ import annotations

import os
import select

# A line of more bytes than this is not kept.
LONGEST = 1 << 20

PIECE = 1 << 16


class TooLong:
    """In the place of a line that is longer than LONGEST."""


class Lines:
    """Reads lines until the end of the input; stop() keeps it from waiting, on whatever thread it is called."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = bytearray()
        self._skipping = False
        self._ended = False
        self._stopped, self._stop = os.pipe()

    def close(self) -> None:
        """Give back what stop() needs. The descriptor stays open."""
        os.close(self._stopped)
        os.close(self._stop)

    def stop(self) -> None:
        """Make a read that waits, and every later one that would, return None."""
        os.write(self._stop, b"x")

    def read(self, wait: bool = True) -> bytes | TooLong | None:
        """The next line without its end; None after the last one or, unless it is to `wait`, when there is none yet."""
        while True:
            line = self._take()
            if line is not None or self._ended:
                return line
            if not self._is_ready(wait):
                return None
            piece = os.read(self._descriptor, PIECE)
            self._ended = not piece
            self._rest += piece

    def _take(self) -> bytes | TooLong | None:
        end = self._rest.find(b"\n")
        if end < 0 and not (self._ended and (self._rest or self._skipping)):
            if len(self._rest) > LONGEST:
                self._rest.clear()
                self._skipping = True
            return None
        end = end if end >= 0 else len(self._rest)
        line, skipped = bytes(self._rest[:end]), self._skipping
        del self._rest[: end + 1]
        self._skipping = False
        return TooLong() if skipped or len(line) > LONGEST else line

    def _is_ready(self, wait: bool) -> bool:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        if wait:
            poll.register(self._stopped, select.POLLIN)
        ready = [descriptor for descriptor, _ in poll.poll(None if wait else 0)]
        return self._descriptor in ready and self._stopped not in ready
