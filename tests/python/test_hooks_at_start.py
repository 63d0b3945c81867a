"""Hooks that are called before the start() of their object has returned."""

from __future__ import annotations

import queue
import socket
from collections.abc import Callable

import pytest
import rustchat
from waiting import PATIENCE

ROUNDS = 30


class Outcomes:
    """What came of calls in hooks."""

    def __init__(self) -> None:
        self._all: queue.Queue[object] = queue.Queue()

    def of(self, call: Callable[[], object]) -> None:
        try:
            call()
            self._all.put(None)
        except Exception as error:
            self._all.put(error)

    def next(self) -> object:
        return self._all.get(timeout=PATIENCE)


def test_a_client_may_be_used_by_the_first_of_its_hooks() -> None:
    outcomes = Outcomes()

    class Eager(rustchat.ChatClient):
        def on_event(self, message: rustchat.Message) -> None:
            if message.kind == "welcome":
                outcomes.of(lambda: self.send("hello"))
                outcomes.of(lambda: (self.peer[1], self.address[1], self.protection.upper()))

    with rustchat.ChatServer(port=0, framing="u32be") as server:
        for _ in range(ROUNDS):
            with Eager(*server.address, framing="u32be"):
                assert [outcomes.next(), outcomes.next()] == [None, None]


@pytest.mark.parametrize("hook", ["on_join", "authorize", "on_message"])
def test_a_server_may_be_used_by_the_first_of_its_hooks(hook: str) -> None:
    outcomes = Outcomes()

    def use(server: rustchat.ChatServer, *_: object) -> str | bool:
        outcomes.of(lambda: server.broadcast("hello"))
        outcomes.of(lambda: server.clients)
        return "hello" if hook == "on_message" else True

    kind = type("Eager", (rustchat.ChatServer,), {hook: use})
    for _ in range(ROUNDS):
        with socket.create_server(("127.0.0.1", 0)) as listener, kind(port=0) as server:
            server.stop()
            with socket.create_connection(listener.getsockname()) as guest:
                guest.sendall(b"hello\n")
                # Whoever is in the backlog is dealt with as soon as there is anybody to do so.
                server.start(listener=listener)
                assert [outcomes.next(), outcomes.next()] == [None, None]
