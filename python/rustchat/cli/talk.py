"""What a person and a pipe have in common in a chat."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

from rustchat import ChatClient, Error
from rustchat.cli.paint import PLAIN, Plain
from rustchat.cli.returns import Returns
from rustchat.cli.text import show

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
            print(show(message, self._paint), flush=True)
            self._printing = False

    def says_goodbye(self, line: str) -> bool:
        """Whether a line is the wish to leave, and not to be said."""
        return line.strip() in (("quit", "/quit") if self._is_line_chat else ("quit",))

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
