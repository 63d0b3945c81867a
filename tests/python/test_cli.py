"""The command line, as people and other programs use it."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
from pathlib import Path

import pexpect
import pytest
from commands import COMMAND, PATIENCE, Served, run, terminal


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_without_a_terminal_serves_until_a_signal_and_stops_cleanly(served: Served, number: int) -> None:
    with served.dial() as ann, served.dial() as bob, ann.makefile() as heard_by_ann, bob.makefile() as heard_by_bob:
        ann.sendall(b"to myself\n")
        assert [heard_by_ann.readline() for _ in range(2)][1] == "to myself\n"
        bob.sendall(b"hello\n")
        assert [heard_by_ann.readline() for _ in range(2)][1] == "hello\n"
        code, errors = served.end(number)
        assert (code, errors) == (0, "stopping\n")
        assert heard_by_ann.read().endswith("\n* server stopped\n")
        assert heard_by_bob.read().endswith("\n* server stopped\n")


@pytest.mark.parametrize("command", ["serve", "serve-files"])
def test_the_address_comes_in_one_piece_even_where_nothing_is_buffered(command: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("f" * 32)
    (tmp_path / "key").chmod(0o600)
    words = [command, *([str(tmp_path)] if command == "serve-files" else []), "--port", "0"]
    # Each write is a datagram.
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, its:
        ours.settimeout(PATIENCE)
        server = subprocess.Popen(
            [*COMMAND, *words, "--secret-file", str(tmp_path / "key")],
            stdin=subprocess.DEVNULL,
            stdout=its,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            assert re.fullmatch(rb"listening on 127\.0\.0\.1:\d+\n", ours.recv(4096))
        finally:
            server.terminate()
            server.wait(PATIENCE)


def test_chat_says_what_comes_in_and_prints_what_is_heard(served: Served) -> None:
    done = run("chat", "127.0.0.1", str(served.port), said="first\n\nsecond \x1b[2J\nthird\n")
    assert done.returncode == 1
    assert [line.partition(": ")[2] for line in done.stdout.splitlines()] == ["first", "third"]
    assert "rustchat: " in done.stderr
    assert "U+001B" in done.stderr
    done = run("chat", "127.0.0.1", str(served.port), said="first\n\nsecond\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.partition(": ")[2] for line in done.stdout.splitlines()] == ["first", "second"]


def test_a_secret_from_a_file_keeps_strangers_out(tmp_path: Path) -> None:
    key = tmp_path / "chat.key"
    assert run("key", "--output", str(key)).returncode == 0
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    server = Served("--secret-file", str(key), "--framing", "u32be")
    try:
        words = ["chat", "127.0.0.1", str(server.port), "--framing", "u32be"]
        done = run(*words, "--secret-file", str(key), "--name", "ann", said="hello\n")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[-1].endswith(" ann: hello") or "ann: hello" in done.stdout
        stranger = run(*words, RUSTCHAT_SECRET="wrong")
        assert stranger.returncode == 1
        assert "authentication failed" in stranger.stderr
    finally:
        server.end(signal.SIGTERM)


def test_a_key_is_printed_or_written_once(tmp_path: Path) -> None:
    first, second = run("key").stdout.strip(), run("key").stdout.strip()
    assert len(first) == 64
    assert int(first, 16) >= 0
    assert first != second
    kept = tmp_path / "kept"
    kept.write_text("precious")
    refused = run("key", "--output", str(kept))
    assert refused.returncode == 1
    assert "exists already" in refused.stderr
    assert kept.read_text() == "precious"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["chat", "127.0.0.1", "1"], 1, "Connection refused"),
        (["chat", "127.0.0.1", "70000"], 2, "from 0 to 65535"),
        (["chat", "no-such-host.invalid", "1"], 1, "no-such-host.invalid"),
        (["chat", "--name", "server"], 1, "it reads as the server"),
        (["serve", "--host", "0.0.0.0", "--port", "0"], 1, "without a secret"),
        (["serve", "--port", "0", "--secret-file", "/nonexistent/file"], 1, "No such file"),
        (["serve", "--port", "0", "--workers", "-1"], 1, "workers"),
        (["dance"], 2, "dance"),
        ([], 2, "COMMAND"),
    ],
)
def test_errors_are_one_line_with_an_exit_code_and_no_traceback(words: list[str], code: int, said: str) -> None:
    done = run(*words)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_help_teaches() -> None:
    assert "examples:" in run("--help").stdout
    for command in ("serve", "chat", "key"):
        assert "usage: rustchat " + command in run(command, "--help").stdout
    assert run("--version").stdout.startswith("rustchat ")


def test_the_console_obeys() -> None:
    console = terminal("serve", "--port", "0")
    console.expect(r"listening on 127\.0\.0\.1:(\d+)\r")
    assert console.match
    port = int(console.match[1])
    console.expect("join with:  nc 127.0.0.1")
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as peer, peer.makefile() as heard:
        peer.sendall(b"hello\n")
        assert heard.readline() and heard.readline() == "hello\n"
        console.sendline("clients")
        console.expect(r"ID +ADDRESS")
        console.expect(r"1 +127\.0\.0\.1:\d+")
        console.sendline("stats")
        console.expect(r"messages +1")
        console.sendline("good evening")
        assert heard.readline() and heard.readline() == "good evening\n"
        console.sendline("kick 7")
        console.expect("nobody has the number 7")
        console.sendline("kick")
        console.expect("kick whom")
        console.sendline("kick 1")
        console.expect("1 is disconnected")
        assert heard.read().endswith("\n* disconnected by the server\n")
    console.sendline("quit")
    console.expect(pexpect.EOF)
    console.close()
    assert console.exitstatus == 0


def test_chat_on_a_terminal_shows_messages_and_ends_with_the_server(served: Served) -> None:
    person = terminal("chat", "127.0.0.1", str(served.port), "--no-reconnect")
    person.expect("> ")
    person.sendline("hello")
    person.expect(r"\d\d:\d\d:\d\d 127\.0\.0\.1:\d+: hello")
    with served.dial() as other:
        other.sendall(b"from elsewhere\n")
        person.expect("from elsewhere")
    served.end(signal.SIGTERM)
    person.expect("rustchat: ")
    person.expect(pexpect.EOF)
    person.close()
    assert person.exitstatus == 1


def test_chat_on_a_terminal_leaves_on_quit(served: Served) -> None:
    person = terminal("chat", "127.0.0.1", str(served.port))
    person.expect("> ")
    person.sendline("quit")
    person.expect(pexpect.EOF)
    person.close()
    assert person.exitstatus == 0
