"""Options that several commands have."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TypeAlias

from rustchat.cli.failure import Failure

FRAMINGS = ("line", "u32be", "u32le", "multiprocessing")
PROFILES = (
    "mutual",
    "tutorial",
    "tutorial:md5",
    "tutorial:sha256",
    "multiprocessing",
    "multiprocessing:md5",
    "multiprocessing:sha256",
)
SECRET_VARIABLE = "RUSTCHAT_SECRET"

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


def add_wire(parser: argparse.ArgumentParser) -> None:
    """What both ends must agree on."""
    group = parser.add_argument_group("the wire (both ends must agree)")
    group.add_argument(
        "--framing",
        choices=FRAMINGS,
        default="line",
        help="line: plain text that nc speaks (default); the others carry JSON objects in length-prefixed frames",
    )
    group.add_argument(
        "--secret-file",
        type=Path,
        metavar="FILE",
        help=f"a file with the shared secret, as `rustchat key` writes it; else the variable {SECRET_VARIABLE}",
    )
    group.add_argument(
        "--profile",
        choices=PROFILES,
        default="mutual",
        help="how the secret is proved: mutual (default; both ends prove it), "
        "tutorial, for scripts that answer a challenge with a digest, "
        "or multiprocessing, for Python's multiprocessing.connection",
    )


def secret(options: argparse.Namespace) -> bytes | None:
    """The secret from where the options say it is; never from the command line, which every user can list."""
    file: Path | None = options.secret_file
    if file is None:
        return os.environb.get(SECRET_VARIABLE.encode()) or None
    try:
        found = file.read_bytes().strip()
    except OSError as error:
        raise Failure(f"--secret-file {file}: {error.strerror}") from error
    if not found:
        raise Failure(f"--secret-file {file}: the file is empty; make a secret with `rustchat key > {file}`")
    return found
