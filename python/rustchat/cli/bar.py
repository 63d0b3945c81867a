"""How far a transfer has come, on a terminal."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from rustchat import FileProgress
from rustchat.cli.text import visible

UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def size(count: float) -> str:
    """So many bytes, for people."""
    for unit in UNITS:
        if count < 1024 or unit == UNITS[-1]:
            break
        count /= 1024
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"


@contextlib.contextmanager
def progress_bar(name: str, wanted: bool) -> Iterator[Callable[[FileProgress], object] | None]:
    """What a transfer tells of its progress; None where nobody sees it."""
    if not wanted or not sys.stderr.isatty():
        yield None
        return
    from prompt_toolkit.output import create_output
    from prompt_toolkit.shortcuts import ProgressBar
    from prompt_toolkit.shortcuts.progress_bar import formatters

    class Moved(formatters.Formatter):
        """Bytes, bytes a second without those that were there before, and the time that is left."""

        def format(self, progress_bar: Any, progress: Any, width: int) -> str:
            return status["text"]

    status = {"text": ""}
    begin = time.monotonic()
    form = [formatters.Label(), formatters.Text(" "), formatters.Bar(), formatters.Text(" "), Moved()]
    with ProgressBar(formatters=form, output=create_output(sys.stderr)) as bar:
        counter: Any = bar(label=visible(name), total=1)

        def tell(now: FileProgress) -> None:
            counter.total, counter.items_completed = max(now.total, 1), now.done if now.total else 1
            rate = (now.done - now.resumed) / max(time.monotonic() - begin, 1e-3)
            left = f", {(now.total - now.done) / rate:.0f} s left" if rate and now.done < now.total else ""
            status["text"] = f"{size(now.done)} of {size(now.total)}, {size(rate)}/s{left}"
            bar.invalidate()

        yield tell
