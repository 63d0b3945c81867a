"""What the documents show is what happens: every fenced block of README.md and docs/ is run, or compared with what runs.

The first word behind a fence is the language, the second says what the block is; CHECKS has one function for each pair
there may be, and a block of any other kind fails. Rust blocks are run by tests/documents.rs.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import re
import shlex
import shutil
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import rustchat

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PORT = "60000"  # what the documents say; a free one takes its place
PATIENCE = 30.0
SECRET = "a secret for the tests"


@dataclass
class Block:
    """One fenced block."""

    path: Path
    line: int
    language: str
    words: tuple[str, ...]
    text: str
    before: Block | None = field(repr=False)

    @property
    def kind(self) -> str:
        return " ".join((self.language, *self.words))

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line} {self.kind}"


def blocks_of(path: Path) -> list[Block]:
    """Every fenced block of a document."""
    blocks: list[Block] = []
    opened: tuple[int, str] | None = None
    inside: list[str] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.lstrip().startswith("```"):
            inside.append(line)
        elif opened is None:
            opened, inside = (number, line.strip().removeprefix("```")), []
        else:
            language, *words = opened[1].split() or [""]
            text = "\n".join(inside) + "\n"
            blocks.append(Block(path, opened[0], language, tuple(words), text, blocks[-1] if blocks else None))
            opened = None
    assert opened is None, f"{path}:{opened}: a fence that does not close"
    return blocks


BLOCKS = [block for path in DOCUMENTS for block in blocks_of(path)]


# --- peers and programs -----------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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

    def close(self) -> None:
        self.stream.close()
        self.socket.close()


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
        error.add_note(f"the program said:\n{running.output}")
        raise
    finally:
        running.kill()


def run(command: list[str | Path], **options: Any) -> str:
    """Runs a command that must succeed; what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    assert done.returncode == 0, f"{command} failed with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def converse(port: int, *, stamp: str = r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d") -> None:
    """Two peers hear each other and themselves; one leaves, the other goes on."""
    ann, bob = Peer(port), Peer(port)
    ann.say("hello 群聊")
    said = []
    for peer in (ann, bob):
        # The second peer may have joined after the first has spoken.
        peer.socket.settimeout(PATIENCE if peer is ann else 1)
        try:
            said.append(peer.hear())
        except TimeoutError:
            bob.close()
            return converse(port, stamp=stamp)
    for time_, address, text in said:
        assert re.fullmatch(stamp, time_), time_
        assert (address, text) == (ann.address, "hello 群聊")
    bob.socket.settimeout(PATIENCE)
    ann.say("quit")
    assert ann.is_at_end()
    bob.say("still here")
    assert bob.hear()[1:] == (bob.address, "still here")
    ann.close()
    bob.close()


def check_server(command: list[str | Path], port: int) -> None:
    """A server that speaks line chat and ends when Enter is pressed, in good order and with members connected."""
    with program(command) as server:
        converse(port)
        member = Peer(port)
        member.say("last")
        assert member.hear()[2] == "last"
        server.enter()
        assert member.hear()[2] == "* server stopped"
        assert member.is_at_end()
        member.close()
        assert server.end() == 0
    assert "Traceback" not in server.output, server.output


# --- what may stand in a document ---------------------------------------------------------------------------------------


def saved(block: Block, directory: Path, name: str) -> tuple[Path, int]:
    port = free_port()
    path = directory / name
    path.write_text(block.text.replace(PORT, str(port)), "utf-8")
    return path, port


def python_run(block: Block, tmp_path: Path) -> str:
    path, _ = saved(block, tmp_path, "snippet.py")
    return run([sys.executable, path], cwd=tmp_path)


def python_server(block: Block, tmp_path: Path) -> None:
    path, port = saved(block, tmp_path, "server.py")
    check_server([sys.executable, path], port)


def python_tutorial(block: Block, tmp_path: Path) -> None:
    path, port = saved(block, tmp_path, "server.py")
    with program([sys.executable, path]) as server:
        ann, bob = Peer(port), Peer(port)
        time.sleep(0.5)
        ann.say("hello")
        assert ann.hear()[1:] == bob.hear()[1:] == (ann.address, "hello")
        assert server.process.poll() is None


