"""What a line means that begins with a slash, in message chat: the commands that servers of line chat know."""

from __future__ import annotations

from typing import Literal, NamedTuple

HELP = (
    "* /name NAME takes a name, /who tells who is here, /msg NAME TEXT tells one of them something "
    '("NAME" if it has spaces), /me TEXT says what you do, /quit leaves; //TEXT says /TEXT'
)

# What is repeated of a word that may be as long as a line.
SHOWN = 32


class NotDone(ValueError):
    """A command that was not done, in a sentence for who has given it."""


class Command(NamedTuple):
    """What somebody wants: `name` of whom, or which; `text` to say."""

    kind: Literal["say", "me", "name", "msg", "who", "help", "quit"]
    name: str = ""
    text: str = ""


def parse(line: str) -> Command:
    """A line that begins with a slash; raises NotDone for one that is no command."""
    if line.startswith("//"):
        return Command("say", text=line[1:])
    word, rest = split(line[1:])
    match word.lower():
        case "me":
            return Command("me", text=given(rest, "/me TEXT"))
        case "name":
            return Command("name", unquoted(given(rest, "/name NAME")))
        case "msg":
            name, text = addressee(rest)
            return Command("msg", given(name, "/msg NAME TEXT"), given(text, "/msg NAME TEXT"))
        case "who":
            return Command("who")
        case "help":
            return Command("help")
        case "quit":
            return Command("quit")
    shown = word[:SHOWN] + ("…" if len(word) > SHOWN else "")
    raise NotDone(f"unknown command '/{shown}'; /help tells of those that there are, //{shown} is said as it is")


def is_goodbye(line: str) -> bool:
    """Whether it is the command that leaves."""
    return line.startswith("/") and split(line[1:])[0].lower() == "quit"


def split(text: str) -> tuple[str, str]:
    """The first word, and what stands behind it."""
    if text[:1].isspace():
        return "", text.strip()
    word, *rest = text.split(None, 1) or [""]
    return word, "".join(rest).strip()


def addressee(text: str) -> tuple[str, str]:
    """A name and what stands behind it. One with spaces in it stands in quotes."""
    if text.startswith('"'):
        for at, character in enumerate(text[1:], 1):
            if character == '"' and (at + 1 == len(text) or text[at + 1].isspace()):
                return text[1:at], text[at + 1 :].strip()
    return split(text)


def unquoted(name: str) -> str:
    """A name without the quotes that it may stand in."""
    return name[1:-1] if len(name) > 1 and name.startswith('"') and name.endswith('"') else name


def given(what: str, usage: str) -> str:
    """What must not be missing."""
    if not what:
        raise NotDone(f"expected {usage}; /help tells more")
    return what
