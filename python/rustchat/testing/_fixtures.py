"""Fixtures of pytest: servers on free ports or Unix paths, and clients that record."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar, overload

import pytest

from rustchat._rustchat import ChatServer, CommandServer, FileServer
from rustchat.testing._recorder import PATIENCE, Recorder

S = TypeVar("S", bound=ChatServer)

__all__ = [
    "SECRET",
    "CommandServers",
    "FileServers",
    "Recorders",
    "Servers",
    "chat_server",
    "command_server",
    "file_server",
    "recorder",
]

SECRET = "a secret that all tests know"
"""What clients of the fixtures' servers of commands and files prove, unless the test says otherwise."""


class Servers:
    """Starts chat servers; what the fixture `chat_server` gives."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack

    @overload
    def __call__(self, server: None = None, *, unix: bool = False, **options: Any) -> ChatServer: ...
    @overload
    def __call__(self, server: type[S], *, unix: bool = False, **options: Any) -> S: ...
    @overload
    def __call__(self, server: S) -> S: ...
    def __call__(
        self, server: type[ChatServer] | ChatServer | None = None, *, unix: bool = False, **options: Any
    ) -> ChatServer:
        """Starts a server of that class, or a ChatServer, on a free port of 127.0.0.1, with `unix` at a path of its
        own, and stops it in the end. An object that was made already is started as it is."""
        if not isinstance(server, ChatServer):
            where: tuple[Any, ...] = (self._path(),) if unix else ("127.0.0.1", 0)
            server = (server or ChatServer)(*where, **options)
        return self._stack.enter_context(server)

    def _path(self) -> str:
        # A directory of pytest's may be too long for the address of a socket.
        return str(Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="chat-"))) / "chat.sock")


class CommandServers:
    """Starts servers of remote commands; what the fixture `command_server` gives."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack

    def __call__(self, commands: Any = None, **options: Any) -> CommandServer:
        """Starts a CommandServer for these commands on a free port of 127.0.0.1, and stops it in the end. Its secret is
        SECRET unless `secret` or `keys` is another."""
        return self._stack.enter_context(CommandServer(("127.0.0.1", 0), commands, **_guarded(options)))


class FileServers:
    """Starts servers of files; what the fixture `file_server` gives."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack

    def __call__(self, root: str | Path | None = None, **options: Any) -> FileServer:
        """Starts a FileServer for that folder, or for one of its own that goes with it, on a free port of 127.0.0.1,
        and stops it in the end. Its secret is SECRET unless `secret` or `keys` is another; the disk may be full."""
        folder = root or self._stack.enter_context(tempfile.TemporaryDirectory(prefix="files-"))
        options = {"disk_reserve": 0, **_guarded(options)}
        return self._stack.enter_context(FileServer(("127.0.0.1", 0), folder, **options))


def _guarded(options: dict[str, Any]) -> dict[str, Any]:
    return options if "secret" in options or "keys" in options else {"secret": SECRET, **options}


class Recorders:
    """Has clients join; what the fixture `recorder` gives."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack

    def __call__(self, server: ChatServer, **options: Any) -> Recorder:
        """A Recorder that has joined `server`, so that it hears whatever is said from here on. It leaves in the end."""
        address = server.address
        where = address if isinstance(address, tuple) else (address,)
        before = server.stats().joined
        client = self._stack.enter_context(Recorder(*where, **options))
        end = time.monotonic() + PATIENCE
        while server.stats().joined == before:
            assert time.monotonic() < end, f"the client did not join within {PATIENCE:g} seconds"
            time.sleep(0.001)
        return client


@pytest.fixture
def chat_server() -> Iterator[Servers]:
    """Starts chat servers that are stopped when the test is over: `server = chat_server(MyServer, idle_timeout=60)`."""
    with contextlib.ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture
def command_server() -> Iterator[CommandServers]:
    """Starts servers of remote commands that are stopped when the test is over:
    `server = command_server({"date": ["/bin/date"]})`."""
    with contextlib.ExitStack() as stack:
        yield CommandServers(stack)


@pytest.fixture
def file_server() -> Iterator[FileServers]:
    """Starts servers of files that are stopped when the test is over: `server = file_server(tmp_path)`."""
    with contextlib.ExitStack() as stack:
        yield FileServers(stack)


@pytest.fixture
def recorder(chat_server: Servers) -> Iterator[Recorders]:
    """Has clients join that note all that they hear, and leave when the test is over: `ann = recorder(server)`."""
    # The servers are asked for first, so that they are stopped last.
    with contextlib.ExitStack() as stack:
        yield Recorders(stack)
