"""What a person and a pipe have in common in a chat."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from rustchat import ChatClient, Error
from rustchat.cli.paint import PLAIN, Plain
from rustchat.cli.returns import Returns
from rustchat.cli.slash import HELP, Command, NotDone, is_goodbye, parse
from rustchat.cli.text import show, show_address, show_member, show_notice

T = TypeVar("T")

# Seconds after which a server that answers nothing counts as frozen: so who leaves has left within two, with the end of
# the process.
PATIENCE = 1.5

# Of these, what is left for the farewell of a server that has not answered to a line.
FAREWELL = 0.2


class Talk:
    """Both directions at once: a thread prints what is heard, the main thread says what is to be said."""

    def __init__(self, client: ChatClient, is_line_chat: bool) -> None:
        self._client = client
        self._paint: Plain = PLAIN
        self._is_line_chat = is_line_chat
        self._leaving = False
        self._printing = False
        self._returns = Returns(is_line_chat)
        self._heard_something = False
        self.reason = ""
        """Why it has ended, if neither side has left in good order."""

    def listen(self, on_end: Callable[[], None]) -> threading.Thread:
        """Print messages until the connection ends, then call `on_end`."""

        def body() -> None:
            try:
                self._listen()
            except BrokenPipeError:
                self.reason = self.reason or "nobody reads the output any more"
            except (Error, OSError) as error:
                if not self._leaving:
                    self.reason = str(error)
            finally:
                on_end()

        thread = threading.Thread(target=body, name="rustchat-listen", daemon=True)
        thread.start()
        return thread

    def _listen(self) -> None:
        while True:
            message = self._client.recv_any()
            self._heard_something = True
            self._returns.hear(message, self._client.address)
            self._printing = True
            print(show(message, self._paint) + "\n", end="", flush=True)
            self._printing = False

    def says_goodbye(self, line: str) -> bool:
        """Whether a line is the wish to leave, and not to be said."""
        word = line.strip()
        return word == "quit" or (word == "/quit" if self._is_line_chat else is_goodbye(word))

    def say(self, line: str, patience: float) -> None:
        """Say a line. What begins with a slash is done: in line chat by the server, in message chat here.

        Raises ValueError for what cannot be said or done, and what send() raises.
        """
        if self._is_line_chat or not line.startswith("/"):
            self._send(line, patience)
        else:
            self._obey(parse(line), patience)

    def _send(self, text: str, patience: float) -> None:
        self._returns.say(text)
        try:
            # The system takes a line at once, unless the server has not read for long.
            self._client.send(text, timeout=patience)
        except ValueError:
            self._returns.unsay()
            raise

    def _obey(self, command: Command, patience: float) -> None:
        match command.kind:
            case "say":
                self._send(command.text, patience)
            case "me":
                self._send(f"* {self._client.name or show_address(self._client.address)} {command.text}", patience)
            case "msg":
                self._returns.command()
                self._client.send(command.text, timeout=patience, to=command.name)
                self._tell(f"* you say to {command.name}: {command.text}")
            case "name":
                self._ask(lambda: self._client.rename(command.name, PATIENCE))
            case "who":
                members = self._ask(lambda: self._client.who(PATIENCE))
                self._tell("* here: " + ", ".join(map(show_member, members)))
            case "help":
                self._tell(HELP)

    def _ask(self, question: Callable[[], T]) -> T:
        """What the server answers; NotDone where it does not, or says no, and the connection goes on."""
        try:
            return question()
        except Error as error:
            if self._client.connected or self._client.reconnecting:
                raise NotDone(error) from error
            raise

    def _tell(self, notice: str) -> None:
        print(show_notice(notice, self._paint) + "\n", end="", flush=True)

    def lost(self) -> str:
        """What to say of lines that have not come back from the room; nothing if all have."""
        missing = self._returns.missing
        return f"{'the last line' if missing == 1 else f'{missing} lines'} may not have arrived" if missing else ""

    def leave(self, listener: threading.Thread, patience: float) -> bool:
        """Say goodbye, and let the listener print what is still on its way; whether the server let us go in time."""
        self._leaving = True
        end = time.monotonic() + patience
        with contextlib.suppress(Error, OSError):
            self._client.leave(timeout=patience)
        while listener.is_alive() and (self._printing or time.monotonic() < end):
            listener.join(0.05)
        return not listener.is_alive()