def python_client(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "client.py"
    path.write_text(block.text, "utf-8")
    assert len(block.text.splitlines()) <= 40
    with rustchat.ChatServer("127.0.0.1", 0, framing="u32be", secret=SECRET) as server:
        port = str(server.address[1])
        with program([sys.executable, path, "127.0.0.1", port, "ann"], RUSTCHAT_SECRET=SECRET) as ann:
            ann.enter("hello\n")
            eventually(lambda: "ann hello\n" in ann.output)
            with rustchat.ChatClient("127.0.0.1", int(port), framing="u32be", secret=SECRET, name="bob") as bob:
                eventually(lambda: len(server.clients) == 2)
                ann.enter("from the forty lines\n")
                heard = bob.recv(timeout=PATIENCE)
                assert heard.text == "from the forty lines"
                bob.send("to the forty lines")
                eventually(lambda: "bob to the forty lines\n" in ann.output)
            assert ann.process.stdin
            ann.process.stdin.close()
            assert ann.end() == 0
            assert ann.output == "ann hello\nann from the forty lines\nbob to the forty lines\n* quit\n"
        with program([sys.executable, path, "127.0.0.1", port, "eve"], RUSTCHAT_SECRET="a guess") as eve:
            assert eve.end() != 0
            assert "PermissionError: authentication failed" in eve.output


def c_server(block: Block, tmp_path: Path) -> None:
    path, port = saved(block, tmp_path, "server.c")
    libraries = library()
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{ROOT / 'include'}"]
    link = [f"-L{libraries}", "-lrustchat", f"-Wl,-rpath,{libraries}"]
    run([os.environ.get("CC", "cc"), *flags, path, "-o", tmp_path / "server", *link])
    check_server([tmp_path / "server"], port)


def library() -> Path:
    """The folder of the newest librustchat.so; built when there is none."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    found = [target / profile / "librustchat.so" for profile in ("release", "debug")]
    if not any(map(Path.exists, found)):
        run(["cargo", "build", "--quiet"], cwd=ROOT)
    return max(filter(Path.exists, found), key=lambda path: path.stat().st_mtime).parent


def rust_server(block: Block, tmp_path: Path) -> None:
    assert "include_documents" in (ROOT / "tests/documents.rs").read_text("utf-8"), "tests/documents.rs runs it"


def sh_nc(block: Block, tmp_path: Path) -> str:
    """Commands that talk to a line chat on this machine."""
    with rustchat.ChatServer("127.0.0.1", 0) as server:
        text = block.text.replace(PORT, str(server.address[1]))
        path = os.pathsep.join([str(stand_in_for_nc(tmp_path)), os.environ["PATH"]])
        return run(["bash", "-euo", "pipefail", "-c", text], env={**os.environ, "PATH": path})


def stand_in_for_nc(directory: Path) -> Path:
    """A folder with an `nc`, for machines that have none."""
    folder = directory / "bin"
    folder.mkdir()
    if shutil.which("nc") is None:
        nc = folder / "nc"
        nc.write_text(
            f"#!{sys.executable}\n"
            "import shutil, socket, sys\n"
            "with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as peer:\n"
            "    peer.sendall(sys.stdin.buffer.read())\n"
            "    shutil.copyfileobj(peer.makefile('rb'), sys.stdout.buffer)\n"
        )
        nc.chmod(nc.stat().st_mode | stat.S_IXUSR)
    return folder


def sh_make(block: Block, tmp_path: Path) -> None:
    """Targets of the Makefile; that they work is what the other tests are for."""
    lines = [line for line in block.text.splitlines() if line]
    assert lines
    for line in lines:
        command, target = shlex.split(line, comments=True)
        assert command == "make"
        run(["make", "--dry-run", target], cwd=ROOT)


def sh_check(block: Block, tmp_path: Path) -> None:
    """Commands that change the machine: their syntax, their targets and their files' names are checked."""
    run(["bash", "-n", "-c", block.text])
    rules = "".join(path.read_text("utf-8") for path in (ROOT / "Makefile", *ROOT.glob("bindings/*/*.mk")))
    for line in block.text.splitlines():
        match shlex.split(line, comments=True):
            case ["make", target, *_]:
                run(["make", "--dry-run", target], cwd=ROOT)
            case ["pip", "install", wheels]:
                assert wheels.rpartition("/")[0] in rules, f"no target writes to {wheels}"
            case ["export", _] | ["cc", *_]:
                pass
            case unknown:
                pytest.fail(f"not checked: {unknown}")


def text_figure(block: Block, tmp_path: Path) -> None:
    """A drawing, or an example that the tests of the protocol below cover."""


def text_output(block: Block, tmp_path: Path) -> None:
    """What the block before it prints."""
    assert block.before and block.before.kind in PRINTING, "it stands behind what prints it"
    printed = PRINTING[block.before.kind](block.before, tmp_path)
    assert without_particulars(printed) == without_particulars(block.text)


def without_particulars(text: str) -> str:
    text = re.sub(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "<stamp>", text)
    return re.sub(r"127\.0\.0\.1:\d+", "<address>", text)


def text_bytes(block: Block, tmp_path: Path) -> None:
    """Bytes in hexadecimal, two spaces, and the same as text."""
    for line in block.text.splitlines():
        found = re.fullmatch(r"(?:->|<-|  ) ((?:[0-9a-f]{2} )*[0-9a-f]{2})  +(.*)", line)
        assert found, line
        text = found[2].encode().decode("unicode_escape").encode("latin-1")
        assert bytes.fromhex(found[1]) == text, line


def text_frames(block: Block, tmp_path: Path) -> None:
    """Frames of u32be: the length in hexadecimal, and an object."""
    for line in block.text.splitlines():
        found = re.fullmatch(r"(?:->|<-) ((?:[0-9a-f]{2} ){4})(\{.*\})", line)
        assert found, line
        assert int.from_bytes(bytes.fromhex(found[1]), "big") == len(found[2].encode()), line
        json.loads(found[2])


def text_vector(block: Block, tmp_path: Path) -> None:
    """The test vector of the mutual profile, computed anew after the text of the document."""
    values: dict[str, str] = {}
    name = ""
    for line in block.text.splitlines():
        name = line[:19].strip() or name
        values[name] = values.get(name, "") + line[19:].replace(" ", "")
    secret, nonces = b"correct horse battery staple", (bytes(range(32)), bytes(range(32, 64)))

    def framed(body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + body

    client = framed(b"\x01rustchat\x01\x01\x01\0\0\0\0" + b"\x05alice" + nonces[0])
    server = framed(b"\x02\x01\x01\0\0\0\0" + b"\x04home" + b"\0" + nonces[1])
    t = hashlib.sha256(b"rustchat mutual v1 transcript" + client + server + framed(b"")).digest()
    prk = hmac.digest(nonces[0] + nonces[1], secret, "sha256")
    keys = {
        role: hmac.digest(prk, b"rustchat mutual v1 " + role.encode() + t + b"\x01", "sha256")
        for role in ("client proof", "server proof", "session")
    }
    proof = hmac.digest(keys["client proof"], t, "sha256")
    answer = hmac.digest(keys["server proof"], t + proof, "sha256")
    expected = {
        "ClientHello frame": client,
        "ServerHello frame": server,
        "T": t,
        "PRK": prk,
        "client key": keys["client proof"],
        "ClientProof frame": framed(b"\x03" + proof),
        "server key": keys["server proof"],
        "ServerProof frame": framed(b"\x04" + answer),
        "session key": keys["session"],
        "Refused frame": framed(b"\x05"),
    }
    assert values == {name: value.hex() for name, value in expected.items()}
    vectors = (ROOT / "src/auth/mutual/keys.rs").read_text("utf-8")
    for value in (t, proof, answer, keys["session"]):
        assert value.hex() in vectors, "the unit tests of the core have another vector"


def json_request(block: Block, tmp_path: Path) -> None:
    """A request that the server takes."""
    request = json.loads(block.text)
    with rustchat.ChatServer("127.0.0.1", 0, framing="u32be") as server, Member(server) as member:
        assert member.event()["type"] == "welcome"
        member.send(request)
        if request["type"] != "quit":
            member.send({"type": "message", "text": "end"})
        events = list(member.events_until("end"))
        assert not [event for event in events if event["type"] == "error"], events
        if request["type"] == "message":
            assert events[0]["text"] == request["text"]


def json_event(block: Block, tmp_path: Path) -> None:
    """An event like those that a server sends."""
    example = json.loads(block.text)
    assert shape(example) in [shape(event) for event in real_events() if event["type"] == example["type"]]


def shape(value: Any) -> Any:
    """The names and types in an object, as far as two events of one type have them in common."""
    if isinstance(value, dict):
        return {name: "name" if name == "name" else shape(part) for name, part in value.items()}
    return type(value).__name__


CHECKS: dict[str, Callable[[Block, Path], object]] = {
    "python run": python_run,
    "python server": python_server,
    "python tutorial": python_tutorial,
    "python client": python_client,
    "c server": c_server,
    "rust server": rust_server,
    "sh nc": sh_nc,
    "sh make": sh_make,
    "sh check": sh_check,
    "text": text_figure,
    "text output": text_output,
    "text bytes": text_bytes,
    "text frames": text_frames,
    "text vector": text_vector,
    "json request": json_request,
    "json event": json_event,
}

PRINTING: dict[str, Callable[[Block, Path], str]] = {"python run": python_run, "sh nc": sh_nc}


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_block(block: Block, tmp_path: Path) -> None:
    assert block.kind in CHECKS, f"nobody knows how to check {block.kind!r}; expected one of {sorted(CHECKS)}"
    CHECKS[block.kind](block, tmp_path)


# --- the protocol -----------------------------------------------------------------------------------------------------


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


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


def real_events() -> list[dict[str, Any]]:
    """Every kind of event, from a real server."""
    server = rustchat.ChatServer("127.0.0.1", 0, framing="u32be", announce=True, ping_interval=0.2, ping_timeout=PATIENCE)
    with server, Member(server) as ann:
        events = [ann.event()]
        ann.send({"type": "hello", "name": "ann"})
        ann.send({"type": "ping"})
        ann.send({"type": "dance"})
        with Member(server) as bob:
            bob.event()
            ann.send({"type": "message", "text": "hi"})
            server.send(server.clients[0], "psst")
        while "ping" not in {event["type"] for event in events} or "leave" not in {event["type"] for event in events}:
            events.append(ann.event())
        ann.send({"type": "quit"})
        events += ann.events_until("")
    return events


def test_the_documented_events_are_the_real_ones() -> None:
    events = real_events()
    documented = {json.loads(block.text)["type"] for block in BLOCKS if block.kind == "json event"}
    assert {event["type"] for event in events} == documented
    real = next(event for event in events if event["type"] == "error")
    example = next(json.loads(block.text) for block in BLOCKS if block.kind == "json event" and '"error"' in block.text)
    assert real == example


def test_the_documented_requests_are_all_there_are() -> None:
    documented = {json.loads(block.text)["type"] for block in BLOCKS if block.kind == "json request"}
    with rustchat.ChatServer("127.0.0.1", 0, framing="u32be") as server, Member(server) as member:
        member.event()
        member.send({"type": "dance"})
        known = re.search(r"expected (.*)", member.event()["text"])
    assert known and set(re.split(r", | or ", known[1])) == documented


def test_the_framings_write_the_documented_bytes() -> None:
    text = (ROOT / "docs/protocol.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| .* \| `([0-9a-f ]+)` \|", text, re.M)
    assert {name for name, _ in rows} == {"line", "u32be", "u32le", "multiprocessing"}
    for name, wire in rows:
        assert rustchat.frame.encode(b"hi", framing=name) == bytes.fromhex(wire)


def test_line_chat_sends_the_documented_bytes() -> None:
    block = next(block for block in BLOCKS if block.kind == "text bytes")
    said, heard = b"", b""
    for line in block.text.splitlines():
        part = bytes.fromhex(line[3:].split("  ")[0])
        direction = line[:2].strip() or direction
        said, heard = (said + part, heard) if direction == "->" else (said, heard + part)
    with rustchat.ChatServer("127.0.0.1", 0) as server, socket.create_connection(server.address, PATIENCE) as peer:
        peer.sendall(said + b"quit\n")
        answer = b"".join(iter(lambda: peer.recv(4096), b""))
    assert without_particulars(answer.decode()) == without_particulars(heard.decode())


def test_the_documented_farewells_are_those_of_the_core() -> None:
    text = (ROOT / "docs/protocol.md").read_text("utf-8")
    section = text.partition("### How a membership ends")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| `([^`]+)` \|", section, re.M))
    source = (ROOT / "src/chat/event.rs").read_text("utf-8").partition("pub fn as_str")[2].partition("\n    }")[0]
    assert documented == set(re.findall(r'=> "([^"]+)"', source))


# --- the comparison ---------------------------------------------------------------------------------------------------


@pytest.fixture
def tutorial(tmp_path: Path) -> Iterator[tuple[Program, int]]:
    """The tutorial's server, running."""
    block = next(block for block in BLOCKS if block.kind == "python tutorial")
    path, port = saved(block, tmp_path, "tutorial.py")
    with program([sys.executable, path]) as server:
        yield server, port


def test_the_tutorials_defects_are_as_the_table_says(tutorial: tuple[Program, int]) -> None:
    server, port = tutorial
    ann, bob = Peer(port), Peer(port)
    time.sleep(0.5)
    ann.say("one", "two")
    assert bob.hear()[2] == "one"
    assert bob.stream.readline() == "\n", "the text has its line end, the format another"
    bob.socket.settimeout(1)
    with pytest.raises(TimeoutError):
        bob.stream.readline()
    ann.say("")
    assert "one" in ann.hear()[2] and ann.stream.readline() == "\n" and ann.is_at_end()
    server.enter("quit\n")
    time.sleep(5)
    assert server.process.poll() is None, "stop() hangs while somebody is connected"


# --- the documents themselves -------------------------------------------------------------------------------------------


def anchors_of(text: str) -> set[str]:
    """The anchors that the headings of a document have on GitHub."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        other = path if not name else (path.parent / name).resolve()
        assert other.exists(), f"{path.name}: {target}"
        assert not anchor or anchor in anchors_of(other.read_text("utf-8")), f"{path.name}: {target}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_named_files_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    for name in re.findall(r"`((?:src|tests|docs|bindings|python|include)/[\w./]*)`", text):
        assert (ROOT / name).exists(), f"{path.name}: {name}"
