"""How things look on a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from rustchat import Message, Sender
from rustchat.cli.paint import PLAIN, Plain

# They turn the text around them, so that it reads as something else: U+061C and the embeddings, overrides, isolates.
BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str) -> str:
    """The text with control characters spelled out: what others say must not command this terminal.

    Everything else is shown as it is, spaces of all scripts and the joiners of Persian and of emoji included.
    """
    return "".join(spelled_out(character) if commands(character) else character for character in text)


def commands(character: str) -> bool:
    """Whether a terminal takes it for something to do, or it is half of a character."""
    return unicodedata.category(character) in ("Cc", "Cs") or character in BIDI_CONTROLS


def spelled_out(character: str) -> str:
    """As it would stand in a program."""
    return character.encode("unicode_escape").decode()


def show_address(address: tuple[str, int] | str | None) -> str:
    """An address as people write it."""
    match address:
        case None:
            return "?"
        case str():
            return address or "unix"
        case host, port:
            return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows with their columns beneath each other."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell + " " * (most - width(cell)) for cell, most in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(map(columns, text))


def columns(character: str) -> int:
    """Two for what is Chinese and the like, none for marks upon other characters."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def show(message: Message, paint: Plain = PLAIN) -> str:
    """A message as one line, or several if its text has several."""
    lines = "\n    ".join(visible(line) for line in message.text.split("\n"))
    # Nobody can be called that: names that look like it are refused, and the others are shown by their addresses.
    who = "server" if message.sender.is_server else visible(message.sender.name or show_address(message.sender.address))
    if message.kind == "name" and not message.sender.name:
        who = ""
    said = sentence(message.kind, who, paint.name(who), lines, paint)
    return f"{paint.stamp(f'{message.time.astimezone():%H:%M:%S}')} {said}"


def show_notice(notice: str, paint: Plain = PLAIN) -> str:
    """What this end itself has to say, as a line among messages."""
    lines = "\n    ".join(visible(line) for line in notice.split("\n"))
    return f"{paint.stamp(f'{datetime.now():%H:%M:%S}')} {paint.notice(lines)}"


def show_member(member: Sender) -> str:
    """A member by its address, behind its name if it has one."""
    address = show_address(member.address)
    return f"{member.name} ({address})" if member.name else address


def sentence(kind: str, who: str, painted: str, lines: str, paint: Plain) -> str:
    """What a message of that kind says; `painted` is the name of who says it."""
    match kind:
        case "message":
            return f"{painted}: {lines}"
        case "direct":
            return f"{painted} (to you): {lines}"
        case "join" | "leave":
            return paint.notice(f"* {who} {lines}")
        case "welcome":
            return paint.notice(f"* you are {who}")
        case "name":
            return paint.notice(f"* your name is {who}" if who else "* you have no name")
        case "error":
            return paint.trouble(f"* refused: {lines}")
        case "disconnect":
            return paint.trouble(f"* connection lost ({lines}): trying again; quit leaves")
        case "unconfirmed":
            return paint.trouble(f"* perhaps not said, the connection broke: {lines}")
    return paint.notice(f"* {lines}")
