"""rustchat from the shell: serve a chat, join one, run commands elsewhere, move files, make a key, run a script."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

__all__ = ["main"]

EXAMPLES = """\
examples:
  rustchat serve                              serve on 127.0.0.1:60000, line chat
  nc 127.0.0.1 60000                          join it with any line client
  rustchat chat                               join it with line editing
  rustchat key --output chat.key              make a secret, then share the file
  rustchat serve --host 0.0.0.0 --secret-file chat.key --tls
  rustchat chat SERVER --secret-file chat.key --tls
  rustchat serve-commands --secret-file chat.key --commands commands.toml
  rustchat exec --secret-file chat.key localhost:7000 -- log 20
  rustchat serve-files --secret-file chat.key /srv/files
  rustchat files put --secret-file chat.key big.iso localhost:7001:big.iso
  rustchat run server.py 60000                run a script that imports socket on this core
"""

# What a shell reports for a program ended by Ctrl-C.
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["run"] and words[1:2] not in ([], ["-h"], ["--help"]):
        # The program's options are its own, so are the modules that it imports, and what it raises is reported as
        # Python does.
        from rustchat.cli import run

        return run.run(words[2:] if words[1] == "--" else words[1:])
    return command(words)


def command(words: Sequence[str]) -> int:
    """Run a command of rustchat's own."""
    from rustchat.cli import streams
    from rustchat.cli.failure import Failure, tell
    from rustchat.errors import Error

    options = parsed(words)
    streams.complete()
    try:
        return streams.flushed(lambda: int(options.run(options)))
    except Failure as failure:
        tell(failure)
        return failure.code
    except (Error, OSError, ValueError) as error:
        tell(sentence(error))
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The options; SystemExit for what they have asked for or are wrong in."""
    try:
        return parser().parse_args(arguments)
    except SystemExit as end:
        from rustchat.cli import streams

        code = end.code
        raise SystemExit(streams.flushed(lambda: code if isinstance(code, int) else 0)) from None


def sentence(error: Exception) -> str:
    """What went wrong, without the number that Python puts before it."""
    from rustchat.errors import Error

    if isinstance(error, Error) or not isinstance(error, OSError) or not error.strerror:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    import argparse

    from rustchat._rustchat import __version__
    from rustchat.cli import chat, execute, files, key, run, serve, serve_commands, serve_files

    top = argparse.ArgumentParser(
        prog="rustchat",
        description="Group chat over sockets: whole messages, one order for all, strangers kept out.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"rustchat {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in (serve, chat, serve_commands, execute, serve_files, files, run, key):
        module.add_to(commands)
    return top
