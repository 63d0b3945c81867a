"""Programs of the documents, and the peers that talk to them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import rustchat

PATIENCE = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


class Peer:
    """What `nc` is to line chat."""

    def __init__(self, port: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
                break
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, "nobody listens"
                time.sleep(0.05)
        self.address = "{}:{}".format(*self.socket.getsockname())
        self.stream = self.socket.makefile("r", encoding="utf-8", newline="\n")

    def say(self, *lines: str) -> None:
        self.socket.sendall("".join(line + "\n" for line in lines).encode())

    def hear(self) -> tuple[str, str, str]:
        """The next message: stamp, address, text."""
        stamp, text = self.stream.readline(), self.stream.readline()
        time_, _, address = stamp.rstrip("\n").rpartition(" ")
        return time_, address, text.rstrip("\n")

    def is_at_end(self) -> bool:
        return self.stream.read(1) == ""

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()
        self.socket.close()


class Member:
    """A raw member of message chat with the framing u32be."""

    def __init__(self, server: rustchat.ChatServer) -> None:
        self.socket = socket.create_connection(server.address, PATIENCE)
        self.stream = self.socket.makefile("rb")

    def __enter__(self) -> Member:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()
        self.socket.close()

    def send(self, request: object) -> None:
        data = json.dumps(request).encode()
        self.socket.sendall(struct.pack(">I", len(data)) + data)

    def event(self) -> dict[str, Any]:
        """The next event, `{}` at the end of the stream."""
        data = self.stream.read(int.from_bytes(self.stream.read(4), "big"))
        event: dict[str, Any] = json.loads(data or b"{}")
        return event

    def events_until(self, text: str) -> Iterator[dict[str, Any]]:
        """Events up to that message, or the end of the stream."""
        while (event := self.event()) and event.get("text") != text:
            yield event


class Program:
    """A program of the documents, started; what it prints is gathered."""

    def __init__(self, command: list[str | Path], **environment: str) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        )
        self.output = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.output += line

    def enter(self, text: str = "\n") -> None:
        assert self.process.stdin
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def end(self) -> int:
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe and pipe.close()


@contextlib.contextmanager
def program(command: list[str | Path], **environment: str) -> Iterator[Program]:
    running = Program(command, **environment)
    try:
        yield running
    except BaseException as error:
        running.kill()
        error.add_note(f"the program said:\n{running.output[:2000]}")
        raise
    finally:
        running.kill()


def run(command: list[str | Path], **options: Any) -> str:
    """Runs a command that must succeed; what it printed."""
    nothing = subprocess.DEVNULL
    done = subprocess.run(command, stdin=nothing, capture_output=True, text=True, timeout=300, **options)
    assert done.returncode == 0, f"{command} failed with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def converse(port: int) -> None:
    """Two peers hear each other and themselves; one leaves, the other goes on."""
    with Peer(port) as ann, Peer(port) as bob:
        # Who has heard itself is in; what is said from then on reaches it.
        for peer in (ann, bob):
            peer.say("in")
            while peer.hear()[1] != peer.address:
                pass
        ann.say("hello 群聊")
        for peer in (ann, bob):
            while (heard := peer.hear())[2] == "in":
                pass
            assert re.fullmatch(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", heard[0])
            assert heard[1:] == (ann.address, "hello 群聊")
        ann.say("quit")
        assert ann.is_at_end()
        bob.say("still here")
        assert bob.hear()[1:] == (bob.address, "still here")


def check_server(command: list[str | Path], port: int) -> None:
    """A server that speaks line chat and ends when Enter is pressed, in good order and with members connected."""
    with program(command) as server:
        converse(port)
        with Peer(port) as member:
            member.say("last")
            assert member.hear()[2] == "last"
            server.enter()
            assert member.hear()[2] == "* server stopped"
            assert member.is_at_end()
        assert server.end() == 0
    assert "Traceback" not in server.output, server.output
