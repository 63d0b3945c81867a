"""Options that several commands have."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from rustchat._rustchat import FRAMINGS, PROFILES

# What people call them who do not care how long a message says it is.
NICKNAMES = {"text": "line", "json": "u32be"}
SECRET_VARIABLE = "RUSTCHAT_SECRET"
SECRET_HELP = f"a file with the shared secret, as `rustchat key` writes it; else the variable {SECRET_VARIABLE}"

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def port(text: str) -> int:
    """A port number, or a complaint that argparse shows."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port: expected a number from 0 to 65535")
    return number


def mode(text: str) -> int:
    """The permissions of a file, as chmod takes them, or a complaint that argparse shows."""
    number = int(text, 8) if text.isascii() and text.isdigit() and "8" not in text and "9" not in text else -1
    if not 0 <= number <= 0o777:
        raise argparse.ArgumentTypeError(f"'{text}' is not a mode: expected an octal number up to 777, such as 660")
    return number


def framing(text: str) -> str:
    """A framing by its own name or by what it carries, or a complaint that argparse shows."""
    if text not in FRAMINGS and text not in NICKNAMES:
        raise argparse.ArgumentTypeError(f"'{text}' is no framing: expected {', '.join((*NICKNAMES, *FRAMINGS))}")
    return NICKNAMES.get(text, text)


def nickname(framing: str) -> str:
    """What people call a framing."""
    return next((name for name, same in NICKNAMES.items() if same == framing), framing)


def address(options: argparse.Namespace) -> tuple[str] | tuple[str, int]:
    """The address and, if it was given, the port, as servers and clients take them."""
    return (options.host,) if options.port is None else (options.host, options.port)


def add_command(
    commands: Commands, name: str, what: str, description: str, epilog: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """A command with examples and exit codes, which stand as they are written."""
    parser = commands.add_parser(
        name, help=what, description=description, epilog=epilog, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(run=run)
    return parser


def add_secret(parser: argparse._ActionsContainer) -> None:
    """Where the secret is."""
    parser.add_argument(
        "--secret-file",
        type=Path,
        metavar="FILE",
        help=SECRET_HELP,
    )


FRAMING_HELP = (
    "text: lines that nc speaks, also called line (default); json: one JSON object a message, also called "
    "u32be after the length before it; u32le or multiprocessing: JSON behind other lengths"
)
PROFILE_HELP = (
    "how the secret is proved: mutual (default; both ends prove it), "
    "tutorial, for scripts that answer a challenge with a digest, "
    "or multiprocessing, for Python's multiprocessing.connection; the last two also with :md5 or :sha256"
)


def add_wire(parser: argparse.ArgumentParser) -> None:
    """What both ends must agree on."""
    group = parser.add_argument_group("the wire (both ends must agree)")
    group.add_argument("--framing", type=framing, default="line", metavar="KIND", help=FRAMING_HELP)
    add_secret(group)
    group.add_argument("--profile", choices=PROFILES, default="mutual", metavar="PROFILE", help=PROFILE_HELP)
