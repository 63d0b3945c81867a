"""`rustchat chat` at a terminal: the keys that leave, whose line is shown when, and what is left of the terminal."""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
import time

import pexpect
import pytest
from commands import Served, exit_code, terminal
from conftest import wait_until
from rustchat.cli import keyboard

CTRL_C, CTRL_D = "\x03", "\x04"


def joined(served: Served, kind: str = "dumb") -> pexpect.spawn[str]:
    person = terminal("chat", "127.0.0.1", str(served.port), kind=kind)
    # Before that the system would take the keys for itself.
    wait_until(lambda: not is_as_before(person))
    # Some terminals get the space as a movement.
    person.expect("> " if kind == "dumb" else ">.*C")
    # Before that it would make signals of some.
    wait_until(lambda: not termios.tcgetattr(person.child_fd)[3] & termios.ISIG)
    return person


def is_as_before(person: pexpect.spawn[str]) -> bool:
    """Whether the terminal takes whole lines and shows them, as shells expect it."""
    modes = termios.tcgetattr(person.child_fd)[3]
    return bool(modes & termios.ICANON and modes & termios.ECHO)


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
@pytest.mark.parametrize("kind", ["dumb", "xterm"])
def test_a_key_on_an_empty_line_leaves_in_silence(served: Served, key: str, kind: str) -> None:
    person = joined(served, kind)
    person.send(key)
    assert exit_code(person) == 0
    assert "Traceback" not in (person.before or "")
    assert "rustchat:" not in (person.before or "")


def test_an_interrupt_clears_a_line_that_is_half_typed(served: Served) -> None:
    person = joined(served)
    person.send("half a li" + CTRL_C)
    person.sendline("whole")
    person.expect(r"\d\d:\d\d:\d\d 127\.0\.0\.1:\d+: (.*)\r")
    assert person.match
    assert person.match[1] == "whole"
    person.send(CTRL_C)
    assert exit_code(person) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_and_gives_the_terminal_back(served: Served, number: int) -> None:
    person = joined(served, "xterm")
    person.kill(number)
    person.expect(pexpect.EOF)
    assert is_as_before(person)
    person.close()
    assert person.exitstatus == 0


class Screen:
    """As much of a terminal as the prompt uses: text, line feeds, the cursor and erasing."""

    def __init__(self) -> None:
        self.rows: dict[int, list[str]] = {}
        self.row = self.column = 0

    def feed(self, output: str) -> None:
        at = 0
        while at < len(output):
            if output.startswith("\x1b[", at):
                end = at + 2
                while not output[end].isalpha():
                    end += 1
                self.command(output[end], output[at + 2 : end])
                at = end + 1
                continue
            self.character(output[at])
            at += 1

    def command(self, letter: str, argument: str) -> None:
        count = int(argument) if argument.isdecimal() else 1
        match letter:
            case "A":
                self.row -= count
            case "B":
                self.row += count
            case "C":
                self.column += count
            case "D":
                self.column = max(self.column - count, 0)
            case "K":
                self.line[self.column :] = []
            case "J":
                self.line[self.column :] = []
                self.rows = {row: line for row, line in self.rows.items() if row <= self.row}

    def character(self, character: str) -> None:
        match character:
            case "\r":
                self.column = 0
            case "\n":
                self.row += 1
            case "\b":
                self.column = max(self.column - 1, 0)
            case _ if character >= " ":
                self.line.extend(" " * (self.column + 1 - len(self.line)))
                self.line[self.column] = character
                self.column += 1

    @property
    def line(self) -> list[str]:
        return self.rows.setdefault(self.row, [])

    @property
    def text(self) -> list[str]:
        return ["".join(self.rows[row]).rstrip() for row in sorted(self.rows)]


def test_ones_own_line_is_shown_once_with_its_time(served: Served) -> None:
    person = joined(served, "xterm")
    screen = Screen()
    screen.feed(person.before + person.after)
    person.sendline("hello everybody")
    person.expect(r"\d\d:\d\d:\d\d 127\.0\.0\.1:\d+: hello everybody")
    screen.feed(person.before + person.after)
    with served.dial() as other:
        other.sendall(b"hello to you\n")
        person.expect("hello to you")
        screen.feed(person.before + person.after)
    person.send(CTRL_D)
    assert exit_code(person) == 0
    screen.feed(person.before)
    shown = [line for line in screen.text if "hello everybody" in line]
    assert len(shown) == 1, screen.text
    assert shown[0][2] == ":"


