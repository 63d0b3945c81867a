"""The log of a server that the shell runs: where it goes, and how a line of it looks."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from rustchat.cli.failure import Failure

LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("text", "json")

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class StandardError(logging.StreamHandler[TextIO]):
    """Writes to what sys.stderr is at the time: with a prompt on the screen, above it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


class LogFile(logging.FileHandler):
    """Appends to a file, and to a new one of that name when it is told that the old one was moved away."""

    def __init__(self, path: Path) -> None:
        # Whatever a record has in it, such as half a character, is written somehow.
        super().__init__(path, encoding="utf-8", errors="backslashreplace")

    def reopen(self) -> None:
        """Go on in the file that has the name now; in the old one if that cannot be opened, which raises OSError. Who
        sees the new file finds there whatever is logged from then on."""
        self.acquire()
        try:
            old, self.stream = self.stream, self._open()
        finally:
            self.release()
        if old is not None:
            old.close()


class Json(logging.Formatter):
    """A JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False)


def begin(level: int, form: str = "text", path: Path | None = None) -> LogFile | None:
    """Log from `level` on to stderr, or to a file, which is returned; a failure if that cannot be written."""
    try:
        file = LogFile(path) if path else None
    except OSError as error:
        raise Failure(f"--log-file {path}: {error.strerror}") from error
    handler = file or StandardError()
    handler.setFormatter(Json() if form == "json" else logging.Formatter(TEXT))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    return file


def level(name: str | None, verbosity: int) -> int:
    """The number of a level by its name, else by how often more was asked for."""
    if name is not None:
        return logging.getLevelNamesMapping()[name.upper()]
    return {0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG)


def reopen(file: LogFile) -> None:
    """Reopen a log, or say why it goes on in the old one."""
    try:
        file.reopen()
    except OSError as error:
        what = "--log-file %s: %s; the log goes on where it was"
        logging.getLogger("rustchat").error(what, file.baseFilename, error.strerror)
