"""The server's console: commands, questions about what may be one, and what is said."""

from __future__ import annotations

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
import rustchat
from commands import PATIENCE, exit_code, terminal
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from rustchat.cli import prompt
from rustchat.cli.console import Console
from rustchat.cli.prompt import Words
from rustchat.cli.text import table
from waiting import wait_until


class Room:
    """A server with a console, and one member."""

    def __init__(self, *words: str) -> None:
        self.console: pexpect.spawn[str] = terminal("serve", "--port", "0", *words)
        self.console.expect(r"listening on 127\.0\.0\.1:(\d+)\r")
        assert self.console.match
        self.port = int(self.console.match[1])
        self.console.expect("> ")

    def dial(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def ask(self, line: str, answer: str) -> None:
        self.console.sendline(line)
        self.console.expect(answer)


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    yield room
    room.console.close(force=True)


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("Quit", r"do you mean `quit`\? `say Quit` says it"),
        ("/quit", r"do you mean `quit`\?"),
        ("list", r"list\? there is no such command"),
        ("exit", r"exit\? there is no such command"),
        ("/nick ann", r"/nick\? there is no such command"),
        ("Kick 1", r"do you mean `kick WHOM`\?"),
        ("watch", r"do you mean `watch on\|off`\?"),
        ("stats now", r"do you mean `stats`\?"),
        ("kick", "kick whom"),
        ("say", r"do you mean `say TEXT`\?"),
    ],
)
def test_what_may_be_a_command_is_a_question(line: str, question: str) -> None:
    room = Room()
    with room.dial() as member, member.makefile() as heard:
        member.sendall(b"here\n")
        assert heard.readline() and heard.readline() == "here\n"
        room.ask(line, question)
        room.console.sendline("the next thing said")
        assert heard.readline() and heard.readline() == "the next thing said\n"
    room.console.sendline("quit")
    assert exit_code(room.console) == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("say Quit", "Quit"),
        ("say list", "list"),
        ("say  /quit", "/quit"),
        ("good evening", "good evening"),
        ("hello!", "hello!"),
        ("你好", "你好"),
        ("who is there?", "who is there?"),
        ("help yourselves, please", "help yourselves, please"),
        ("42", "42"),
    ],
)
def test_text_is_said(line: str, said: str) -> None:
    with rustchat.ChatServer(port=0) as server, rustchat.ChatClient(*server.address) as member:
        member.send("here")
        assert member.recv(PATIENCE).text == "here"
        assert Console(server).obey(line) == ""
        assert member.recv(PATIENCE).text == said


def test_the_room_can_be_watched(room: Room) -> None:
    room.ask("watch on", "is shown")
    with room.dial() as member, member.makefile() as heard:
        room.console.expect(r"\d\d:\d\d:\d\d \* 127\.0\.0\.1:\d+ joined")
        member.sendall("hello \u3000 \u202e there\n".encode())
        room.console.expect_exact("hello \u3000 \\u202e there")
        room.console.sendline("good evening")
        heard.readline(), heard.readline(), heard.readline()
        assert heard.readline() == "good evening\n"
        room.ask("watch off", "not shown")
        # Typed, and not shown again as something heard.
        assert (room.console.before or "").count("good evening") == 1
        member.sendall(b"unseen\n")
        assert heard.readline() and heard.readline() == "unseen\n"
        room.ask("watch on", "is shown")
        assert "unseen" not in (room.console.before or "")
        member.sendall(b"/name ann\n")
        room.console.expect(r"\* 127\.0\.0\.1:\d+ is called ann")
        member.sendall(b"/name ben\n")
        room.console.expect(r"\* ann is called ben")
    room.console.expect(r"\* ben left: ")


def test_a_member_is_kicked_by_number_name_or_address() -> None:
    room = Room("--framing", "json")
    people = [rustchat.ChatClient("127.0.0.1", room.port, framing="u32be", name=name) for name in ("ann", "7", "ben")]
    for person in people:
        person.start()
        while person.recv_any(PATIENCE).kind != "name":
            pass
    room.ask("who", "ID +ADDRESS +NAME")
    room.console.expect("ann")
    room.ask("kick nobody", "nobody is called nobody; see `who`")
    room.ask("kick 99", "nobody has the number 99")
    room.ask("kick ann", "ann is disconnected")
    room.ask("kick 7", "7 is disconnected")
    room.ask("kick {}:{}".format(*people[2].address), "is disconnected")
    for person in people:
        while person.recv_any(PATIENCE).kind != "bye":
            pass
    room.ask("who", "nobody is here")
    for person in people:
        person.stop()
    room.console.sendline("quit")
    assert exit_code(room.console) == 0


def test_a_table_has_its_columns_beneath_each_other_whatever_the_script() -> None:
    rows = [("NAME", "IN"), ("ann", "1"), ("李老师", "2"), ("e\u0301mile", "3"), ("🙂", "4")]
    assert table(rows).split("\n") == ["NAME    IN", "ann     1", "李老师  2", "e\u0301mile   3", "🙂      4"]


def test_commands_are_completed_and_whom_they_may_be_about() -> None:
    def completed(typed: str) -> list[str]:
        return [found.text for found in Words(server).get_completions(Document(typed), CompleteEvent())]

    with rustchat.ChatServer(port=0, framing="u32be") as server:
        assert completed("b") == ["ban", "bans"]
        assert completed("watch o") == ["on", "off"]
        server.ban(name="mallory")
        assert completed("unban ") == ["name mallory"]
        with rustchat.ChatClient(*server.address, framing="u32be", name="ann"):
            wait_until(lambda: [client.name for client in server.clients] == ["ann"])
            (client,) = server.clients
            assert completed("kick ") == [str(client.id), "ann", str(client)]
            assert completed("ban a") == ["address ", "ann"]
        assert completed("good evening") == []


def test_the_history_is_for_this_user_alone_and_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for line in ("first line said", "second line said"):
        room = Room()
        room.console.sendline(line)
        room.console.sendline("quit")
        assert exit_code(room.console) == 0
    path = tmp_path / "state" / "rustchat" / "console_history"
    assert prompt.history_file() == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "+first line said" in path.read_text() and "+second line said" in path.read_text()


def test_without_a_place_for_it_there_is_no_history_and_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert isinstance(prompt.history(), InMemoryHistory)


def test_the_numbers_tell_how_long_things_take(room: Room) -> None:
    with room.dial() as member, member.makefile() as heard:
        member.sendall(b"here\n")
        assert heard.readline() and heard.readline() == "here\n"
    room.ask("stats", r"turns +[\d,]+: half below \d+(\.\d)? (µs|ms)")


def test_a_console_reads_its_files_again(tmp_path: Path) -> None:
    bans = tmp_path / "bans"
    room = Room("--ban-file", str(bans))
    bans.write_text('{"key": "ann"}\n')
    room.ask("reload", "read again")
    room.ask("bans", "key ann")
    bans.write_text("nonsense\n")
    room.ask("reload", "line 1: .*; what was read before stays in force")
    room.console.sendline("quit")
    assert exit_code(room.console) == 0


def test_the_log_appears_above_the_prompt() -> None:
    room = Room("-v")
    with room.dial():
        room.console.expect(r"INFO rustchat: 127\.0\.0\.1:\d+ joined")
    room.console.sendline("quit")
    assert exit_code(room.console) == 0
