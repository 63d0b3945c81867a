"""A chat whose other end is a person at a keyboard."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator

from prompt_toolkit import PromptSession
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.patch_stdout import patch_stdout

from rustchat import ChatClient
from rustchat import TimeoutError as Late
from rustchat.cli.failure import Failure
from rustchat.cli.keyboard import Place, kept_for_editor
from rustchat.cli.paint import Paint, is_colourful
from rustchat.cli.talk import FAREWELL, PATIENCE, Talk


class Terminal(Talk):
    """Reads lines with an editor below the messages. A line vanishes when it is sent, and comes back from the room."""

    def __init__(self, client: ChatClient, is_line_chat: bool) -> None:
        super().__init__(client, is_line_chat)
        self._draft = ""
        if is_colourful():
            self._paint = Paint()

    def run(self) -> None:
        """Read lines until the person or the server ends it; raise Failure if it ended badly."""
        listener: list[threading.Thread] = []
        try:
            # Raw: the text of others is escaped already.
            with kept_for_editor() as place, patch_stdout(raw=True):
                with contextlib.suppress(KeyboardInterrupt):
                    asyncio.run(self._converse(listener, place))
                # Before standard output is itself again: what came earlier may still wait to be shown.
                self._part(listener)
        finally:
            self._client.stop(0)
        if self.reason:
            raise Failure(self.reason)

    def _part(self, listener: list[threading.Thread]) -> None:
        if all(self.leave(thread, PATIENCE) for thread in listener) or self.reason:
            return
        self.reason = "; ".join(filter(None, ("the server does not answer", self.lost())))

    async def _converse(self, listeners: list[threading.Thread], place: Place) -> None:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        listener = self.listen(lambda: wake(loop, ended))
        listeners.append(listener)
        session: PromptSession[str] = PromptSession(
            "> ", key_bindings=keys(), erase_when_done=True, input=place.input, output=place.output
        )
        end = asyncio.ensure_future(ended.wait())
        with ended_by_sigterm(loop, ended):
            while not end.done():
                prompt = asyncio.ensure_future(session.prompt_async(default=self._draft))
                await asyncio.wait({prompt, end}, return_when=asyncio.FIRST_COMPLETED)
                if end.done():
                    prompt.cancel()
                try:
                    line = await prompt
                except (asyncio.CancelledError, EOFError):
                    break
                if not self._say_all(line.split("\n") if self._is_line_chat else [line]):
                    break
        end.cancel()

    def _say_all(self, lines: list[str]) -> bool:
        """Say what was typed, or pasted, which may have several lines; whether to go on.

        What cannot be said is in the editor again, and with it all after it.
        """
        self._draft = ""
        for at, line in enumerate(lines):
            if self.says_goodbye(line) or not self._say(line.rstrip()):
                return False
            if self._draft:
                self._draft = "\n".join(lines[at:])
                break
        return True

    def _say(self, line: str) -> bool:
        """Say a line; whether to go on. One that cannot be said becomes the draft."""
        if not line:
            return True
        try:
            # The editor waits meanwhile.
            self.say(line, FAREWELL)
        except (ValueError, Late) as error:
            if isinstance(error, Late):
                self._returns.unsay()
            self._draft = line
            print(f"not said: {error}")
            return self._client.connected
        except OSError:
            return False
        return True


def keys() -> KeyBindings:
    """Ctrl-C clears the line, and leaves when there is none."""
    bindings = KeyBindings()

    # Eager: before those of the prompt, which raise what asyncio does not keep to itself.
    @bindings.add("c-c", eager=True)
    @bindings.add("<sigint>", eager=True)
    def _(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.app.exit(result="")
        else:
            event.app.exit(exception=EOFError(), style="class:aborting")

    return bindings


@contextlib.contextmanager
def ended_by_sigterm(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> Iterator[None]:
    """Leave on SIGTERM and SIGHUP as on `quit`: the terminal must not stay as the editor has set it."""
    signals = (signal.SIGTERM, signal.SIGHUP)
    for number in signals:
        loop.add_signal_handler(number, ended.set)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def wake(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    """Set an event of a loop on another thread; a loop that has ended needs no waking."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(event.set)
