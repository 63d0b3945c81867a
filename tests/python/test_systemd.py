"""A server that systemd runs: what it is told, what it hands over, and the files of its unit."""

from __future__ import annotations

import configparser
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import COMMAND, PATIENCE
from rustchat.cli import parser, systemd
from rustchat.cli.failure import Failure

UNITS = Path(__file__).parents[2] / "docs" / "systemd"

# What hands a process its descriptors as systemd does: with numbers from 3 on, and its own id.
LAUNCHER = """
import os, sys
count = int(sys.argv[1])
descriptors = [os.dup(int(word)) for word in sys.argv[2:2 + count]]
descriptors = [os.dup2(one, 100 + index) for index, one in enumerate(descriptors)]
for index in range(count):
    os.dup2(100 + index, 3 + index)
os.environ["LISTEN_FDS"] = str(count)
if os.environ.get("LISTEN_PID") != "1":
    os.environ["LISTEN_PID"] = str(os.getpid())
if "WATCHDOG_PID" in os.environ:
    os.environ["WATCHDOG_PID"] = str(os.getpid())
os.execv(sys.executable, [sys.executable, *sys.argv[2 + count:]])
"""


class Manager:
    """What systemd is to a service: it listens for it, and is told how it is."""

    def __init__(self, address: str) -> None:
        self.inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.inbox.bind("\0" + address[1:] if address.startswith("@") else address)
        self.inbox.settimeout(PATIENCE)
        self.environment = {**os.environ, "NOTIFY_SOCKET": address}

    def start(
        self, *words: str, sockets: list[socket.socket] | None = None, **environment: str
    ) -> subprocess.Popen[str]:
        numbers = [one.fileno() for one in sockets or []]
        return subprocess.Popen(
            [sys.executable, "-c", LAUNCHER, str(len(numbers)), *map(str, numbers), *COMMAND[1:], "serve", *words],
            pass_fds=numbers,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**self.environment, **environment},
        )

    def told(self) -> list[str]:
        """The next that it is told."""
        return self.inbox.recv(4096).decode().split("\n")

    def close(self) -> None:
        self.inbox.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@rustchat-test-{os.getpid()}"
    manager = Manager(address)
    yield manager
    manager.close()


def listening(backlog: int = 16) -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=backlog)


def ended(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str]:
    process.send_signal(number)
    _, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, errors


def test_it_tells_when_it_is_ready_when_it_reads_again_and_when_it_stops(manager: Manager) -> None:
    process = manager.start("--port", "0")
    ready, status = manager.told()
    assert ready == "READY=1" and status.startswith("STATUS=listening on 127.0.0.1:")
    process.send_signal(signal.SIGHUP)
    reloading, when = manager.told()
    assert reloading == "RELOADING=1"
    assert 0 < int(when.removeprefix("MONOTONIC_USEC=")) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert manager.told() == ["READY=1"]
    code, errors = ended(process)
    assert (code, errors) == (0, "stopping\n")
    assert manager.told() == ["STOPPING=1"]


def test_it_serves_at_a_socket_that_was_handed_over_and_leaves_it(manager: Manager) -> None:
    with listening() as door:
        for _ in range(2):
            # Who comes early waits in the queue of the one who listens.
            with socket.create_connection(door.getsockname(), PATIENCE) as early, early.makefile() as heard:
                process = manager.start("--host", "127.0.0.1", "--port", "1", sockets=[door])
                assert manager.told()[1] == f"STATUS=listening on 127.0.0.1:{door.getsockname()[1]}"
                early.sendall(b"hello\n")
                assert heard.readline() and heard.readline() == "hello\n"
                assert ended(process)[0] == 0
                assert manager.told() == ["STOPPING=1"]


def test_a_unix_socket_may_be_handed_over(manager: Manager, tmp_path: Path) -> None:
    path = str(tmp_path / "room.sock")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen()
        process = manager.start(sockets=[door])
        assert manager.told()[1] == f"STATUS=listening on {path}"
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(PATIENCE)
            peer.connect(path)
            peer.sendall(b"hello\n")
            assert peer.makefile().readline()
        assert ended(process)[0] == 0
    assert os.path.exists(path), "its file is whose it was"


