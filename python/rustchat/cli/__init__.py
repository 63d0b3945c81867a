"""rustchat from the shell: serve a chat, join one, make a key, run a script on this core."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import rustchat
from rustchat.cli import chat, key, run, serve
from rustchat.cli.failure import Failure

__all__ = ["main"]

EXAMPLES = """\
examples:
  rustchat serve                              serve on 127.0.0.1:60000, line chat
  nc 127.0.0.1 60000                          join it with any line client
  rustchat chat                               join it with line editing
  rustchat key > chat.key                     make a secret, then share the file
  rustchat serve --host 0.0.0.0 --secret-file chat.key
  rustchat chat SERVER --secret-file chat.key
  rustchat run server.py 60000                run a script that imports socket on this core
"""

# What a shell reports for a program ended by Ctrl-C.
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    options = parser().parse_args(run.protected(sys.argv[1:] if arguments is None else arguments))
    if options.run is run.run:
        # What a script raises is its own, and is reported as Python does.
        return int(options.run(options))
    try:
        return int(options.run(options))
    except Failure as failure:
        print(f"rustchat: {failure}", file=sys.stderr)
        return failure.code
    except (rustchat.Error, OSError, ValueError) as error:
        print(f"rustchat: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    top = argparse.ArgumentParser(
        prog="rustchat",
        description="Group chat over sockets: whole messages, one order for all, strangers kept out.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"rustchat {rustchat.__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (serve, chat, run, key):
        command.add_to(commands)
    return top
