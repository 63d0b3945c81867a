"""Commands whose standard streams are closed, full or read by nobody, and servers behind other jobs of a terminal."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest
from commands import COMMAND, PATIENCE, Served, exit_code, terminal
from conftest import wait_until
from waiting import wait_until_it_waits

SHELL = ["/bin/sh", "-c"]
RUSTCHAT = " ".join(COMMAND)


def shell(line: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*SHELL, line], capture_output=True, text=True, timeout=PATIENCE, **options)


@pytest.mark.parametrize("closed", ["<&-", "<&- 2>&-", ">&-", "2>&-"])
def test_a_server_serves_with_closed_streams(tmp_path: Path, closed: str) -> None:
    path = tmp_path / "room.sock"
    server = subprocess.Popen(
        [*SHELL, f"exec {RUSTCHAT} serve --host {path} {closed}"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        with socket.socket(socket.AF_UNIX) as member:
            member.settimeout(PATIENCE)
            # Between bind(2) and listen(2) the file is there, and nobody behind it.
            wait_until(lambda: member.connect_ex(str(path)) == 0 or server.poll() is not None, PATIENCE)
            member.sendall(b"hello\n")
            with member.makefile() as heard:
                assert heard.readline() and heard.readline() == "hello\n"
            # Streams that the shell has closed must not be the member's connection or the server's socket.
            for number in range(3):
                assert "socket:" not in os.readlink(f"/proc/{server.pid}/fd/{number}")
    finally:
        server.terminate()
        _, errors = server.communicate(timeout=PATIENCE)
    assert server.returncode == 0
    assert b"Traceback" not in errors


@pytest.mark.parametrize("closed", ["<&-", "<&- >&-", "<&- >&- 2>&-"])
def test_a_chat_with_nothing_to_say_ends_well_with_closed_streams(served: Served, closed: str) -> None:
    done = shell(f"{RUSTCHAT} chat 127.0.0.1 {served.port} {closed}")
    assert (done.returncode, done.stderr) == (0, "")


def test_what_goes_to_a_closed_stderr_goes_to_no_member(served: Served) -> None:
    done = shell(f"printf 'one\\n\\033\\ntwo\\n' | {RUSTCHAT} chat 127.0.0.1 {served.port} 2>&-")
    assert done.returncode == 1
    assert [line.partition(": ")[2] for line in done.stdout.splitlines()] == ["one", "two"]


@pytest.mark.parametrize("words", ["key", "--help", "chat --help", "--version"])
def test_output_that_nobody_reads_is_no_error_to_speak_of(words: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, *words.split()],
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=PATIENCE,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_chat_whose_output_nobody_reads_any_more_ends_in_silence(served: Served) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "chat", "127.0.0.1", str(served.port)],
        input=b"one\ntwo\n",
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=PATIENCE,
    )
    os.close(writing)
    assert done.returncode == 1
    assert b"Errno" not in done.stderr and b"Traceback" not in done.stderr


def test_a_server_whose_output_nobody_reads_says_nothing_of_it() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "serve", "--port", "0"],
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=PATIENCE,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_key_that_did_not_fit_is_an_error_in_one_sentence() -> None:
    done = shell(f"{RUSTCHAT} key > /dev/full")
    assert (done.returncode, done.stderr) == (1, "rustchat: No space left on device\n")


def interactive_shell() -> pexpect.spawn[str]:
    """A shell with job control, whose prompt is `$$`."""
    shell = pexpect.spawn(
        "/bin/bash",
        ["--norc", "--noprofile", "-i"],
        encoding="utf-8",
        timeout=PATIENCE,
        dimensions=(40, 200),
        env={**os.environ, "TERM": "dumb", "PS1": "$$ "},
    )
    shell.setecho(False)
    return shell


def test_a_server_in_the_background_serves_and_leaves_the_terminal_alone() -> None:
    person = interactive_shell()
    person.sendline(f"{RUSTCHAT} serve --port 0 &")
    person.expect(r"\[1\] (\d+)")
    assert person.match
    process = int(person.match[1])
    person.expect(r"listening on 127\.0\.0\.1:(\d+)\r")
    assert person.match
    port = int(person.match[1])
    wait_until_it_waits(process)
    # A shell tells of stopped jobs before its next prompt. The echo of what is typed must not read as its answer.
    person.sendline("echo ne''xt; jobs; echo that was a''ll")
    person.expect("next")
    person.expect("that was all")
    assert "Running" in person.before and "Stopped" not in person.before, person.before
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as member, member.makefile() as heard:
        member.sendall(b"hello\n")
        assert heard.readline() and heard.readline() == "hello\n"
    person.sendline("kill %1; wait %1; echo code $?")
    person.expect("code 0")
    person.sendline("exit")
    assert exit_code(person) == 0


def test_a_chat_in_the_background_says_that_it_wants_the_terminal(served: Served) -> None:
    person = interactive_shell()
    person.sendline(f"{RUSTCHAT} chat 127.0.0.1 {served.port} & wait %1; echo code $?")
    person.expect("rustchat: another job has the terminal")
    person.expect("code 1")
    person.sendline("exit")
    assert exit_code(person) == 0


def slow_reader(served: Served) -> socket.socket:
    """A member with a full outbox: the farewell at the server's end waits for it."""
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.settimeout(PATIENCE)
    slow.connect(("127.0.0.1", served.port))
    with served.dial() as speaker, speaker.makefile("rb") as heard:
        for _ in range(100):
            speaker.sendall(b"x" * 8000 + b"\n")
            heard.readline(), heard.readline()
    return slow


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_a_server_beside_a_slow_reader_at_once(served: Served, number: int) -> None:
    with slow_reader(served):
        process = served.process
        assert process.stderr
        process.send_signal(number)
        assert process.stderr.readline() == "stopping\n"
        begin = time.monotonic()
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
        assert time.monotonic() - begin < 4, "it waited for the slow reader"
        assert re.fullmatch("rustchat: stopping at once; .*\n", process.stderr.read())


def test_a_console_ends_with_a_signal_as_with_quit() -> None:
    console = terminal("serve", "--port", "0", kind="xterm")
    console.expect("listening on ")
    console.expect(">.*C")
    console.kill(signal.SIGTERM)
    assert exit_code(console) == 0
    assert "Traceback" not in console.before


def test_a_script_that_runs_on_the_core_has_the_streams_that_it_was_given(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import sys; print(sys.stdin)")
    done = shell(f"{sys.executable} -m rustchat run {script} <&-")
    assert done.stdout == "None\n"
