"""``rustchat serve``: a chat server, with a console when there is a terminal."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rustchat
from rustchat import ChatServer
from rustchat.auth import KeyRing
from rustchat.cli import keys_file, logs, reload, secure, serve_settings, settings, signals, streams, systemd
from rustchat.cli import options as common
from rustchat.cli.failure import Failure, tell
from rustchat.cli.reload import Reloader
from rustchat.cli.secrets import secret
from rustchat.cli.signals import interrupted_by_sigterm
from rustchat.cli.text import show_address

DESCRIPTION = """\
Serve a chat room. In the foreground of a terminal there is a console, whose command `help` lists the others; plain
text is said to everybody. Otherwise the server runs until SIGTERM or SIGINT. Either stops it cleanly: members get
what is queued for them, for at most 5 seconds; asked a second time, it ends at once. On SIGHUP it reads the files of
keys, bans and the certificate again, and reopens its log.
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
  rustchat serve --config chat.toml --no-console        all settings from a file, as a service
  rustchat serve --host 0.0.0.0 --keys-file chat.keys --tls --ban-file bans --metrics 9100
                                                        a key for each member, bans that last, numbers

exit codes:
  0    stopped: by `quit`, SIGTERM or Ctrl-C, once or twice
  1    it could not serve, or not go on
  2    wrong usage
"""


def add_to(commands: common.Commands) -> None:
    """Add the command to the command line."""
    parser = common.add_command(commands, "serve", "serve a chat room", DESCRIPTION, EPILOG, run)
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="a TOML file with any of these settings, such as: message_limit = 1000; a flag counts for more",
    )
    parser.add_argument("-v", "--verbose", action="count", default=0, help="log more; twice for everything")
    serve_settings.add_to(parser)


def run(given: argparse.Namespace) -> int:
    """Serve until told to stop."""
    # It loads asyncio, which no other command wants.
    from rustchat.cli import metrics

    options = settings.resolved(given, serve_settings.everything(), given.config)
    log_file = logs.begin(logs.level(options.log_level, options.verbose), options.log_format, options.log_file)
    if options.time_zone is not None:
        os.environ["TZ"] = options.time_zone
    has_console = options.console and streams.at_terminal() and streams.in_foreground()
    sockets = systemd.listening_sockets()
    scraped = metrics.socket_of(options.metrics, sockets.metrics)
    keys = keys_of(options)
    server = kind(has_console)(**keys, tls=secure.of_server(options), **serve_settings.core_arguments(options))
    reloader = Reloader(steps(server, options, keys.get("keys"), log_file))
    with reload.on_sighup(reloader), interrupted_by_sigterm(), metrics.serving(server, scraped):

        def start() -> str:
            server.start(listener=sockets.chat)
            return (invitation if has_console else note)(server, options, bool(keys))

        try:
            attend(server, start, reloader, has_console)
            server.stop()
        except KeyboardInterrupt:
            tell("stopping at once; members may miss what was queued for them")
        finally:
            stop_at_once(server)
    # The log has said why it ended by itself.
    return 1 if server.failure else 0


def keys_of(options: argparse.Namespace) -> dict[str, Any]:
    """What members have to prove to hold, as a server is told; nothing if they need not."""
    if options.keys_file is None:
        key = secret(options)
        return {} if key is None else {"secret": key}
    if options.secret_file is not None:
        raise Failure("--secret-file and --keys-file are both given, expected one of them")
    return {"keys": KeyRing(keys_file.read(options.keys_file))}


def steps(
    server: ChatServer, options: argparse.Namespace, keys: KeyRing | None, log_file: logs.LogFile | None
) -> list[reload.Step]:
    """What is read again on SIGHUP. The log comes first, which has the rest in it."""
    found: list[reload.Step] = []
    if log_file is not None:
        found.append(lambda: logs.reopen(log_file))
    if keys is not None:
        found.append(lambda: replace(keys, options.keys_file))
    found.append(server.reload_bans)
    if options.tls_cert is not None:
        found.append(lambda: server.replace_certificate(options.tls_cert, options.tls_key))
    return found


def replace(keys: KeyRing, path: Path) -> None:
    """Read the keys again; what is wrong with one of them changes nothing."""
    revoked = keys.replace(keys_file.read(path))
    logging.getLogger("rustchat").info(
        "%d keys from %s; revoked: %s", len(keys), path, ", ".join(map(repr, revoked)) or "none"
    )


def kind(has_console: bool) -> type[ChatServer]:
    """The class of the server: one without hooks, which cost something, where there is nobody to watch."""
    if not has_console:
        return ChatServer
    # Only a console needs the prompt's library.
    from rustchat.cli.watch import WatchedServer

    return WatchedServer


def attend(server: ChatServer, start: Callable[[], str], reloader: Reloader, has_console: bool) -> None:
    """Start a server, and let it serve until the console, a signal or its own end; systemd is told of both."""
    try:
        welcome = start()
        # At once, even where nothing is buffered: the log writes meanwhile.
        print(f"listening on {show_address(server.address)}\n", end="", flush=True)
        if welcome:
            print(welcome, flush=True)
        systemd.notify("READY=1", f"STATUS=listening on {show_address(server.address)}")
        with systemd.watchdog(server):
            converse(server, reloader) if has_console else server.join()
    except KeyboardInterrupt:
        # The way to end a server, not a failure of it.
        print("stopping", file=sys.stderr, flush=True)
    finally:
        systemd.notify("STOPPING=1")


def converse(server: ChatServer, reloader: Reloader) -> None:
    """Do what is said to the console, until it ends."""
    from rustchat.cli.console import Console
    from rustchat.cli.watch import WatchedServer

    assert isinstance(server, WatchedServer)
    Console(server, reloader).run()


def stop_at_once(server: ChatServer) -> None:
    """Stop without waiting for members; nothing if it has stopped already. No signal comes between."""
    signals.ignore()
    with contextlib.suppress(rustchat.TimeoutError):
        server.stop(timeout=0)


def note(server: ChatServer, options: argparse.Namespace, has_secret: bool) -> str:
    """What whoever reads the output has to tell those who join."""
    pin = secure.pin_to_tell(server, options, has_secret)
    return secure.about_pin(pin)


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
    extra += " --key-id ID --secret-file FILE" if options.keys_file else ""
    extra += "" if options.profile == "mutual" else f" --profile {options.profile}"
    extra += secure.to_join(server, options, has_secret)
    ways.append(f"rustchat chat {where}{extra}")
    return "join with:  " + "   or   ".join(ways) + "\nplain text is said to everybody; `help` lists the commands"
