"""Clients that come back: blocking, with hooks, in a loop of one's own."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import rustchat
from conftest import PATIENCE, wait_until
from rustchat import Backoff

QUICK = Backoff(first=0.01, most=0.05)
NEVER = Backoff(first=3600, most=3600, jitter=0)
FRAMINGS = ["line", "u32be"]


class Place:
    """Where a server comes and goes."""

    def __init__(self, path: Path, framing: str) -> None:
        self.path, self.framing = str(path / "chat.sock"), framing
        self.server = self.start()

    def start(self) -> rustchat.ChatServer:
        self.server = rustchat.ChatServer(self.path, framing=self.framing)
        self.server.start()
        return self.server

    def join(self, kind: type[rustchat.ChatClient] = rustchat.ChatClient, **options: object) -> rustchat.ChatClient:
        client = kind(self.path, **{"framing": self.framing, "reconnect": QUICK, **options})
        client.start()
        wait_until(lambda: bool(self.server.clients))
        return client


@pytest.fixture(params=FRAMINGS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path, request.param)
    yield place
    place.server.stop()


def until(client: rustchat.ChatClient, kind: str) -> rustchat.Message:
    while (message := client.recv_any(PATIENCE)).kind != kind:
        pass
    return message


def test_it_comes_back_and_says_what_was_said_meanwhile(place: Place) -> None:
    with contextlib.closing(Closing(place.join())) as held:
        client = held.client
        fileno = client.fileno()
        place.server.stop()
        lost = until(client, "disconnect")
        assert isinstance(lost.loss, rustchat.ConnectionClosed)
        assert "server stopped" in str(lost.loss)
        assert client.reconnecting
        assert not client.connected
        assert "reconnecting" in repr(client)
        client.send("meanwhile")
        assert client.unacknowledged == 1
        place.start()
        until(client, "reconnect")
        gap = client.recv(PATIENCE)
        assert (gap.kind, gap.missed, gap.loss) == ("gap", None, None)
        assert client.recv(PATIENCE).text == "meanwhile"
        client.drain(PATIENCE)
        assert client.connected
        assert client.unacknowledged == 0
        assert client.fileno() == fileno


def test_a_name_is_taken_again_before_anything_is_said(place: Place) -> None:
    with contextlib.closing(Closing(place.join(name="ann"))) as held:
        client = held.client
        until(client, "name")
        place.server.stop()
        until(client, "disconnect")
        client.send("meanwhile")
        place.start()
        until(client, "reconnect")
        assert client.recv(PATIENCE).kind == "gap"
        said = client.recv(PATIENCE)
        assert (said.sender.name, said.text) == ("ann", "meanwhile")
        assert place.server.find(name="ann").name == "ann"


class Closing:
    def __init__(self, client: rustchat.ChatClient) -> None:
        self.client = client

    def close(self) -> None:
        self.client.stop(PATIENCE)


class Hooked(rustchat.ChatClient):
    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.told: queue.Queue[tuple[object, ...]] = queue.Queue()

    def on_message(self, message: rustchat.Message) -> None:
        self.told.put(("message", message.text))

    def on_event(self, message: rustchat.Message) -> None:
        if message.kind in ("gap", "unconfirmed"):
            self.told.put((message.kind,))

    def on_disconnect(self, reason: rustchat.Error | None) -> None:
        self.told.put(("disconnect", type(reason), self.reconnecting))

    def on_reconnect(self) -> None:
        self.told.put(("reconnect",))
        self.send("here again")


def test_hooks_are_told(place: Place) -> None:
    client = place.join(Hooked)
    assert isinstance(client, Hooked)
    place.server.stop()
    assert client.told.get(timeout=PATIENCE) == ("disconnect", rustchat.ConnectionClosed, True)
    place.start()
    told = [client.told.get(timeout=PATIENCE) for _ in range(3)]
    assert told == [("reconnect",), ("gap",), ("message", "here again")]
    client.drain(PATIENCE)
    client.stop(PATIENCE)
    assert client.told.get(timeout=PATIENCE) == ("disconnect", type(None), False)


class Leaver(Hooked):
    def on_disconnect(self, reason: rustchat.Error | None) -> None:
        super().on_disconnect(reason)
        self.stop()


def test_a_hook_may_end_it(place: Place) -> None:
    client = place.join(Leaver, reconnect=NEVER)
    assert isinstance(client, Leaver)
    place.server.stop()
    client.join(PATIENCE)
    assert client.told.get(timeout=PATIENCE)[2] is True
    assert client.told.get(timeout=PATIENCE) == ("disconnect", type(None), False)


def test_whoever_leaves_while_it_waits_leaves_at_once(place: Place) -> None:
    client = place.join(reconnect=NEVER)
    place.server.stop()
    until(client, "disconnect")
    client.send("unheard")
    client.leave()
    with pytest.raises(rustchat.ConnectionClosed, match="1 message was not acknowledged"):
        client.recv(PATIENCE)
    client.join(PATIENCE)
    assert client.unacknowledged == 1
    with pytest.raises(rustchat.ConnectionClosed):
        client.send("x")


def test_a_block_that_ends_while_it_waits_ends_at_once(place: Place) -> None:
    place.server.stop()
    place.start()
    with rustchat.ChatClient(place.path, framing=place.framing, reconnect=NEVER) as client:
        wait_until(lambda: bool(place.server.clients))
        place.server.stop()
        until(client, "disconnect")
    assert not client.connected


def test_iteration_goes_on(place: Place) -> None:
    client = place.join()
    heard: queue.Queue[str] = queue.Queue()

    def listen() -> None:
        for message in client:
            heard.put(message.kind if message.kind == "gap" else message.text)
        heard.put("end")

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    place.server.broadcast("one")
    assert heard.get(timeout=PATIENCE) == "one"
    place.server.stop()
    place.start()
    assert heard.get(timeout=PATIENCE) == "gap"
    wait_until(lambda: bool(place.server.clients))
    place.server.broadcast("two")
    assert heard.get(timeout=PATIENCE) == "two"
    client.stop(PATIENCE)
    assert heard.get(timeout=PATIENCE) == "end"
    thread.join(PATIENCE)


def test_the_queue_is_bounded(place: Place) -> None:
    client = place.join(reconnect=NEVER)
    place.server.stop()
    until(client, "disconnect")
    for _ in range(256):
        client.send("x", timeout=0)
    with pytest.raises(rustchat.TimeoutError):
        client.send("x", timeout=0.01)
    assert client.offer("x") is None
    client.stop(0)


def test_its_descriptors_tell_of_what_is_acknowledged(place: Place) -> None:
    client = place.join()
    drained = client.drained_fileno()

    def is_drained() -> bool:
        return bool(select.select([drained], [], [], 0)[0])

    wait_until(is_drained)
    place.server.stop()
    until(client, "disconnect")
    assert client.offer("x") == 1
    assert not is_drained()
    place.start()
    assert select.select([drained], [], [], PATIENCE)[0]
    assert client.flush_nowait() == 0
    client.stop(PATIENCE)
    with contextlib.closing(Closing(place.join(reconnect=False))) as held, pytest.raises(rustchat.StateError):
        held.client.drained_fileno()


def test_one_that_was_sent_away_does_not_come_back(place: Place) -> None:
    client = place.join()
    place.server.disconnect(place.server.clients[0])
    with pytest.raises(rustchat.ConnectionClosed, match="disconnected by the server"):
        client.recv(PATIENCE)
    client.join(PATIENCE)


def test_a_child_of_fork_leaves_it_to_its_parent(place: Place) -> None:
    client = place.join()
    place.server.stop()
    until(client, "disconnect")
    child = os.fork()
    if child == 0:
        try:
            client.send("x")
        except rustchat.StateError:
            os._exit(0)
        os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    place.start()
    until(client, "reconnect")
    client.stop(PATIENCE)


def test_it_comes_back_by_tls_to_who_has_the_secret_and_to_nobody_else(tmp_path: Path) -> None:
    path = str(tmp_path / "chat.sock")

    def serve(secret: str) -> rustchat.ChatServer:
        server = rustchat.ChatServer(path, framing="u32be", secret=secret, tls=True)
        server.start()
        return server

    server = serve("what only the two of them know")
    secret = "what only the two of them know"
    client = rustchat.ChatClient(path, framing="u32be", secret=secret, tls=True, reconnect=QUICK)
    client.start()
    wait_until(lambda: bool(server.clients))
    server.stop()
    server = serve(secret)
    until(client, "reconnect")
    assert client.protection == "tls"
    client.send("safe")
    client.drain(PATIENCE)
    server.stop()
    server = serve("what somebody else has made up")
    with pytest.raises(rustchat.AuthenticationError):
        until(client, "never")
    client.join(PATIENCE)
    server.stop()


def test_backoff_says_what_it_is() -> None:
    assert Backoff() == Backoff(first=0.5, most=30.0, factor=2.0, jitter=1.0, limit=None)
    assert repr(Backoff(most=10, limit=3)) == "Backoff(first=0.5, most=10.0, factor=2.0, jitter=1.0, limit=3)"
    assert (Backoff().limit, Backoff(limit=3).limit) == (None, 3)
    with pytest.raises(AttributeError):
        Backoff().first = 1  # type: ignore[misc]
    for bad in ({"first": 0}, {"most": 0.1}, {"factor": 0.9}, {"jitter": 1.5}, {"limit": 0}, {"first": float("nan")}):
        with pytest.raises(rustchat.InvalidArgument):
            Backoff(**bad)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"True, False or a rustchat\.Backoff, not int"):
        rustchat.ChatClient(reconnect=1)  # type: ignore[arg-type]


def test_the_interpreter_ends_while_a_client_waits(tmp_path: Path) -> None:
    program = f"""
import threading
import rustchat
told = threading.Event()
class Hooked(rustchat.ChatClient):
    def on_disconnect(self, reason):
        print("lost", self.reconnecting, flush=True)
        told.set()
plain = rustchat.ChatServer({str(tmp_path / "a.sock")!r})
plain.start()
never = rustchat.Backoff(first=3600, most=3600, jitter=0)
clients = [kind({str(tmp_path / "a.sock")!r}, reconnect=never) for kind in (Hooked, rustchat.ChatClient)]
for client in clients:
    client.start()
while len(plain.clients) < 2:
    pass
plain.stop()
while not all(client.reconnecting for client in clients):
    pass
told.wait()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.startswith("lost True\n")
    assert "Traceback" not in done.stderr
