"""``rustchat chat``: join a chat."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable

from rustchat import ChatClient, Error, Message
from rustchat.cli import options as common
from rustchat.cli.failure import Failure
from rustchat.cli.text import show_address, visible

# Seconds for what is still on its way when we leave.
FAREWELL = 5

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
                    print(show(self._client.recv_any()), flush=True)
            except (Error, OSError) as error:
                if not self._leaving:
                    self.reason = str(error)
            finally:
                on_end()

        thread = threading.Thread(target=body, name="rustchat-listen", daemon=True)
        thread.start()
        return thread

    def leave(self) -> None:
        """Say goodbye, and let the listener print what is still on its way."""
        self._leaving = True
        with contextlib.suppress(OSError):
            self._client.leave()


class Terminal(Talk):
    """A person at a keyboard."""

    def run(self) -> None:
        """Read lines until the person or the server ends it."""
        # Only a terminal needs the prompt's library.
        from prompt_toolkit.patch_stdout import patch_stdout

        # Raw: the text of others is escaped already.
        with patch_stdout(raw=True):
            listener = asyncio.run(self._converse())
            self.leave()
            listener.join(FAREWELL)

    async def _converse(self) -> threading.Thread:
        from prompt_toolkit import PromptSession

        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        listener = self.listen(lambda: wake(loop, ended))
        end = asyncio.ensure_future(ended.wait())
        session: PromptSession[str] = PromptSession("> ")
        while listener.is_alive():
            prompt = asyncio.ensure_future(session.prompt_async())
            await asyncio.wait({prompt, end}, return_when=asyncio.FIRST_COMPLETED)
            if end.done():
                prompt.cancel()
            try:
                line = await prompt
            except (asyncio.CancelledError, EOFError, KeyboardInterrupt):
                break
            if line.strip() == "quit" or not self._say(line):
                break
        end.cancel()
        return listener

    def _say(self, line: str) -> bool:
        try:
            self._client.send(line)
        except ValueError as error:
            print(f"not said: {error}")
        except OSError:
            return False
        return True


def wake(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    """Set an event of a loop on another thread; a loop that has ended needs no waking."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(event.set)


class Pipe(Talk):
    """Another program, or a file."""

    def run(self) -> None:
        """Say every line of standard input."""
        listener = self.listen(lambda: None)
        try:
            for line in sys.stdin:
                if not listener.is_alive():
                    break
                self._client.send(line.rstrip("\r\n"))
        finally:
            if listener.is_alive():
                self.leave()
            listener.join(FAREWELL)


def show(message: Message) -> str:
    """A message as one line, or several if its text has several."""
    lines = "\n    ".join(visible(line) for line in message.text.split("\n"))
    who = visible(message.sender.name or show_address(message.sender.address))
    match message.kind:
        case "message":
            said = f"{who}: {lines}"
        case "direct":
            said = f"{who} (to you): {lines}"
        case "join" | "leave":
            said = f"* {who} {lines}"
        case "welcome":
            said = f"* you are {who}"
        case "name":
            said = f"* your name is {who}"
        case "error":
            said = f"* refused: {lines}"
        case _:
            said = f"* {lines}"
    return f"{message.time.astimezone():%H:%M:%S} {said}"
