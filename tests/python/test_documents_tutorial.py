"""What README.md says of the tutorial's chat server is true; what it says of ours is for the other tests."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from documents.blocks import blocks
from documents.peers import Peer, Program, eventually, program
from documents.snippets import saved
from waiting import queued, wait_until, wait_until_it_is_asleep


@contextlib.contextmanager
def tutorial(tmp_path: Path) -> Iterator[tuple[Program, int]]:
    """The tutorial's server, running."""
    (block,) = blocks("python tutorial")
    path, port = saved(block, tmp_path, "tutorial.py")
    with program([sys.executable, path]) as server:
        yield server, port


def let_in(server: Program, port: int) -> None:
    """Waits until whoever has connected is in the room."""
    wait_until(lambda: not queued(port, "LISTEN"))
    for thread in Path(f"/proc/{server.process.pid}/task").iterdir():
        wait_until_it_is_asleep(server.process.pid, int(thread.name))


def says_and_hears(peer: Peer, text: str) -> None:
    """Says a line and waits for it; the tutorial's text has its line end, and its format has another."""
    peer.say(text)
    assert (peer.hear()[2], peer.stream.readline()) == (text, "\n")


def hears_nothing(peer: Peer) -> bool:
    """Whether nothing comes for a second; the peer cannot be read any more afterwards."""
    peer.socket.settimeout(1)
    try:
        return not peer.stream.readline()
    except TimeoutError:
        return True


def test_the_tutorial_loses_a_line_throws_out_and_hangs(tmp_path: Path) -> None:
    with tutorial(tmp_path) as (server, port), Peer(port) as ann, Peer(port) as bob:
        let_in(server, port)
        ann.say("one", "two")
        for peer in (ann, bob):
            assert (peer.hear()[2], peer.stream.readline()) == ("one", "\n")
        assert hears_nothing(bob), "the second line"
        ann.say("")
        assert ann.is_at_end(), "a blank line"
        server.enter("quit\n")
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(5)


def test_the_tutorial_waits_for_whoever_does_not_read(tmp_path: Path) -> None:
    def talk(peer: Peer) -> None:
        for _ in range(1000):
            says_and_hears(peer, "x" * 60_000)

    with tutorial(tmp_path) as (server, port), Peer(port), Peer(port) as ann:
        let_in(server, port)
        ann.socket.settimeout(3)
        with pytest.raises(TimeoutError):
            talk(ann)
        with Peer(port) as late:
            late.say("hello")
            assert hears_nothing(late)


def test_the_tutorial_cannot_start_again(tmp_path: Path) -> None:
    with tutorial(tmp_path) as (server, port), Peer(port) as ann:
        says_and_hears(ann, "hello")
        server.kill()
        assert ann.is_at_end()
    with program([sys.executable, tmp_path / "tutorial.py"]) as again:
        eventually(lambda: "Address already in use" in again.output)
