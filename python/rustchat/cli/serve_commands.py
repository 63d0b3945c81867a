"""``rustchat serve-commands``: a server of remote commands."""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path
from typing import Any

from rustchat import CommandServer, Slot, Template
from rustchat.cli import guarded, logs
from rustchat.cli import options as common
from rustchat.cli.failure import Failure
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

# Not `keys`: all clients of this server have the same one.
PARTS = {"argv", "rest", "directory", "input"}
SLOTS = ("int", "choice", "word", "characters", "text")


def add_to(commands: common.Commands) -> None:
    """Add the command to the command line."""
    what = "run commands of a list for others"
    parser = common.add_command(commands, "serve-commands", what, DESCRIPTION, EPILOG, run)
    guarded.add_to_server(parser, 7000)
    parser.add_argument("--commands", type=Path, metavar="FILE", help="the list of commands, in TOML: see below")
    parser.add_argument("--shell", metavar="PATH", help="such as /bin/sh: clients may have any program text run")
    parser.add_argument("--cgroup", metavar="FOLDER", help="a delegated cgroup folder, so that no process escapes")


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop."""
    logs.begin(logs.level(None, options.verbose))
    server = CommandServer(
        guarded.address(options),
        catalogue(options.commands) if options.commands else None,
        options.shell,
        cgroup=options.cgroup,
        **guarded.of_server(options),
    )
    return serve_until_told(server, options.tls_cert is not None)


def catalogue(path: Path) -> dict[str, Template]:
    """The commands of a file; a failure that says what is wrong in it."""
    try:
        with open(path, "rb") as file:
            found = tomllib.load(file)
        if not isinstance(found.get("commands"), dict) or len(found) > 1:
            raise ValueError(f"the file has {', '.join(found) or 'nothing'}, expected one table, commands")
        return {name: template(name, entry) for name, entry in found["commands"].items()}
    except OSError as error:
        raise Failure(f"--commands {path}: {error.strerror}") from error
    except ValueError as error:
        raise Failure(f"--commands {path}: {error}") from error


def template(name: str, entry: Any) -> Template:
    """One command of the file."""
    if isinstance(entry, list):
        entry = {"argv": entry}
    if not isinstance(entry, dict) or not entry.keys() <= PARTS or not isinstance(entry.get("argv"), list):
        raise ValueError(
            f"{name}: {entry!r} is no command: expected a list of words, or a table of {', '.join(sorted(PARTS))}"
        )
    try:
        values = {part: value for part, value in entry.items() if part not in ("argv", "rest")}
        if "rest" in entry:
            place, most = entry["rest"]
            values["rest"] = (slot(place), most)
        return Template([slot(word) if isinstance(word, dict) else word for word in entry["argv"]], **values)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from error


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
