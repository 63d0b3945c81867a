"""``rustchat exec``: have a command run by a server of remote commands."""

from __future__ import annotations

import argparse
import contextlib
import os
import queue
import signal
import sys
import threading
from typing import IO, Any

import rustchat
from rustchat import CommandClient
from rustchat.cli import guarded
from rustchat.cli import options as common
from rustchat.cli.failure import Failure
from rustchat.command import RunningCommand

DESCRIPTION = """\
Have a command run by a server that `rustchat serve-commands` or a CommandServer runs. What it writes comes as it comes,
standard output and standard error apart, and what this program reads it gets, unless that is a terminal or /dev/null.
Ctrl-C interrupts the command; a second one kills it.
"""

EPILOG = """\
examples:
  rustchat exec --secret-file k localhost:7000 -- log 20 | grep error
  tar c src | rustchat exec --secret-file k localhost:7000 -- unpack
  rustchat exec --secret-file k --tls server:7000 -- uptime
  rustchat exec --secret-file k --shell localhost:7000 -- 'df -h | sort'

exit codes:
  that of the command, and otherwise
  124  the time was up                  127  the server knows no such command
  125  refused by the server's rules    128 and more: ended by the signal of that number less 128
  126  the server cannot execute it     255  no connection, or it was lost
"""

TIMED_OUT, REFUSED, NOT_EXECUTABLE, UNKNOWN, LOST = 124, 125, 126, 127, 255
CODES = {"unknown command": UNKNOWN, "not executable": NOT_EXECUTABLE}
# What whoever is refused may do about it.
HINTS = {"takes no input": "; -n gives it none"}


def add_to(commands: common.Commands) -> None:
    """Add the command to the command line."""
    what = "have a command run elsewhere"
    parser = common.add_command(commands, "exec", what, DESCRIPTION, EPILOG, run)
    parser.add_argument("address", metavar="HOST:PORT", help="where the server is: host:port, or a Unix socket's path")
    parser.add_argument("argv", nargs="+", metavar="-- COMMAND", help="a command of the server's, and its arguments")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="how long it may run; then the server ends it")
    parser.add_argument("--shell", action="store_true", help="the command is a program text, for a server with a shell")
    parser.add_argument("-n", "--no-input", action="store_true", help="give the command no input")
    parser.add_argument("-i", "--interactive", action="store_true", help="give it what is typed at a terminal, too")
    guarded.add_to_client(parser)


def run(options: argparse.Namespace) -> int:
    """Run it, and return the exit code that tells of its end."""
    try:
        with CommandClient(options.address, **guarded.of_client(options)) as client:
            return forward(client, options)
    except rustchat.Refused as error:
        hint = HINTS.get(error.refusal or "", "")
        raise Failure(f"{error}{hint}", CODES.get(error.refusal or "", REFUSED)) from error
    except (rustchat.Error, OSError) as error:
        raise Failure(str(error), LOST) from error


def forward(client: CommandClient, options: argparse.Namespace) -> int:
    """Start it, and carry everything between it and this program until its end."""
    words: list[str] | str = " ".join(options.argv) if options.shell else options.argv
    has_input = not options.no_input and wants_input(options.interactive)
    job = client.popen(words, shell=options.shell, stdin=has_input, timeout=options.timeout)
    with passing_signals(job):
        if job.stdin is not None:
            # It may sit there, reading a terminal, when all is over.
            threading.Thread(target=feed, args=(job.stdin,), daemon=True).start()
        assert job.stderr is not None
        errors = threading.Thread(target=copy, args=(job.stderr, sys.stderr.buffer), daemon=True)
        errors.start()
        copy(job.stdout, sys.stdout.buffer)
        errors.join()
        try:
            job.wait()
        except rustchat.Error:
            # An end that is not the command's own is told by its kind; without one the connection is lost.
            if job.exit is None:
                raise
    return code_of(job)


def wants_input(interactive: bool) -> bool:
    """Whether there is something to read that is meant for the command."""
    if sys.stdin is None:
        return False
    if sys.stdin.isatty():
        return interactive
    # A pipe, a file or a socket, but not /dev/null.
    return not os.path.samestat(os.fstat(sys.stdin.fileno()), os.stat(os.devnull))


def feed(stdin: IO[bytes]) -> None:
    """Give it what this program reads."""
    with contextlib.suppress(OSError, ValueError):
        while data := os.read(sys.stdin.fileno(), 64 * 1024):
            stdin.write(data)
            stdin.flush()
    with contextlib.suppress(OSError, ValueError):
        stdin.close()


def copy(source: IO[Any], target: IO[bytes]) -> None:
    """Show what it writes as it comes. Nobody reads ours: then nobody reads it there either."""
    read = source.read1  # type: ignore[attr-defined]
    # Of one that has written too much, and of a lost connection, the wait for its end tells.
    with contextlib.suppress(BrokenPipeError, rustchat.Error):
        while data := read(64 * 1024):
            target.write(data)
            target.flush()
    source.close()


@contextlib.contextmanager
def passing_signals(job: RunningCommand) -> Any:
    """Let Ctrl-C and SIGTERM reach the command, and a second one kill it."""
    asked: queue.SimpleQueue[int | None] = queue.SimpleQueue()
    count = 0

    def send() -> None:
        # On a thread of its own: the handler may have come in the midst of another call on the same connection.
        while (number := asked.get()) is not None:
            with contextlib.suppress(OSError):
                job.send_signal(number)

    def handle(number: int, _frame: object) -> None:
        nonlocal count
        count += 1
        asked.put(number if count == 1 else signal.SIGKILL)

    threading.Thread(target=send, daemon=True).start()
    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        asked.put(None)


def code_of(job: RunningCommand) -> int:
    """The exit code that tells of its end."""
    ended = job.exit
    if ended is None:
        return LOST
    if ended.kind == "timed out":
        return TIMED_OUT
    if ended.kind in ("status lost", "server stopping"):
        raise Failure(f"the command has no status: {ended.kind}", LOST)
    if ended.kind == "output limit":
        raise Failure("the command has written more than it may", REFUSED)
    return ended.code if ended.code is not None else 128 + ended.signal
