"""`rustchat chat` in a pipe: exit code 0 says that each line came back from the room."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import COMMAND, PATIENCE, Served, run
from conftest import wait_until
from waiting import wait_until_it_waits


def chat(port: int, *words: str, said: str | bytes) -> subprocess.CompletedProcess[str]:
    return run("chat", "127.0.0.1", str(port), *words, said=said)


def heard(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The texts of the messages it printed."""
    return [line.partition(": ")[2] for line in done.stdout.splitlines() if ": " in line]


@pytest.mark.parametrize("framing", ["line", "json"])
def test_each_line_came_back(framing: str) -> None:
    server = Served("--framing", framing)
    try:
        lines = [f"line {number}" for number in range(1000)]
        done = chat(server.port, "--framing", framing, said="\n".join(lines))
        assert (done.returncode, done.stderr) == (0, "")
        assert heard(done) == lines
    finally:
        server.kill()


def test_a_server_with_a_secret_gets_nothing_without_it(tmp_path: Path) -> None:
    key = tmp_path / "chat.key"
    assert run("key", "--output", str(key)).returncode == 0
    server = Served("--secret-file", str(key))
    try:
        done = chat(server.port, said="alarm\n")
        assert done.returncode == 1
        assert "the last line may not have arrived" in done.stderr
    finally:
        server.kill()


@pytest.mark.parametrize(("theirs", "ours"), [("u32be", "line"), ("line", "u32be"), ("u32le", "u32be")])
def test_the_wrong_framing_is_found_out_soon(theirs: str, ours: str) -> None:
    server = Served("--framing", theirs)
    try:
        begin = time.monotonic()
        done = chat(server.port, "--framing", ours, said="alarm\n")
        assert done.returncode == 1
        assert "may not have arrived" in done.stderr or "1 of 1 lines was not said" in done.stderr
        assert time.monotonic() - begin < 10, "it waited for somebody who does not understand it"
    finally:
        server.kill()


def test_a_line_over_the_limit_is_told_and_counted(served: Served) -> None:
    done = chat(served.port, said="before\n" + "x" * 9000 + "\nafter\n")
    assert done.returncode == 1
    assert heard(done)[0] == "before"
    assert "rustchat: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_line_that_is_no_text_keeps_nothing_from_being_said(served: Served) -> None:
    done = chat(served.port, said=b"before\nbroken \xff\xfe\nafter\nescape \x1b[2J\nlast\n")
    assert done.returncode == 1
    assert heard(done) == ["before", "after", "last"]
    assert "line 2 was not said: it is not UTF-8" in done.stderr
    assert "line 4 was not said: " in done.stderr and "U+001B" in done.stderr
    assert "2 of 5 lines were not said" in done.stderr


def test_a_line_without_end_is_held_in_bounds(served: Served) -> None:
    done = chat(served.port, said=b"x" * 3_000_000 + b"\nafter\n")
    assert done.returncode == 1
    assert heard(done) == ["after"]
    assert "line 1 was not said: it is longer than " in done.stderr


def test_a_byte_order_mark_is_not_said(served: Served) -> None:
    done = chat(served.port, said=b"\xef\xbb\xbfhello\r\n")
    assert (done.returncode, done.stderr, heard(done)) == (0, "", ["hello"])


@pytest.mark.parametrize(("said", "code"), [("one\nquit\n", 0), ("one\nquit\n\n", 0), ("one\nquit\ntwo\n", 1)])
def test_quit_leaves_and_what_comes_after_it_was_not_said(served: Served, said: str, code: int) -> None:
    done = chat(served.port, said=said)
    assert heard(done) == ["one"]
    assert done.returncode == code
    assert ("1 of 2 lines was not said" in done.stderr) == bool(code)


def test_a_unix_socket_has_no_addresses_to_know_ones_own_lines_by(tmp_path: Path) -> None:
    path = tmp_path / "room.sock"
    server = subprocess.Popen([*COMMAND, "serve", "--host", str(path)], stdin=subprocess.DEVNULL)
    try:
        wait_until(path.exists)
        done = run("chat", str(path), said="one\ntwo\none\n")
        assert (done.returncode, done.stderr, heard(done)) == (0, "", ["one", "two", "one"])
    finally:
        server.terminate()
        server.wait(PATIENCE)


@contextlib.contextmanager
def after_the_first_line(served: Served) -> Iterator[subprocess.Popen[bytes]]:
    """A chat whose first line has come back, with its standard input open."""
    with subprocess.Popen(
        [*COMMAND, "chat", "127.0.0.1", str(served.port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as chat:
        try:
            say(chat, b"first\n")
            assert chat.stdout and chat.stdout.readline().endswith(b": first\n")
            yield chat
        finally:
            chat.kill()


def say(chat: subprocess.Popen[bytes], text: bytes) -> None:
    assert chat.stdin
    chat.stdin.write(text)
    chat.stdin.flush()


def frozen_after_the_first_line(served: Served, said: bytes) -> tuple[int, str, float]:
    """Says `first`, stops the server in its tracks, says `said`: exit code, errors, and the seconds it took."""
    with after_the_first_line(served) as chat, served.frozen():
        begin = time.monotonic()
        _, errors = chat.communicate(said, timeout=PATIENCE)
        return chat.returncode, errors.decode(), time.monotonic() - begin


def test_a_server_that_froze_is_left_and_the_last_line_named(served: Served) -> None:
    code, errors, took = frozen_after_the_first_line(served, b"second\n")
    assert code == 1
    assert "the last line may not have arrived" in errors
    assert took < 10, "it waited for a frozen server"


def test_a_frozen_server_does_not_hold_a_long_input(served: Served) -> None:
    code, errors, took = frozen_after_the_first_line(served, b"more and more\n" * 500_000)
    assert code == 1
    assert "may not have arrived" in errors
    assert took < 6, "it waited for a frozen server"


def test_a_server_that_ends_ends_it_without_another_line(served: Served) -> None:
    with after_the_first_line(served) as chat:
        served.end()
        # Its standard input stays open.
        assert chat.wait(PATIENCE) == 1
        assert chat.stderr and b"rustchat: " in chat.stderr.read()


def test_an_interrupt_ends_it_in_a_word(served: Served) -> None:
    with after_the_first_line(served) as chat:
        wait_until_it_waits(chat.pid)
        chat.send_signal(signal.SIGINT)
        _, errors = chat.communicate(timeout=PATIENCE)
        assert (chat.returncode, errors) == (130, b"")


def test_an_interrupt_names_the_line_that_may_not_have_arrived(served: Served) -> None:
    with after_the_first_line(served) as chat, served.frozen():
        say(chat, b"second\n")
        wait_until(served.unread)
        begin = time.monotonic()
        chat.send_signal(signal.SIGINT)
        _, errors = chat.communicate(timeout=PATIENCE)
        assert (chat.returncode, errors) == (130, b"rustchat: the last line may not have arrived\n")
        assert time.monotonic() - begin < 10, "it waited for a frozen server"
