"""Where the commands get their secret from."""

from __future__ import annotations

import argparse
import os
import stat
from pathlib import Path

from rustchat.cli.failure import Failure, tell
from rustchat.cli.options import SECRET_VARIABLE

OTHERS = 0o077


def read_private(flag: str, path: Path) -> bytes:
    """What is in a file of secrets, with a warning where others may read it; a failure that names its flag."""
    try:
        with open(path, "rb") as file:
            warn_of_readers(f"{flag} {path}", file.fileno(), f"chmod 600 {path}")
            return file.read()
    except OSError as error:
        raise Failure(f"{flag} {path}: {error.strerror}") from error


def secret(options: argparse.Namespace) -> bytes | None:
    """The secret from where the options say it is; never from the command line, which every user can list."""
    path: Path | None = options.secret_file
    if path is None:
        return os.environb.get(SECRET_VARIABLE.encode()) or None
    found = read_private("--secret-file", path).strip()
    if not found:
        raise Failure(f"--secret-file {path}: the file is empty; make a secret with `rustchat key --output FILE`")
    return found


def warn_of_readers(what: str, descriptor: int, mend: str) -> None:
    """Warn if other users may read a file that holds a secret."""
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_mode & OTHERS:
        mode = stat.S_IMODE(status.st_mode)
        tell(f"warning: {what}: other users of this machine may read or change it (mode {mode:03o}); {mend}")
