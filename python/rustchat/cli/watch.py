"""A server whose room can be watched."""

from __future__ import annotations

import time
from datetime import datetime

from rustchat import ChatServer, Client
from rustchat.cli.text import show_address, visible

# Lines in a second that a console shows: more are for nobody to read, and might wait for a terminal that has stopped.
LINES_PER_SECOND = 50


class WatchedServer(ChatServer):
    """Prints what happens in the room, when it is told to."""

    watching = False
    _second = 0
    _lines = 0

    def on_join(self, client: Client) -> None:
        self._show(f"* {who(client)} joined")

    def on_said(self, client: Client, text: str) -> None:
        self._show("\n    ".join(visible(line) for line in f"{who(client)}: {text}".split("\n")))

    def on_rename(self, client: Client, old: str | None) -> None:
        before = visible(old or show_address(client.address))
        self._show(
            f"* {before} is called {visible(client.name)}" if client.name else f"* {before} has no name any more"
        )

    def on_leave(self, client: Client, reason: str) -> None:
        self._show(f"* {who(client)} left: {visible(reason)}")

    def _show(self, what: str) -> None:
        if not self.watching:
            return
        second = int(time.monotonic())
        if second != self._second:
            if self._lines > LINES_PER_SECOND:
                print(f"* and {self._lines - LINES_PER_SECOND} more lines")
            self._second, self._lines = second, 0
        self._lines += 1
        if self._lines <= LINES_PER_SECOND:
            print(f"{datetime.now():%H:%M:%S} {what}")


def who(client: Client) -> str:
    """A member as the console names it."""
    return visible(client.name or show_address(client.address))
