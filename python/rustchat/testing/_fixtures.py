"""Fixtures of pytest: servers on free ports or Unix paths, and clients that record."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar, overload

import pytest

from rustchat._rustchat import ChatServer
from rustchat.testing._recorder import PATIENCE, Recorder

S = TypeVar("S", bound=ChatServer)

__all__ = ["Recorders", "Servers", "chat_server", "recorder"]


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
def recorder(chat_server: Servers) -> Iterator[Recorders]:
    """Has clients join that note all that they hear, and leave when the test is over: `ann = recorder(server)`."""
    # The servers are asked for first, so that they are stopped last.
    with contextlib.ExitStack() as stack:
        yield Recorders(stack)
