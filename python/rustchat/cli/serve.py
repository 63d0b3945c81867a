"""``rustchat serve``: a chat server, with a console when there is a terminal."""

from __future__ import annotations

import argparse
import contextlib
import logging
import signal
import sys
from collections.abc import Iterator

from rustchat import ChatServer
from rustchat.cli import options as common
from rustchat.cli.text import show_address

DESCRIPTION = """\
Serve a chat room. On a terminal there is a console: quit, clients, stats, kick ID, help; anything else is
said to everybody. Without a terminal the server runs until SIGTERM or SIGINT, and then stops cleanly.
"""


def add_to(commands: common.Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("serve", help="serve a chat room", description=DESCRIPTION)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1: this machine)")
    parser.add_argument("--port", type=common.port, default=60000, help="port (default 60000; 0 picks a free one)")
    parser.add_argument(
        "--mode", type=common.mode, help="who may connect to a Unix socket, as chmod has it (default 600: you alone)"
    )
    parser.add_argument("--group", help="the group of a Unix socket's file, whose members may connect then, too")
    parser.add_argument("--announce", action="store_true", help="tell the room who joins and leaves")
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="I/O threads (default: one for each core)")
    parser.add_argument(
        "--allow-anonymous", action="store_true", help="listen beyond this machine without a secret: anybody gets in"
    )
    parser.add_argument("--no-console", action="store_true", help="no console, even on a terminal")
    parser.add_argument("-v", "--verbose", action="count", default=0, help="log more; twice for everything")
    common.add_wire(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop."""
    log_to_stderr(options.verbose)
    server = ChatServer(
        options.host,
        options.port,
        framing=options.framing,
        secret=common.secret(options),
        profile=options.profile,
        allow_anonymous=options.allow_anonymous,
        announce=options.announce,
        workers=options.workers,
        mode=options.mode,
        group=options.group,
    )
    with interrupted_by_sigterm(), server:
        try:
            print(f"listening on {show_address(server.address)}", flush=True)
            if sys.stdin.isatty() and not options.no_console:
                # Only a console needs the prompt's library.
                from rustchat.cli.console import Console

                print(invitation(server, options), flush=True)
                Console(server).run()
            else:
                server.join()
        except KeyboardInterrupt:
            # The way to end a server, not a failure of it; `with` stops it in good order.
            print("stopping", file=sys.stderr, flush=True)
    return 0


def log_to_stderr(verbosity: int) -> None:
    """Log to stderr: warnings, or more when asked to."""
    level = {0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG)
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


@contextlib.contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the program as Ctrl-C does."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def invitation(server: ChatServer, options: argparse.Namespace) -> str:
    """How to join this server."""
    if isinstance(server.address, str):
        return f"join with:  nc -U {server.address}\ncommands: quit, clients, stats, kick ID, help"
    host, port = server.address
    host = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    ways = []
    if options.framing == "line" and common.secret(options) is None:
        ways.append(f"nc {host} {port}")
    extra = "" if options.framing == "line" else f" --framing {options.framing}"
    extra += f" --secret-file {options.secret_file}" if options.secret_file else ""
    ways.append(f"rustchat chat {host} {port}{extra}")
    return "join with:  " + "   or   ".join(ways) + "\ncommands: quit, clients, stats, kick ID, help"
