"""What helps whoever types at the console: completion, and a history that lasts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from rustchat import ChatServer
from rustchat.cli.moderation import KINDS, names

COMMANDS = ("quit", "who", "watch", "kick", "ban", "unban", "bans", "reload", "stats", "say", "help")


def history() -> History:
    """The lines of earlier consoles, in a file for this user alone; those of this one where there can be none."""
    path = history_file()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        # One that somebody has copied or restored.
        path.chmod(0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))


def history_file() -> Path:
    """Where the history is, as the XDG base directory specification has it."""
    state = os.environ.get("XDG_STATE_HOME", "")
    # A relative one is to be ignored.
    folder = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"
    return folder / "rustchat" / "console_history"


class Words(Completer):
    """Completes commands, and whom they may be about."""

    def __init__(self, server: ChatServer) -> None:
        self._server = server

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        typed = document.text_before_cursor.lstrip()
        command, space, rest = typed.partition(" ")
        words = self._words(command) if space else COMMANDS
        begun = rest if space else command
        for word in words:
            if word.startswith(begun):
                yield Completion(word, start_position=-len(begun))

    def _words(self, command: str) -> tuple[str, ...]:
        match command:
            case "watch":
                return ("on", "off")
            case "kick":
                return self._clients()
            case "ban":
                return (*(f"{kind} " for kind in KINDS), *self._clients())
            case "unban":
                return tuple(str(ban) for ban in self._server.bans)
        return ()

    def _clients(self) -> tuple[str, ...]:
        return tuple(name for client in self._server.clients for name in names(client) if name)
