"""``rustchat serve-commands``: a server of remote commands."""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path
from typing import Any

from rustchat import CommandServer, Slot, Template
from rustchat.cli import options as common
from rustchat.cli import secure
from rustchat.cli.failure import Failure
from rustchat.cli.secrets import secret
from rustchat.cli.serve import log_to_stderr
from rustchat.cli.serving import serve_until_told

DESCRIPTION = """\
Run commands of a list for whoever has the secret. Without one it does not start. It runs until SIGTERM or SIGINT, which
end its commands as well; who ran what is logged.
"""

EPILOG = """\
the list, in TOML:
  [commands]
  uptime = ["/usr/bin/uptime"]
  log = ["/usr/bin/tail", "-n", {int = [1, 1000]}, "/var/log/app.log"]

  [commands.unpack]
  argv = ["/usr/bin/tar", "x"]
  directory = "/srv/site"     # where it runs
  keys = ["deploy"]           # who may; without it everybody who has a key
  input = true                # whether it may be sent input
  rest = [{word = 64}, 3]     # up to three more arguments

a place for an argument of the client's is one of
  {int = [1, 9]}  {choice = ["a", "b"]}  {word = 64}  {characters = ["a-z", 64]}  {text = 1024}
with prefix = "--lines=" for what stands before it and secret = true for what the log must not show

exit codes:
  0    stopped by SIGTERM or Ctrl-C
  1    it could not serve, or not go on
  2    wrong usage
"""

SLOTS = ("int", "choice", "word", "characters", "text")


def add_to(commands: common.Commands) -> None:
    """Add the command to the command line."""
    what = "run commands of a list for others"
    parser = common.add_command(commands, "serve-commands", what, DESCRIPTION, EPILOG, run)
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default 127.0.0.1: this machine)")
    parser.add_argument("--port", type=common.port, default=7000, help="port (default 7000; 0 picks a free one)")
    parser.add_argument("--commands", type=Path, metavar="FILE", help="the list of commands, in TOML: see below")
    parser.add_argument("--shell", metavar="PATH", help="such as /bin/sh: clients may have any program text run")
    parser.add_argument("--cgroup", metavar="FOLDER", help="a delegated cgroup folder, so that no process escapes")
    secure.add_to_server(parser)
    parser.add_argument(
        "--allow-plaintext", action="store_true", help="beyond this machine, speak without TLS all the same"
    )
    parser.add_argument("-v", "--verbose", action="count", default=1, help="log everything")
    parser.add_argument(
        "--secret-file",
        type=Path,
        metavar="FILE",
        help=f"a file with the shared secret, as `rustchat key` writes it; else the variable {common.SECRET_VARIABLE}",
    )


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop."""
    log_to_stderr(options.verbose)
    is_path = "/" in options.host
    server = CommandServer(
        options.host if is_path else (options.host, options.port),
        catalogue(options.commands) if options.commands else None,
        options.shell,
        secret=secret(options),
        cgroup=options.cgroup,
        tls=secure.of_server(options),
        allow_plaintext=options.allow_plaintext,
    )
    return serve_until_told(server)


def catalogue(path: Path) -> dict[str, Template]:
    """The commands of a file; a failure that says what is wrong in it."""
    try:
        with open(path, "rb") as file:
            commands = tomllib.load(file).get("commands", {})
    except OSError as error:
        raise Failure(f"--commands {path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise Failure(f"--commands {path}: {error}") from error
    try:
        return {name: template(entry) for name, entry in commands.items()}
    except (TypeError, ValueError, KeyError) as error:
        raise Failure(f"--commands {path}: {error}") from error


def template(entry: Any) -> Template:
    """One command of the file."""
    if isinstance(entry, list):
        entry = {"argv": entry}
    known = {"argv", "rest", "directory", "keys", "input"}
    if not isinstance(entry, dict) or not entry.keys() <= known or "argv" not in entry:
        raise ValueError(f"{entry!r} is no command: expected a list of words, or a table of {', '.join(sorted(known))}")
    values = {name: value for name, value in entry.items() if name not in ("argv", "rest")}
    if "rest" in entry:
        place, most = entry["rest"]
        values["rest"] = (slot(place), most)
    return Template([slot(word) if isinstance(word, dict) else word for word in entry["argv"]], **values)


def slot(table: dict[str, Any]) -> Slot:
    """A place for an argument."""
    kinds = [name for name in table if name in SLOTS]
    others = {name: value for name, value in table.items() if name not in SLOTS}
    if len(kinds) != 1:
        raise ValueError(f"{table!r} is no place for an argument: expected one of {', '.join(SLOTS)}")
    arguments = table[kinds[0]]
    made = getattr(Slot, kinds[0])(*(arguments if isinstance(arguments, list) else [arguments]), **others)
    assert isinstance(made, Slot)
    return made
