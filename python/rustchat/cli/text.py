"""What may reach a terminal."""

from __future__ import annotations


def visible(text: str) -> str:
    """The text with control characters spelled out: what others say must not command this terminal."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )
