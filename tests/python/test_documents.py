"""What the documents show is what happens: every fenced block of README.md and docs/ is run or compared with what runs.

The first word behind a fence is the language, the second says what the block is; CHECKS has one function for each pair
there may be, and a block of any other kind fails. Rust blocks are run by tests/documents.rs.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import rustchat
from documents import figures, snippets
from documents.blocks import BLOCKS, DOCUMENTS, ROOT, Block, blocks
from documents.peers import PATIENCE, Member

CHECKS: dict[str, Callable[[Block, Path], object]] = {
    "python run": snippets.python_run,
    "python pytest": snippets.python_pytest,
    "python server": snippets.python_server,
    "python tutorial": snippets.python_tutorial,
    "python client": snippets.python_client,
    "python tls": snippets.python_tls,
    "python commands": snippets.python_commands,
    "python files": snippets.python_files,
    "sh files": snippets.sh_files,
    "toml serve": snippets.toml_serve,
    "text keys": snippets.text_keys,
    "text console": snippets.text_console,
    "text bans": snippets.text_bans,
    "toml commands": snippets.toml_commands,
    "sh commands": snippets.sh_commands,
    "c server": snippets.c_server,
    "c run": snippets.c_run,
    "rust server": snippets.rust_server,
    "rust service": snippets.rust_server,
    "rust run": snippets.rust_server,
    "sh nc": snippets.sh_nc,
    "sh classroom": snippets.sh_classroom,
    "sh shell": snippets.sh_shell,
    "sh run": snippets.sh_run,
    "sh make": snippets.sh_make,
    "sh check": snippets.sh_check,
    "sh install": snippets.sh_install,
    "text": figures.text_figure,
    "text output": figures.text_output,
    "text bytes": figures.text_bytes,
    "text frames": figures.text_frames,
    "text vector": figures.text_vector,
    "json request": figures.json_request,
    "json event": figures.json_event,
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_block(block: Block, tmp_path: Path) -> None:
    assert block.kind in CHECKS, f"nobody knows how to check {block.kind!r}; expected one of {sorted(CHECKS)}"
    CHECKS[block.kind](block, tmp_path)


def test_the_documented_events_are_the_real_ones() -> None:
    events = figures.real_events()
    documented = {json.loads(block.text)["type"] for block in blocks("json event")}
    assert {event["type"] for event in events} == documented
    real = next(event for event in events if event["type"] == "error")
    example = next(json.loads(block.text) for block in blocks("json event") if '"error"' in block.text)
    assert real == example


def test_the_documented_requests_are_all_there_are() -> None:
    documented = {json.loads(block.text)["type"] for block in blocks("json request")}
    with rustchat.ChatServer("127.0.0.1", 0, framing="u32be") as server, Member(server) as member:
        member.event()
        member.send({"type": "dance"})
        known = re.search(r"expected (.*)", member.event()["text"])
    assert known
    assert set(re.split(r", | or ", known[1])) == documented


def test_the_framings_write_the_documented_bytes() -> None:
    text = (ROOT / "docs/protocol.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| .* \| `([0-9a-f ]+)` \|", text, re.M)
    assert {name for name, _ in rows} == {"line", "u32be", "u32le", "multiprocessing"}
    for name, wire in rows:
        assert rustchat.frame.encode(b"hi", framing=name) == bytes.fromhex(wire)


def test_line_chat_sends_the_documented_bytes() -> None:
    (block,) = blocks("text bytes")
    said, heard, direction = b"", b"", ""
    for line in block.text.splitlines():
        part = bytes.fromhex(line[3:].split("  ")[0])
        direction = line[:2].strip() or direction
        said, heard = (said + part, heard) if direction == "->" else (said, heard + part)
    with rustchat.ChatServer("127.0.0.1", 0) as server, socket.create_connection(server.address, PATIENCE) as peer:
        peer.sendall(said + b"quit\n")
        answer = b"".join(iter(lambda: peer.recv(4096), b""))
    assert figures.without_particulars(answer.decode()) == figures.without_particulars(heard.decode())


def test_the_documented_farewells_are_those_of_the_core() -> None:
    text = (ROOT / "docs/protocol.md").read_text("utf-8")
    section = text.partition("### How a membership ends")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| `([^`]+)` \|", section, re.M))
    source = (ROOT / "src/peer/reason.rs").read_text("utf-8").partition("pub fn as_str")[2].partition("\n    }")[0]
    assert documented == set(re.findall(r'=> "([^"]+)"', source))


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
