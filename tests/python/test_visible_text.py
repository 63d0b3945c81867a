"""What is shown of text that others have written: everything but what commands a terminal or turns text around."""

from __future__ import annotations

import unicodedata

import pytest
from rustchat.cli.text import visible


@pytest.mark.parametrize(
    "text",
    [
        "你好\u3000世界",
        "می\u200cروم",
        "👩\u200d👩\u200d👧",
        "a\u00a0b",
        "e\u0301",
        "\u2003",
        "\ue000",
        "\U000e0067",
        "全角\uff01",
    ],
)
def test_what_is_written_is_shown(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b2J", "\\x9b2J"),
        ("a\nb\tc\x7f", "a\\nb\\tc\\x7f"),
        ("\ud800", "\\ud800"),
        ("\u202eabc\u2069", "\\u202eabc\\u2069"),
        ("\u200e\u200f\u061c", "\\u200e\\u200f\\u061c"),
    ],
)
def test_what_commands_is_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_of_all_characters_only_controls_and_halves_are_spelled_out() -> None:
    bidi = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    for number in range(0x110000):
        character = chr(number)
        spelled = visible(character) != character
        control = unicodedata.category(character) in ("Cc", "Cs") or unicodedata.bidirectional(character) in bidi
        assert spelled == (control or character in "\u061c\u200e\u200f"), hex(number)
