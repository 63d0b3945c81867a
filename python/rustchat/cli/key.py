"""``rustchat key``: make a secret."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import rustchat
from rustchat.cli.failure import Failure
from rustchat.cli.options import Commands


def add_to(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "key",
        help="make a secret for --secret-file",
        description="Print a new secret: 32 random bytes as 64 hexadecimal digits. Whoever has it can join.",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write it to a new file that only you can read")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print a key, or write it."""
    key = rustchat.auth.generate_key()
    if options.output is None:
        from rustchat.cli.secrets import warn_of_readers

        print(key, flush=True)
        warn_of_readers("the key", sys.stdout.fileno(), "make keys with `rustchat key --output FILE`")
        return 0
    try:
        descriptor = os.open(options.output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Failure(f"--output {options.output}: it exists already; a key is not overwritten") from error
    except OSError as error:
        raise Failure(f"--output {options.output}: {error.strerror}") from error
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(f"{key}\n")
    return 0
