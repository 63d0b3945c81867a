"""Blocks that are compared with what runs."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rustchat

from .blocks import ROOT, Block
from .peers import PATIENCE, Member
from .snippets import python_run, sh_nc

PRINTING: dict[str, Callable[[Block, Path], str]] = {"python run": python_run, "sh nc": sh_nc}


def text_figure(block: Block, tmp_path: Path) -> None:
    """A drawing, or an example that the tests of the protocol below cover."""


def text_output(block: Block, tmp_path: Path) -> None:
    """What the block before it prints."""
    assert block.before is not None
    assert block.before.kind in PRINTING, "it stands behind what prints it"
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
        if "to" in request:
            member.send({"type": "hello", "name": request["to"]})
            assert member.event()["type"] == "name"
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


def real_events() -> list[dict[str, Any]]:
    """Every kind of event, from a real server."""
    server = rustchat.ChatServer(
        "127.0.0.1", 0, framing="u32be", announce=True, ping_interval=0.2, ping_timeout=PATIENCE
    )
    with server, Member(server) as ann:
        events = [ann.event()]
        ann.send({"type": "hello", "name": "ann"})
        ann.send({"type": "ping"})
        ann.send({"type": "dance"})
        ann.send({"type": "message", "text": "once", "ref": 1})
        ann.send({"type": "who"})
        ann.send({"type": "resume", "session": events[0]["session"]})
        with Member(server) as bob:
            bob.event()
            ann.send({"type": "message", "text": "hi"})
            server.send(server.clients[0], "psst")
        while "ping" not in {event["type"] for event in events} or "leave" not in {event["type"] for event in events}:
            events.append(ann.event())
        ann.send({"type": "quit"})
        events += ann.events_until("")
    return events
