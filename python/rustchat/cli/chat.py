"""``rustchat chat``: join a chat."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable

from prompt_toolkit import PromptSession
from prompt_toolkit.patch_stdout import patch_stdout

from rustchat import ChatClient, Error, Message
from rustchat.cli import options as common
from rustchat.cli.failure import Failure
from rustchat.cli.text import visible

DESCRIPTION = """\
Join a chat. On a terminal you edit your line while messages arrive above it; `quit` or Ctrl-D leaves.
Otherwise lines of standard input are said and messages go to standard output, until the input ends.
"""


def add_to(commands: common.Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("chat", help="join a chat", description=DESCRIPTION)
    parser.add_argument("host", nargs="?", default="127.0.0.1", help="the server (default 127.0.0.1)")
    parser.add_argument("port", nargs="?", type=common.port, default=60000, help="its port (default 60000)")
    parser.add_argument("--name", help="the name to take (not in line chat, which knows none)")
    parser.add_argument("--key-id", default="", help="which of the server's keys the secret is (default: the only one)")
    common.add_wire(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Chat until either side ends it."""
    client = ChatClient(
        options.host,
        options.port,
        framing=options.framing,
        secret=common.secret(options),
        key_id=options.key_id,
        profile=options.profile,
        name=options.name,
    )
    with client:
        talk = Terminal(client) if sys.stdin.isatty() else Pipe(client)
        talk.run()
    if talk.reason:
        raise Failure(talk.reason)
    return 0


class Talk:
    """Both directions at once: a thread prints what is heard, the main thread says what is typed."""

    def __init__(self, client: ChatClient) -> None:
        self._client = client
        self._leaving = False
        self.reason = ""

    def listen(self, on_end: Callable[[], None]) -> threading.Thread:
        """Print messages until the connection ends, then call `on_end`."""

        def body() -> None:
            try:
                while True:
                    print(show(self._client.recv()), flush=True)
            except (Error, OSError) as error:
                if not self._leaving:
                    self.reason = str(error)
            finally:
                on_end()

        thread = threading.Thread(target=body, name="rustchat-listen", daemon=True)
        thread.start()
        return thread

    def leave(self) -> None:
        """Say goodbye; what is still on its way is printed first."""
        self._leaving = True
        self._client.stop()


class Terminal(Talk):
    """A person at a keyboard."""

    def run(self) -> None:
        """Read lines until the person or the server ends it."""
        session: PromptSession[str] = PromptSession("> ")

        def interrupt_prompt() -> None:
            loop = session.app.loop
            if loop is not None and session.app.is_running:
                loop.call_soon_threadsafe(lambda: session.app.is_running and session.app.exit(exception=EOFError))

        # Raw: the text is escaped already, and colours of our own may come.
        with patch_stdout(raw=True):
            listener = self.listen(interrupt_prompt)
            while listener.is_alive():
                try:
                    line = session.prompt()
                except (EOFError, KeyboardInterrupt):
                    break
                if line.strip() == "quit":
                    break
                try:
                    self._client.send(line)
                except ValueError as error:
                    print(f"not said: {error}")
                except (Error, OSError):
                    break
            self.leave()
            listener.join(timeout=5)


class Pipe(Talk):
    """Another program, or a file."""

    def run(self) -> None:
        """Say every line of standard input."""
        listener = self.listen(lambda: None)
        for line in sys.stdin:
            if not listener.is_alive():
                break
            self._client.send(line.rstrip("\r\n"))
        if listener.is_alive():
            self.leave()
        listener.join(timeout=5)


def show(message: Message) -> str:
    """A message as one line, or several if its text has several."""
    host, port = message.sender.address if isinstance(message.sender.address, tuple) else (message.sender.address, "")
    who = message.sender.name or (f"{host}:{port}" if port else str(host)) or "?"
    lines = [visible(line) for line in message.text.split("\n")]
    return f"{message.time.astimezone():%H:%M:%S} {visible(who)}: " + "\n    ".join(lines)
