"""Colours on a terminal, where there are any and they are wanted."""

from __future__ import annotations

import re
import signal

import pytest
from commands import Served, terminal
from rustchat.cli import paint


@pytest.mark.parametrize(
    ("environment", "colourful"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": ""}, False),
    ],
)
def test_colours_are_for_terminals_that_have_them(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], colourful: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(paint.sys.stdout, "isatty", lambda: True, raising=False)
    assert paint.is_colourful() is colourful
    monkeypatch.setattr(paint.sys.stdout, "isatty", lambda: False, raising=False)
    assert not paint.is_colourful()


def test_everybody_keeps_a_colour() -> None:
    palette = paint.Paint()
    assert palette.name("ann") == palette.name("ann") != "ann"
    assert len({palette.name(str(number))[:7] for number in range(100)}) == len(paint.NAMES)
    assert (
        re.sub(r"\x1b\[[\d;]*m", "", palette.name("ann") + palette.stamp("now") + palette.trouble("no")) == "annnowno"
    )


def test_time_stamps_are_dim_on_a_terminal(served: Served) -> None:
    person = terminal("chat", "127.0.0.1", str(served.port), kind="xterm", colours=True)
    with served.dial() as other:
        person.expect(">")
        other.sendall(b"hello \x1b[31mthere\n")
        other.sendall(b"hello\n")
        person.expect(r"\x1b\[2m\d\d:\d\d:\d\d\x1b\[0m \x1b\[1;3\dm127\.0\.0\.1:\d+\x1b\[0m: hello")
    served.end(signal.SIGTERM)
    person.close(force=True)