def test_sockets_are_told_apart_by_their_names(manager: Manager) -> None:
    with listening() as scraped, listening() as door:
        process = manager.start(sockets=[scraped, door], LISTEN_FDNAMES="metrics:chat")
        assert manager.told()[1] == f"STATUS=listening on 127.0.0.1:{door.getsockname()[1]}"
        with urllib.request.urlopen(f"http://127.0.0.1:{scraped.getsockname()[1]}/health", timeout=PATIENCE) as answer:
            assert answer.read() == b"ok\n"
        assert ended(process)[0] == 0


def test_sockets_for_somebody_else_are_not_taken(manager: Manager) -> None:
    with listening() as door:
        process = manager.start("--port", "0", sockets=[door], LISTEN_PID="1")
        status = manager.told()[1]
        assert status.startswith("STATUS=listening on 127.0.0.1:") and str(door.getsockname()[1]) not in status
        assert ended(process)[0] == 0


@pytest.mark.parametrize("names", ["", "chat:chat", "metrics:metrics"])
def test_two_sockets_of_a_kind_are_an_error(names: str) -> None:
    with contextlib.closing(Manager(f"@rustchat-two-{os.getpid()}")) as manager, listening() as one, listening() as two:
        process = manager.start(sockets=[one, two], LISTEN_FDNAMES=names)
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1
        assert errors.startswith("rustchat: LISTEN_FDS is 2, expected one socket for the chat")


def test_what_does_not_listen_is_an_error() -> None:
    with contextlib.closing(Manager(f"@rustchat-deaf-{os.getpid()}")) as manager:
        for kind, what in ((socket.SOCK_STREAM, "does not listen"), (socket.SOCK_DGRAM, "not a stream socket")):
            with socket.socket(socket.AF_INET, kind) as door:
                process = manager.start(sockets=[door])
                _, errors = process.communicate(timeout=PATIENCE)
                assert process.returncode == 1 and what in errors and "Traceback" not in errors


def test_the_watchdog_is_told_twice_in_its_time(manager: Manager) -> None:
    process = manager.start("--port", "0", WATCHDOG_USEC="200000", WATCHDOG_PID="")
    assert manager.told()[0] == "READY=1"
    assert [manager.told() for _ in range(3)] == [["WATCHDOG=1"]] * 3
    # Frozen it gives no sign of life.
    os.kill(process.pid, signal.SIGSTOP)
    manager.inbox.settimeout(0.5)
    told = 0
    with contextlib.suppress(TimeoutError):
        while told < 100:
            manager.told()
            told += 1
    assert told < 100
    os.kill(process.pid, signal.SIGCONT)
    assert ended(process)[0] == 0


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "3000000"}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_a_watchdog_that_is_not_ours_is_not_fed(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], seconds: float | None
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert systemd.watchdog_interval() == seconds


def test_children_are_not_told_of_the_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_FDS", "1")
    monkeypatch.setenv("LISTEN_PID", "1")
    assert systemd.listening_sockets() == systemd.Sockets()
    assert "LISTEN_FDS" not in os.environ
    monkeypatch.setenv("LISTEN_FDS", "100000")
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
    monkeypatch.setattr(systemd, "FIRST_DESCRIPTOR", 50_000)
    with pytest.raises(Failure, match="descriptor 50000"):
        systemd.listening_sockets()


def test_nobody_there_to_be_told_is_no_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/notify")
    systemd.notify("READY=1")
    assert "NOTIFY_SOCKET /nowhere/notify: No such file" in capsys.readouterr().err


def unit(name: str) -> configparser.ConfigParser:
    read = configparser.ConfigParser(interpolation=None, strict=False)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(UNITS / name)
    return read


def test_the_unit_starts_what_there_is() -> None:
    service = unit("rustchat.service")["Service"]
    program, command, *words = service["ExecStart"].split()
    assert (program, command) == ("/usr/bin/env", "rustchat")
    given = parser().parse_args(words)
    assert (given.console, str(given.config)) == (False, "/etc/rustchat/chat.toml")
    assert service["Type"] == "notify-reload"
    assert unit("rustchat.socket")["Socket"]["FileDescriptorName"] == "chat"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    for name in ("rustchat.service", "rustchat.socket"):
        shutil.copy(UNITS / name, tmp_path)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *tmp_path.iterdir()], capture_output=True, text=True, timeout=PATIENCE
    )
    # Before version 253 it does not know that type of services.
    wrong = [line for line in done.stderr.splitlines() if "rustchat" in line and "notify-reload" not in line]
    assert wrong == []
