"""What the tests share: peers on raw sockets, and waiting for conditions with a limit instead of sleeping."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import rustchat
from certificates import another, authority, certificate, elsewhere  # noqa: F401  (fixtures)
from commands import no_secret, own_state, served  # noqa: F401  (fixtures)
from loops import run, run_like_asyncio  # noqa: F401  (fixtures)
from scripts import script  # noqa: F401  (a fixture)
from waiting import PATIENCE, wait_until, wait_until_it_is_asleep

# What a script starts in the background inherits SIGINT ignored, and would hand that on to what is tested here.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--interop", action="store_true", help="the whole matrix of Pythons, see `make interop`")


class LinePeer:
    """The tutorials' client: a bare socket and lines."""

    def __init__(self, address):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.sock = socket.socket(family)
        self.sock.settimeout(PATIENCE)
        try:
            self.sock.connect(address)
        except OSError:
            self.sock.close()
            raise
        self.file = self.sock.makefile("rb")

    def say(self, line: str) -> None:
        self.sock.sendall(line.encode() + b"\n")

    def line(self) -> str:
        return self.file.readline().decode().rstrip("\n")

    def hear(self) -> tuple[str, str]:
        """The next message: its stamp line and its text."""
        return self.line(), self.line()

    def text(self) -> str:
        return self.hear()[1]

    def close(self) -> None:
        self.file.close()
        self.sock.close()


@pytest.fixture
def peers() -> Iterator[Callable[[object], LinePeer]]:
    """Makes peers that have joined, and closes them in the end."""
    made: list[LinePeer] = []

    def join(server, count: int = 1):
        before = server.stats().joined
        new = [LinePeer(server.address) for _ in range(count)]
        made.extend(new)
        wait_until(lambda: server.stats().joined >= before + count)
        return new[0] if count == 1 else new

    yield join
    for peer in made:
        peer.close()


@pytest.fixture
def server() -> Iterator[rustchat.ChatServer]:
    with rustchat.ChatServer(port=0) as server:
        yield server


@pytest.fixture
def room() -> Iterator[rustchat.ChatServer]:
    """A server of message chat."""
    with rustchat.ChatServer(port=0, framing="u32be") as server:
        yield server


@pytest.fixture
def join() -> Iterator[Callable[..., rustchat.ChatClient]]:
    """Makes clients that have their names, if they have one, and stops them in the end."""
    made: list[rustchat.ChatClient] = []

    def connect(server, name: str | None = None, framing: str = "u32be", **options) -> rustchat.ChatClient:
        client = rustchat.ChatClient(*server.address, framing=framing, **options)
        client.start()
        made.append(client)
        if name is not None:
            client.rename(name, PATIENCE)
        return client

    yield connect
    for client in made:
        client.stop(0)


@pytest.fixture
def pair() -> Iterator[tuple[rustchat.Connection, rustchat.Connection]]:
    """Two ends of a connection without authentication."""
    with (
        rustchat.listen(("127.0.0.1", 0)) as listener,
        rustchat.connect(listener.address) as near,
        listener.accept(PATIENCE) as far,
    ):
        yield near, far


@pytest.fixture
def background() -> Iterator[Callable[..., "Background"]]:
    """Runs calls in threads and joins them in the end."""
    running: list[Background] = []

    def start(call, *arguments) -> Background:
        running.append(Background(call, *arguments))
        return running[-1]

    yield start
    for thread in running:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "a thread did not end"


class Background(threading.Thread):
    def __init__(self, call, *arguments):
        super().__init__(daemon=True)
        self.call, self.arguments = call, arguments
        self.value = self.error = None
        self.start()

    def run(self):
        try:
            self.value = self.call(*self.arguments)
        except BaseException as error:
            self.error = error

    def waits(self):
        """Returns when the call waits in the kernel, and not just for the interpreter."""
        wait_until_it_is_asleep(os.getpid(), self.native_id)

    def result(self):
        self.join(PATIENCE)
        assert not self.is_alive(), "the call did not return"
        if self.error is not None:
            raise self.error
        return self.value


def run_script(source: str, *arguments: object, **options) -> subprocess.CompletedProcess:
    """Runs a script in an interpreter of its own."""
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", source, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        **options,
    )


def in_child(call):
    """Runs `call` in a child and returns what it says, within the time."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            answer = repr(call())
        except BaseException as error:
            answer = f"{type(error).__name__}: {error}"
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    return answer


class Records(logging.Handler):
    """Collects log records and lets a test wait for one."""

    def __init__(self):
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record):
        self.records.append(record)

    def find(self, text: str) -> logging.LogRecord:
        wait_until(lambda: any(text in record.getMessage() for record in self.records))
        return next(record for record in self.records if text in record.getMessage())


@pytest.fixture
def records() -> Iterator[Records]:
    logger, handler = logging.getLogger("rustchat"), Records()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(before)
