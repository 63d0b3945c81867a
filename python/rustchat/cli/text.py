"""How things look on a terminal."""

from __future__ import annotations

import unicodedata

from rustchat import Message

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


def show(message: Message) -> str:
    """A message as one line, or several if its text has several."""
    lines = "\n    ".join(visible(line) for line in message.text.split("\n"))
    # Nobody can be called that: names that look like it are refused, and the others are shown by their addresses.
    who = "server" if message.sender.is_server else visible(message.sender.name or show_address(message.sender.address))
    match message.kind:
        case "message":
            said = f"{who}: {lines}"
        case "direct":
            said = f"{who} (to you): {lines}"
        case "join" | "leave":
            said = f"* {who} {lines}"
        case "welcome":
            said = f"* you are {who}"
        case "name":
            said = f"* your name is {who}"
        case "error":
            said = f"* refused: {lines}"
        case "disconnect":
            said = f"* connection lost ({lines}): trying again; quit leaves"
        case "unconfirmed":
            said = f"* perhaps not said, the connection broke: {lines}"
        case _:
            said = f"* {lines}"
    return f"{message.time.astimezone():%H:%M:%S} {said}"
