"""An hour of a class: a teacher's console and people at terminals, with real keys, as their screens show it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from screens import PATIENCE, Screen, Screens, screens

pytestmark = pytest.mark.timeout(240)

POEM = tuple(f"第{number}行：床前明月光，疑是地上霜" for number in range(1, 31))

THOUGHT = "举头望明月低头思故乡" * 4

# What a screen may show: the shell's lines, what is shown with its time, the editor, and how it ended.
TIDY = re.compile(r"\[\d+\]\$|[0-9a-f:]{80,}|\d\d:\d\d:\d\d |> |>$|rustchat: |    第")


class Class:
    """A server at a terminal, whose console the teacher has, and whoever joins it."""

    def __init__(self, screens: Screens, folder: Path, framing: str) -> None:
        self._screens, self._framing = screens, framing
        self._bans = folder / "bans"
        self.settings = screens.open().settings()
        """Of a terminal at which nobody was."""
        self.port = 0
        self.teacher = self.serve()

    def serve(self) -> Screen:
        """Starts the server, the next time on the port that it had."""
        self.teacher = self._screens.open()
        self.teacher.enter(
            f"rustchat serve --port {self.port} --framing {self._framing} --announce --ban-file {self._bans}"
        )
        self.port = int(self.teacher.wait(r"^listening on 127\.0\.0\.1:(\d+)$")[1])
        self.teacher.wait_line(">")
        return self.teacher

    def join(self, name: str = "", **environment: str) -> Screen:
        """Somebody comes to a terminal and joins."""
        person = self._screens.open(**environment)
        self.join_at(person, name)
        return person

    def join_at(self, person: Screen, name: str = "") -> None:
        """Somebody at the shell of a terminal joins."""
        person.enter(
            f"rustchat chat 127.0.0.1 {self.port} --framing {self._framing}" + (f" --name {name}" if name else "")
        )
        person.wait_line(">")

    def command(self, line: str, answer: str) -> None:
        """The teacher types a line, and gets an answer and the prompt again."""
        self.teacher.enter(line)
        self.teacher.wait(rf"^> {re.escape(line)}\n(?:.*\n)*?{answer}")
        self.teacher.wait_line(">")


class Neighbour:
    """Somebody with no more than a socket, on another address of this machine."""

    address = "127.0.0.9"

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE, (self.address, 0))
        self._file = self._socket.makefile(encoding="utf-8", newline="\n")
        self.heard = ""

    def say(self, line: str) -> None:
        self._socket.sendall(f"{line}\n".encode())

    def wait(self, text: str) -> None:
        """Returns when a line is this text, or ends with it."""
        while line := self._file.readline():
            self.heard += line
            if line.endswith(f"{text}\n"):
                return
        raise AssertionError(f"{text!r} never came:\n{self.heard}")

    def rest(self) -> str:
        """What comes until the server closes the connection."""
        with contextlib.suppress(ConnectionResetError):
            self.heard += self._file.read()
        return self.heard

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@pytest.fixture
def line_class(tmp_path: Path) -> Iterator[Class]:
    with screens() as opened:
        yield Class(opened, tmp_path, "line")


@pytest.fixture
def message_class(tmp_path: Path) -> Iterator[Class]:
    with screens() as opened:
        yield Class(opened, tmp_path, "json")


def test_an_hour_in_line_chat(line_class: Class) -> None:
    ming, hong, gang = line_class.join("小明"), line_class.join(), line_class.join("小明", NO_COLOR="1")
    names_are_taken(ming, hong, gang)
    with contextlib.closing(Neighbour(line_class.port)) as neighbour:
        neighbour.say("/name 邻居")
        hong.wait(r"is called 邻居$")
        they_talk(ming, hong, gang)
        commands_are_answered(ming, hong, gang)
        one_whispers(hong, ming, gang, neighbour)
        one_types_while_another_talks(hong, neighbour)
        lines_are_pasted(ming, hong, gang)
        neighbour.wait(POEM[-1])
        assert [line for line in neighbour.heard.split("\n") if line in POEM] == list(POEM)
        the_teacher_has_a_say(line_class, ming, hong)
        a_neighbour_is_banned(line_class, neighbour)
    one_is_kicked(line_class, gang, "小刚", ming)
    a_name_is_banned(line_class, gang, "小刚")
    the_server_goes_away_and_comes_back(line_class, {"小明": ming, "小红": hong, "小刚": gang})
    all_leave(line_class, ming, hong, gang)


def test_an_hour_in_message_chat(message_class: Class) -> None:
    ming, hong = message_class.join("小明"), message_class.join("小红")
    gang = message_class.join("小明", NO_COLOR="1")
    gang.wait(r"\* refused: the name '小明' is taken")
    gang.press("C-c")
    assert gang.shell() == 0
    message_class.join_at(gang, "小刚")
    gang.wait(r"\* your name is 小刚$")
    they_talk(ming, hong, gang)
    lines_are_pasted(ming, hong, gang)
    the_teacher_has_a_say(message_class, ming, hong)
    one_is_kicked(message_class, gang, "小刚", ming)
    a_name_is_banned(message_class, gang, "小刚")
    the_server_goes_away_and_comes_back(message_class, {"小明": ming, "小红": hong, "小刚": gang})
    all_leave(message_class, ming, hong, gang)


def names_are_taken(ming: Screen, hong: Screen, gang: Screen) -> None:
    ming.wait(r"\* your name is 小明$")
    gang.wait(r"\* refused: the name '小明' is taken")
    # Typed ahead: no line waits for what comes of the one before.
    for line in ("/name 小明", "/name 小洪", "/name 小红"):
        hong.enter(line)
    hong.wait(r"\* refused: the name '小明' is taken")
    gang.enter("/name 小刚")
    for person, name in ((hong, "小红"), (gang, "小刚")):
        person.wait(rf"\* your name is {name}$")
        ming.wait(rf"is called {name}$")
    for person in (ming, hong, gang):
        person.wait_line(">")
        assert_tidy(person)


def they_talk(ming: Screen, hong: Screen, gang: Screen) -> None:
    """What one types stays whole while others talk, and is edited by characters, however wide."""
    hong.type("我还没")
    hong.wait_line("> 我还没")
    ming.enter("大家好，我是小明")
    gang.enter("你好，小明！🙂")
    hong.type("说完")
    for person in (ming, hong, gang):
        person.wait(r"^\S+ 小明: 大家好，我是小明$")
        person.wait(r"^\S+ 小刚: 你好，小明！🙂$")
    hong.wait_line("> 我还没说完")
    hong.press("Left", "Left", "BSpace")
    hong.type("想")
    hong.wait_line("> 我还想说完")
    hong.press("Enter")
    for person in (ming, hong, gang):
        person.wait(r"^\S+ 小红: 我还想说完$")
        assert len(person.lines("我还想说完")) == 1
    assert "\x1b[" in hong.painted
    assert "\x1b[" not in gang.painted, "NO_COLOR says that colours are unwanted"


def commands_are_answered(ming: Screen, hong: Screen, gang: Screen) -> None:
    gang.enter("/who")
    for name in ("小明", "小红", "小刚", "邻居"):
        gang.wait(rf"\* here: .*{name} \(127\.0\.0\.\d:\d+\)")
    gang.enter("/me 举手")
    for person in (ming, hong, gang):
        person.wait(r"^\S+ 小刚: \* 小刚 举手$")
    gang.enter("/whisper 小明")
    gang.wait(r"\* refused: .*/help")


def one_whispers(speaker: Screen, listener: Screen, other: Screen, neighbour: Neighbour) -> None:
    speaker.enter("/msg 小明 这句话只给你看")
    listener.wait(r"小红 \(to you\): 这句话只给你看$")
    speaker.wait(r"\* you say to 小明 .*: 这句话只给你看$")
    speaker.enter("/msg 小李 在吗？")
    speaker.wait(r"\* refused: nobody here has the name '小李'")
    speaker.enter("大家都看得见")
    other.wait(r"小红: 大家都看得见$")
    neighbour.wait("大家都看得见")
    assert not other.lines("只给你看")
    assert "只给你看" not in neighbour.heard


def one_types_while_another_talks(person: Screen, neighbour: Neighbour) -> None:
    """Keys that fall into the moment in which a line is shown are shown where one types, and nowhere else."""
    for number, character in enumerate(THOUGHT):
        neighbour.say(f"闲话{number}")
        person.type(character)
    person.wait_line(f"> {THOUGHT}")
    # What comes over two connections has no order otherwise.
    neighbour.wait(f"闲话{len(THOUGHT) - 1}")
    person.press("Enter")
    person.wait(rf"小红: {THOUGHT}$")
    chat = [line.rpartition(": ")[2] for line in person.lines("闲话")]
    assert chat == [f"闲话{number}" for number in range(len(THOUGHT))], person.text
    assert_tidy(person)


def assert_tidy(screen: Screen) -> None:
    """There is nothing on a screen that should not be there."""
    assert [line for line in screen.text.split("\n") if not TIDY.match(line)] == [], screen.text


def lines_are_pasted(speaker: Screen, *others: Screen) -> None:
    """All of it comes, in its order, and does not touch what somebody types."""
    busy = others[0]
    busy.type("抄写的手")
    busy.wait_line("> 抄写的手")
    speaker.paste("\n".join(POEM) + "\n")
    speaker.wait(rf"^{POEM[-1]}$")
    speaker.press("Enter")
    for person in (speaker, *others):
        person.wait(rf"^(?:\S+ 小明: |    ){POEM[-1]}$")
        shown = [line.rpartition(" ")[2] for line in person.lines("床前明月光")]
        assert shown == list(POEM), person.text
    busy.wait_line("> 抄写的手")
    busy.press("C-c")
    busy.wait_line(">")


def the_teacher_has_a_say(room: Class, ming: Screen, hong: Screen) -> None:
    room.command("who", r"ID  ADDRESS +NAME +JOINED.*\n(?:.*\n)*?\d+ +127\.0\.0\.1:\d+ +小红 ")
    columns = [columns_before(line, r"\d\d:\d\d:\d\d") for line in room.teacher.text.split("\n") if " 小" in line]
    assert len(set(columns)) == 1, room.teacher.text
    room.command("watch on", "what is said is shown$")
    hong.enter("老师看得见")
    room.teacher.wait(r"^\S+ 小红: 老师看得见$")
    room.teacher.type("安静")
    ming.enter("老师在打字")
    room.teacher.wait(r"^\S+ 小明: 老师在打字$")
    room.teacher.wait_line("> 安静")
    room.teacher.press("Enter")
    ming.wait(r"^\S+ server: 安静$")
    room.command("watch off", "what is said is not shown$")
    room.command("say who", "")
    hong.wait(r"^\S+ server: who$")
    room.teacher.press("Up", "Up", "Up")
    room.teacher.wait_line("> 安静")
    room.teacher.press("Enter")
    hong.wait(r"server: 安静\n(?:.*\n)*.*server: 安静$")


def columns_before(line: str, pattern: str) -> int:
    """How many columns of a screen stand before a pattern."""
    found = re.search(pattern, line)
    assert found
    return sum(2 if character > "\u2e80" else 1 for character in line[: found.start()])


def a_neighbour_is_banned(room: Class, neighbour: Neighbour) -> None:
    room.command("ban 邻居 because 吵闹", r"address 127\.0\.0\.9 is banned; 1 client disconnected$")
    assert neighbour.rest().endswith("* banned\n")
    with contextlib.closing(Neighbour(room.port)) as back:
        assert "you are banned here: 吵闹" in back.rest()
    room.command("bans", r"address 127\.0\.0\.9 +- +吵闹$")
    room.command("unban 127.0.0.9", r"address 127\.0\.0\.9 may join again$")
    with contextlib.closing(Neighbour(room.port)) as back:
        back.say("又来了")
        back.wait("又来了")


def one_is_kicked(room: Class, person: Screen, name: str, other: Screen) -> None:
    """They are told, and are back in their shell; nothing joins again by itself."""
    room.command(f"kick {name}", f"{name} is disconnected$")
    person.wait(r"^\S+ \* disconnected by the server$")
    assert person.shell() == 1
    other.wait(rf"{name}.* disconnected by the server$")
    room.join_at(person, name)
    person.wait(rf"(?s)disconnected by the server.*\* your name is {name}$")


def a_name_is_banned(room: Class, person: Screen, name: str) -> None:
    room.command(f"ban name {name}", f"name {name} is banned; 1 client disconnected$")
    assert person.shell() == 1
    assert len(person.lines("* banned")) == 1
    person.enter(person.lines("rustchat chat")[-1].partition("$ ")[2])
    person.wait(r"(?s)\* banned$.*\* banned$.*^\[1\]\$\Z")
    room.command(f"unban {name}", f"name {name} may join again$")
    room.join_at(person, name)
    person.wait(rf"(?s)\* banned$.*\* your name is {name}$")


def the_server_goes_away_and_comes_back(room: Class, people: dict[str, Screen]) -> None:
    os.kill(room.teacher.process, signal.SIGKILL)
    for person in people.values():
        person.wait(r"^\S+ \* connection lost \(.*\): trying again; quit leaves$")
    # It waits until there is a room again, in which the others may not be yet.
    speaker = people["小明"]
    speaker.enter("没有人听见吗？")
    room.serve()
    for name, person in people.items():
        person.wait(rf"(?s)trying again.*\* connected again$.*\* your name is {name}$")
        assert len(person.lines("trying again")) == 1, person.text
    speaker.wait(r"^\S+ 小明: 没有人听见吗？$")
    assert len(speaker.lines("没有人听见吗？")) == 1, speaker.text
    for name, person in people.items():
        person.enter(f"{name}回来了")
        for other in people.values():
            other.wait(rf"^\S+ {name}: {name}回来了$")


def all_leave(room: Class, ming: Screen, hong: Screen, gang: Screen) -> None:
    """Each in another way; what they leave is a shell whose terminal is as it was."""
    ming.type("不说了")
    ming.wait_line("> 不说了")
    ming.press("C-c")
    ming.wait_line(">")
    ming.press("C-c")
    hong.press("C-d")
    gang.enter("quit")
    for person in (ming, hong, gang):
        assert person.shell() == 0
        assert not person.lines("不说了")
        assert_tidy(person)
    room.teacher.press("C-c")
    assert room.teacher.shell() == 0
    for person in (ming, hong, gang, room.teacher):
        assert person.settings() == room.settings
