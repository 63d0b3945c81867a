"""What the tests of the command line share: running it to its end, a server beside the test, a person at a terminal."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from waiting import queued, state_of, wait_until

if TYPE_CHECKING:
    import pexpect

PATIENCE = 20
COMMAND = [sys.executable, "-m", "rustchat"]


def run(*words: str, said: str | bytes = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command with `said` on its standard input."""
    done = subprocess.run(
        [*COMMAND, *words],
        input=said.encode() if isinstance(said, str) else said,
        capture_output=True,
        timeout=PATIENCE,
        env={**os.environ, **environment},
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


class Served:
    """A server without a terminal, and the port it listens on."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("listening on 127.0.0.1:"), line
        self.port = int(line.rpartition(":")[2])

    def dial(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stops every thread of it where it is, and lets it go on in the end."""
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            tasks = list(Path(f"/proc/{self.process.pid}/task").iterdir())
            wait_until(lambda: all(state_of(task) == "T" for task in tasks))
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)

    def unread(self) -> int:
        """Bytes that have come for it and that it has not taken."""
        return queued(self.port, "ESTABLISHED")

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Sends a signal; the exit code, and what was written to stderr."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@pytest.fixture
def served() -> Iterator[Served]:
    server = Served()
    yield server
    server.kill()


@pytest.fixture(autouse=True)
def no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of whoever runs the tests has no say."""
    monkeypatch.delenv("RUSTCHAT_SECRET", raising=False)


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The history of whoever runs the tests is not written to."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))


def terminal(*words: str, kind: str = "dumb", colours: bool = False) -> pexpect.spawn[str]:
    """A person at a terminal who runs a command."""
    import pexpect

    return pexpect.spawn(
        sys.executable,
        ["-m", "rustchat", *words],
        encoding="utf-8",
        timeout=PATIENCE,
        dimensions=(40, 200),
        env={**os.environ, "TERM": kind, "PROMPT_TOOLKIT_NO_CPR": "1", "NO_COLOR": "" if colours else "1"},
    )


def exit_code(person: pexpect.spawn[str]) -> int | None:
    """Waits for the end of a command on a terminal."""
    import pexpect

    person.expect(pexpect.EOF)
    person.close()
    return person.exitstatus
