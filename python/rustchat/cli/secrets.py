"""Where the commands get their secret from."""

from __future__ import annotations

import argparse
import os
import stat
from pathlib import Path

from rustchat.cli.failure import Failure, tell
from rustchat.cli.options import SECRET_VARIABLE

OTHERS = 0o077


def secret(options: argparse.Namespace) -> bytes | None:
    """The secret from where the options say it is; never from the command line, which every user can list."""
    path: Path | None = options.secret_file
    if path is None:
        return os.environb.get(SECRET_VARIABLE.encode()) or None
    try:
        with open(path, "rb") as file:
            warn_of_readers(f"--secret-file {path}", file.fileno(), f"chmod 600 {path}")
            found = file.read().strip()
    except OSError as error:
        raise Failure(f"--secret-file {path}: {error.strerror}") from error
    if not found:
        raise Failure(f"--secret-file {path}: the file is empty; make a secret with `rustchat key --output FILE`")
    return found


def warn_of_readers(what: str, descriptor: int, mend: str) -> None:
    """Warn if other users may read a file that holds a secret."""
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_mode & OTHERS:
        mode = stat.S_IMODE(status.st_mode)
        tell(f"warning: {what}: other users of this machine may read or change it (mode {mode:03o}); {mend}")
