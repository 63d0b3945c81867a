"""``rustchat serve``: a chat server, with a console when there is a terminal."""

from __future__ import annotations

import argparse
import contextlib
import logging
import signal
import sys
from collections.abc import Iterator
from typing import TextIO

import rustchat
from rustchat import ChatServer
from rustchat.cli import options as common
from rustchat.cli import secure
from rustchat.cli.failure import tell
from rustchat.cli.secrets import secret
from rustchat.cli.text import show_address

DESCRIPTION = """\
Serve a chat room. In the foreground of a terminal there is a console, whose command `help` lists the others; plain
text is said to everybody. Otherwise the server runs until SIGTERM or SIGINT. Either stops it cleanly: members get
what is queued for them, for at most 5 seconds; asked a second time, it ends at once.
"""

EPILOG = """\
examples:
  rustchat serve                                        this machine alone, nc can join
  rustchat serve --host ./room.sock                     a Unix socket
  rustchat key --output chat.key
  rustchat serve --host 0.0.0.0 --secret-file chat.key --tls
                                                        for whoever has the key, encrypted
  rustchat serve --host 0.0.0.0 --allow-anonymous       for everybody who can reach this machine
  rustchat serve --host 0.0.0.0 --allow-anonymous --tls-cert chain.pem --tls-key key.pem
                                                        the same, encrypted, with a certificate to verify
  rustchat serve --announce                             who comes and goes

exit codes:
  0    stopped: by `quit`, SIGTERM or Ctrl-C, once or twice
  1    it could not serve, or not go on
  2    wrong usage
"""


def add_to(commands: common.Commands) -> None:
    """Add the command to the command line."""
    parser = common.add_command(commands, "serve", "serve a chat room", DESCRIPTION, EPILOG, run)
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="where to listen: an address, host:port, or the path of a Unix socket (default 127.0.0.1: this machine)",
    )
    parser.add_argument("--port", type=common.port, help="port (default 60000; 0 picks a free one)")
    parser.add_argument(
        "--mode", type=common.mode, help="who may connect to a Unix socket, as chmod has it (default 600: you alone)"
    )
    parser.add_argument("--group", help="the group of a Unix socket's file, whose members may connect then, too")
    parser.add_argument("--announce", action="store_true", help="tell the room who joins and leaves")
    parser.add_argument(
        "--commands",
        action=argparse.BooleanOptionalAction,
        help="whether lines with a slash before them are commands, such as /name and /who (default: yes, but not for "
        "the profile tutorial)",
    )
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="I/O threads (default: one for each core)")
    parser.add_argument(
        "--allow-anonymous", action="store_true", help="listen beyond this machine without a secret: anybody gets in"
    )
    parser.add_argument("--no-console", action="store_true", help="no console, even on a terminal")
    parser.add_argument("-v", "--verbose", action="count", default=0, help="log more; twice for everything")
    common.add_wire(parser)
    secure.add_to_server(parser)


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop."""
    from rustchat.cli import streams

    log_to_stderr(options.verbose)
    has_console = not options.no_console and streams.at_terminal() and streams.in_foreground()
    key, tls = secret(options), secure.of_server(options)
    server = kind(has_console)(
        *common.address(options),
        framing=options.framing,
        secret=key,
        profile=options.profile,
        tls=tls,
        allow_anonymous=options.allow_anonymous,
        announce=options.announce,
        commands=options.commands,
        workers=options.workers,
        mode=options.mode,
        group=options.group,
    )
    with interrupted_by_sigterm():
        server.start()
        try:
            attend(server, has_console, (invitation if has_console else note)(server, options, key is not None))
            server.stop()
        except KeyboardInterrupt:
            tell("stopping at once; members may miss what was queued for them")
        finally:
            stop_at_once(server)
    # The log has said why it ended by itself.
    return 1 if server.failure else 0


def kind(has_console: bool) -> type[ChatServer]:
    """The class of the server: one without hooks, which cost something, where there is nobody to watch."""
    if not has_console:
        return ChatServer
    # Only a console needs the prompt's library.
    from rustchat.cli.watch import WatchedServer

    return WatchedServer


def attend(server: ChatServer, has_console: bool, welcome: str) -> None:
    """Let it serve until the console, a signal or the server's own end."""
    try:
        print(f"listening on {show_address(server.address)}", flush=True)
        if welcome:
            print(welcome, flush=True)
        if not has_console:
            server.join()
            return
        from rustchat.cli.console import Console
        from rustchat.cli.watch import WatchedServer

        assert isinstance(server, WatchedServer)
        Console(server).run()
    except KeyboardInterrupt:
        # The way to end a server, not a failure of it.
        print("stopping", file=sys.stderr, flush=True)


def stop_at_once(server: ChatServer) -> None:
    """Stop without waiting for members; nothing if it has stopped already. No signal comes between."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(rustchat.TimeoutError):
        server.stop(timeout=0)


class StandardError(logging.StreamHandler[TextIO]):
    """Writes to what sys.stderr is at the time: with a prompt on the screen, above it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def log_to_stderr(verbosity: int) -> None:
    """Log to stderr: warnings, or more when asked to."""
    level = {0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG)
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=[StandardError()]
    )


@contextlib.contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the program as Ctrl-C does."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def note(server: ChatServer, options: argparse.Namespace, has_secret: bool) -> str:
    """What whoever reads the output has to tell those who join."""
    pin = secure.pin_to_tell(server, options, has_secret)
    return "" if pin is None else f"its public key has the pin {pin}"


def invitation(server: ChatServer, options: argparse.Namespace, has_secret: bool) -> str:
    """How to join this server."""
    if isinstance(server.address, str):
        path = server.address if "/" in server.address else f"./{server.address}"
        where, plain = path, f"nc -U {path}"
    else:
        host, port = server.address
        host = "127.0.0.1" if host in ("0.0.0.0", "::") else host
        where = plain = f"{host} {port}"
        plain = f"nc {where}"
    ways = [plain] if options.framing == "line" and not has_secret and server.pin is None else []
    extra = "" if options.framing == "line" else f" --framing {common.nickname(options.framing)}"
    extra += f" --secret-file {options.secret_file}" if options.secret_file else ""
    extra += "" if options.profile == "mutual" else f" --profile {options.profile}"
    extra += secure.to_join(server, options, has_secret)
    ways.append(f"rustchat chat {where}{extra}")
    return "join with:  " + "   or   ".join(ways) + "\nplain text is said to everybody; `help` lists the commands"