def test_what_cannot_be_said_is_there_to_be_mended(served: Served) -> None:
    person = joined(served, "xterm")
    # Bracketed paste: the only way for a control character to come into the line as text.
    person.send("\x1b[200~a\x1b[31mb\x1b[201~\r")
    person.expect("not said: .*U\\+001B")
    person.send("\x15hello\r")
    person.expect(r"127\.0\.0\.1:\d+: hello")
    person.send(CTRL_D)
    assert exit_code(person) == 0


def test_lines_that_are_pasted_are_said_one_by_one(served: Served) -> None:
    person = joined(served, "xterm")
    person.send("\x1b[200~one\rtwo\r\rthree\x1b[201~\r")
    for text in ("one", "two", "three"):
        person.expect(rf"127\.0\.0\.1:\d+: {text}\r")
    # Those before the one that cannot be said are said, the others are there to be mended.
    person.send("\x1b[200~four\rfi\x1bve\rsix\x1b[201~\r")
    person.expect(r"127\.0\.0\.1:\d+: four\r")
    person.send("\x1b\x7f" * 3 + "\x15" + "seven\r")
    person.expect(r"127\.0\.0\.1:\d+: seven\r")
    person.send(CTRL_D)
    assert exit_code(person) == 0


def test_the_terminal_puts_brackets_around_a_paste_of_any_moment(served: Served) -> None:
    person = joined(served, "xterm")
    seen = person.before + person.after
    with served.dial() as other:
        for text in ("one", "two", "three"):
            other.sendall(f"{text}\n".encode())
            person.expect(f": {text}")
            person.sendline(f"after {text}")
            person.expect(rf"127\.0\.0\.1:\d+: after {text}\r")
            seen += person.before + person.after
    person.send(CTRL_D)
    assert exit_code(person) == 0
    seen += person.before
    assert re.findall(r"\x1b\[\?2004[hl]", seen) == ["\x1b[?2004h", "\x1b[?2004l"], seen


def test_the_system_shows_no_key_while_a_message_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    outside, inside = os.openpty()
    with os.fdopen(inside) as terminal, os.fdopen(outside):
        monkeypatch.setattr(sys, "stdin", terminal)
        before = termios.tcgetattr(inside)

        def shows_keys() -> bool:
            return bool(termios.tcgetattr(inside)[3] & termios.ECHO)

        assert shows_keys()
        with keyboard.kept_for_editor() as place:
            assert not shows_keys()
            with place.input.raw_mode(), place.input.cooked_mode():
                assert not shows_keys()
            assert not shows_keys()
        assert termios.tcgetattr(inside) == before


def test_a_server_that_froze_is_left_and_the_last_line_named(served: Served) -> None:
    person = joined(served)
    person.sendline("first")
    person.expect(r"127\.0\.0\.1:\d+: first")
    with served.frozen():
        person.sendline("second")
        person.expect("second")
        person.sendline("quit")
        begin = time.monotonic()
        assert exit_code(person) == 1
        assert time.monotonic() - begin < 10, "it waited for a frozen server"
        assert "the last line may not have arrived" in (person.before or "")


def test_chinese_persian_and_emoji_are_shown_as_they_were_said(served: Served) -> None:
    person = joined(served)
    with served.dial() as other:
        for text in ("你好\u3000世界", "می\u200cروم", "👩\u200d👩\u200d👧", "a\u00a0b", "e\u0301"):
            other.sendall(f"{text}\n".encode())
            person.expect_exact(f": {text}\r\n")
        other.sendall("abc\u202edef\u2066\n".encode())
        person.expect_exact(": abc\\u202edef\\u2066\r\n")
    person.send(CTRL_D)
    assert exit_code(person) == 0


def test_it_comes_back_with_its_server(served: Served) -> None:
    person = joined(served)
    served.kill()
    person.expect(r"connection lost \(.*\): trying again; quit leaves")
    person.sendline("said meanwhile")
    again = Served("--port", str(served.port))
    try:
        person.expect("connected again")
        person.expect(r"127\.0\.0\.1:\d+: said meanwhile")
        person.send(CTRL_D)
        assert exit_code(person) == 0
    finally:
        again.kill()


def test_who_waits_for_the_server_may_leave(served: Served) -> None:
    person = joined(served)
    served.kill()
    person.expect("trying again")
    person.sendline("quit")
    assert exit_code(person) == 0


def test_without_it_the_end_of_the_connection_is_the_end(served: Served) -> None:
    person = terminal("chat", "127.0.0.1", str(served.port), "--no-reconnect", kind="dumb")
    person.expect("> ")
    served.kill()
    assert exit_code(person) == 1
