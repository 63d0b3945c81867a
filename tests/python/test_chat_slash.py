"""`rustchat chat` in message chat: what begins with a slash."""

from __future__ import annotations

import re

import pexpect
import pytest
import rustchat
from commands import exit_code, run, terminal
from conftest import PATIENCE, wait_until
from rustchat.cli.slash import Command, NotDone, is_goodbye, parse


def chat(server, *words, said):
    return run("chat", "127.0.0.1", str(server.address[1]), "--framing", "json", *words, said=said)


def heard(done):
    """What it has printed, without the times."""
    return [line.split(" ", 1)[1] for line in done.stdout.splitlines()]


def test_commands_are_read_as_people_write_them():
    assert parse("//usr/bin") == Command("say", text="/usr/bin")
    assert parse("/me  waves ") == Command("me", text="waves")
    assert parse("/NAME ann") == parse('/name "ann"') == Command("name", "ann")
    assert parse("/name Ann Lee") == parse('/name "Ann Lee"') == Command("name", "Ann Lee")
    assert parse("/name 老王\t") == Command("name", "老王")
    assert parse("/msg bob hi  there") == Command("msg", "bob", "hi  there")
    assert parse('/msg "Ann Lee"\thi') == Command("msg", "Ann Lee", "hi")
    assert parse('/msg "a"b" hi') == Command("msg", 'a"b', "hi")
    assert parse('/msg "open hi') == Command("msg", '"open', "hi")
    assert parse("/msg bob two\nlines") == Command("msg", "bob", "two\nlines")
    assert [parse(line).kind for line in ("/who", "/Help me", "/quit now")] == ["who", "help", "quit"]
    assert is_goodbye("/QUIT now")
    assert not any(map(is_goodbye, ("quit", "//quit", "/quitter", "/ quit", "say /quit", "")))


@pytest.mark.parametrize("line", ["/me", "/me  ", "/name", "/msg", "/msg bob", '/msg "bob" ', '/msg "" hi'])
def test_what_is_missing_is_named(line):
    with pytest.raises(NotDone, match=r"^expected /"):
        parse(line)


@pytest.mark.parametrize("line", ["/", "/ who", "/dance", "/usr/bin is full", '/"', "/msgbob hi", "/" + "é" * 4000])
def test_what_is_no_command_is_answered_in_a_sentence(line):
    with pytest.raises(NotDone, match=r"^unknown command '/") as caught:
        parse(line)
    assert len(str(caught.value)) < 300


def test_a_pipe_may_command(room):
    said = '/who\nhello\n//path\n/me waves\n/msg ann psst\n/name Ann Lee\n/msg "ann lee" psst\n/help\n/quit\n'
    done = chat(room, "--name", "ann", said=said)
    assert (done.returncode, done.stderr) == (0, "")
    lines = heard(done)
    assert re.fullmatch(r"\* here: ann \(127\.0\.0\.1:\d+\)", next(line for line in lines if "here" in line))
    own = [line for line in lines if line.startswith("ann: ")]
    assert own == ["ann: hello", "ann: /path", "ann: * ann waves"]
    for line in (
        "* your name is ann",
        "* you say to ann: psst",
        "ann (to you): psst",
        "* your name is Ann Lee",
        "* you say to ann lee: psst",
        "Ann Lee (to you): psst",
    ):
        assert line in lines, lines
    assert any(line.startswith("* /name NAME takes a name") for line in lines)
    assert (room.stats().messages, room.clients) == (3, [])
    done = chat(room, said="/quit\nunsaid\n")
    assert (done.returncode, "1 of 1 lines was not said" in done.stderr) == (1, True)


@pytest.mark.parametrize("line", ["/msg nobody hi", "/dance", "/name server", "/msg"])
def test_a_pipe_is_told_of_what_was_refused(room, line):
    refused = chat(room, said=f"{line}\nhello\n")
    assert (refused.returncode, "1 of 2 lines was not said" in refused.stderr) == (1, True), refused
    assert ": hello\n" in refused.stdout


def test_a_program_may_say_the_word_that_leaves_a_room_of_lines(room):
    done = chat(room, said="quit\nhello\n")
    assert (done.returncode, done.stderr, room.stats().messages) == (0, "", 2)


def test_a_person_asks_whispers_and_changes_names(room, join):
    ben = join(room, "ben")
    person = terminal("chat", "127.0.0.1", str(room.address[1]), "--framing", "json", "--name", "ann")
    person.expect(r"\* your name is ann")
    for typed, answer in (
        ("/who", r"\* here: ben \(127\.0\.0\.1:\d+\), ann \(127\.0\.0\.1:\d+\)"),
        ("/msg ben psst", r"\* you say to ben: psst"),
        ("/msg nobody psst", r"\* refused: nobody here is called 'nobody'"),
        ("/name Ben", r"not said: .*is taken"),
        # What was not done is there to be mended.
        ("\x7f\x7f\x7fcid", r"\* your name is cid"),
        ("/me waves", r"cid: \* cid waves"),
        ("//usr/bin", r"cid: /usr/bin"),
        ("/help", r"\* /name NAME takes a name"),
        ("/dance", r"not said: unknown command '/dance'"),
    ):
        person.sendline(typed)
        person.expect(answer)
    first = ben.recv(PATIENCE)
    assert (first.text, first.private, first.sender.name) == ("psst", True, "ann")
    assert [ben.recv(PATIENCE).text for _ in range(2)] == ["* cid waves", "/usr/bin"]
    ben.send("back to you", to="cid")
    person.expect(r"ben \(to you\): back to you")
    person.send("\x03")
    person.sendline("/quit")
    assert exit_code(person) == 0
    wait_until(lambda: len(room.clients) == 1)


def test_who_is_asked_while_the_server_is_away_gets_a_sentence(tmp_path):
    path = str(tmp_path / "chat.sock")
    server = rustchat.ChatServer(path, framing="u32be")
    server.start()
    person = terminal("chat", path, "--framing", "json")
    person.expect(r"\* you are ")
    server.stop()
    person.expect("connection lost")
    person.sendline("/who")
    person.expect("not said: .*there is no connection")
    person.send("\x03")
    person.sendline("/quit")
    person.expect(pexpect.EOF)
