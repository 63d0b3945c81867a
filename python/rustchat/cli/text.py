"""How things look on a terminal."""

from __future__ import annotations


def visible(text: str) -> str:
    """The text with control characters spelled out: what others say must not command this terminal."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def show_address(address: tuple[str, int] | str | None) -> str:
    """An address as people write it."""
    match address:
        case None:
            return "?"
        case str():
            return address or "unix"
        case host, port:
            return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
