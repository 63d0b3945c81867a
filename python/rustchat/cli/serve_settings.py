"""What ``rustchat serve`` may be told: the options of ChatServer, as the core has them, and the command's own."""

from __future__ import annotations

import argparse
from functools import cache
from pathlib import Path
from typing import Any

from rustchat._rustchat import PROFILES, server_options
from rustchat.cli import logs, secure, settings
from rustchat.cli import options as common
from rustchat.cli.settings import Setting

# By them the core's options are grouped in the help, each set under the name of its first.
TITLE_OF_OPTIONS = "options of the chat (times in seconds; numbers may have a unit, such as 64K)"

WHERE = (
    Setting(
        "host",
        settings.TEXT,
        "where to listen: an address, host:port, or the path of a Unix socket (default 127.0.0.1: this machine)",
        "127.0.0.1",
    ),
    Setting("port", settings.PORT, "port (default 60000; 0 picks a free one)"),
)

WIRE = (
    Setting("framing", settings.FRAMING, common.FRAMING_HELP, "line"),
    Setting("secret_file", settings.PATH, common.SECRET_HELP),
    Setting(
        "keys_file",
        settings.PATH,
        "a file of keys instead, `id = secret` a line: read again on SIGHUP, which ends the memberships of keys that "
        "are gone or have another secret",
    ),
    Setting("profile", settings.choice(*PROFILES), common.PROFILE_HELP, "mutual"),
    Setting("server_id", settings.TEXT, "the name by which clients get to know the server (profile mutual)", ""),
)

RUNNING = (
    Setting(
        "metrics",
        settings.TEXT,
        "answer HTTP at that port of this machine, or at host:port: /metrics for Prometheus, /health",
    ),
    Setting("log_file", settings.PATH, "append the log to this file, reopened on SIGHUP (default: standard error)"),
    Setting("log_format", settings.choice(*logs.FORMATS), "text, or one JSON object a line (default text)", "text"),
    Setting("log_level", settings.choice(*logs.LEVELS), "what is logged, from this level on (default warning)"),
    Setting(
        "time_zone", settings.TEXT, "of the stamps in line chat, such as Europe/Berlin (default: TZ, or the system's)"
    ),
    Setting("console", settings.FLAG, "a console where there is a terminal (default)", True),
)


@cache
def of_core() -> tuple[Setting, ...]:
    """The options of ChatServer that stand for themselves, made of the core's own table."""
    elsewhere = {setting.name for setting in (*WIRE, *WHERE)}
    return tuple(
        Setting(name, kind_of(name, kind, choices), about + default_of(default), default)
        for name, kind, default, choices, about in server_options()
        if name not in elsewhere
    )


def kind_of(name: str, kind: str, choices: list[str]) -> settings.Kind:
    # To the core a path is a text; here it may stand in a file, and beside it.
    if name.endswith("_file"):
        return settings.PATH
    return settings.choice(*choices) if kind == "choice" else settings.KINDS[kind]


def default_of(default: object) -> str:
    return "" if default is None or isinstance(default, bool) else f" (default {default})"


def everything() -> tuple[Setting, ...]:
    """All settings."""
    return (*WHERE, *WIRE, *secure.OF_SERVER, *RUNNING, *of_core())


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add a flag for each."""
    groups: list[tuple[argparse._ActionsContainer, tuple[Setting, ...]]] = [
        (parser, WHERE),
        (parser.add_argument_group("the wire (both ends must agree)"), WIRE),
        (parser.add_argument_group(secure.TITLE), secure.OF_SERVER),
        (parser.add_argument_group("running it"), RUNNING),
        (parser.add_argument_group(TITLE_OF_OPTIONS), of_core()),
    ]
    for group, members in groups:
        for setting in members:
            setting.add_to(group, quiet=True)


def core_arguments(options: argparse.Namespace) -> dict[str, Any]:
    """What ChatServer is told by its keywords, but for keys and TLS."""
    names = ["framing", "profile", "server_id", *(setting.name for setting in of_core())]
    values = {name: getattr(options, name) for name in names}
    where = dict(zip(("ip", "port"), common.address(options), strict=False))
    return where | {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}
