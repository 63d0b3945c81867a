"""``rustchat files``: store, fetch and list files at a server."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rustchat import FileClient, FileEntry
from rustchat.cli import guarded
from rustchat.cli import options as common
from rustchat.cli.bar import progress_bar, size
from rustchat.cli.failure import Failure, tell
from rustchat.cli.remote import Remote, remote
from rustchat.cli.text import visible

DESCRIPTION = """\
Store, fetch and list files at a server that `rustchat serve-files` or a FileServer runs. A file appears whole or not at
all, at either end, and what broke off is gone on with when the same command is given again.
"""

EPILOG = """\
examples:
  rustchat files put --secret-file k big.iso localhost:7001:iso/big.iso
  rustchat files put --secret-file k -r site server:7001:www --tls
  rustchat files get --secret-file k localhost:7001:iso/big.iso
  rustchat files ls --secret-file k -l localhost:7001:iso
  rustchat files mv --secret-file k localhost:7001:a b
  rustchat files rm --secret-file k localhost:7001:b

exit codes:
  0  done    1  not done: the reason is told    2  wrong usage
"""


def add_to(commands: common.Commands) -> None:
    """Add the command and its own commands to the command line."""
    what = "store, fetch and list files at a server"
    parser = commands.add_parser(
        "files", help=what, description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    command = verb(verbs, "put", "store a file, or with -r a folder", put)
    command.add_argument("source", type=Path, help="a file of this machine")
    command.add_argument("target", type=remote, metavar="HOST:PORT:PATH", help="where it goes; PATH/ puts it in there")
    add_transfer(command)
    command.add_argument("-p", "--parents", action="store_true", help="make the folders on the way")

    command = verb(verbs, "get", "fetch a file, or with -r a folder", get)
    command.add_argument("source", type=remote, metavar="HOST:PORT:PATH", help="a file at the server")
    command.add_argument("target", type=Path, nargs="?", help="where it goes (default: its name, here)")
    add_transfer(command)

    command = verb(verbs, "ls", "list a folder", ls)
    command.add_argument("path", type=remote, metavar="HOST:PORT:PATH", help="a folder at the server")
    command.add_argument("-l", "--long", action="store_true", help="with kind, mode, size and time")

    command = verb(verbs, "rm", "remove a file", rm)
    command.add_argument("path", type=remote, metavar="HOST:PORT:PATH", help="a file at the server")
    command.add_argument("-d", "--dir", action="store_true", help="a folder that is empty instead")

    command = verb(verbs, "mv", "rename a file or a folder", mv)
    command.add_argument("source", type=remote, metavar="HOST:PORT:PATH", help="what is there")
    command.add_argument("target", metavar="PATH", help="its new path at the same server")
    command.add_argument("-f", "--overwrite", action="store_true", help="replace what is there")

    command = verb(verbs, "mkdir", "make a folder", mkdir)
    command.add_argument("path", type=remote, metavar="HOST:PORT:PATH", help="the folder")
    command.add_argument("-p", "--parents", action="store_true", help="and those on the way; it may be there already")


def verb(verbs: Any, name: str, what: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    """One of its commands, with what all of them take."""
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=what, description=f"{what.capitalize()}.")
    parser.set_defaults(run=run)
    guarded.add_to_client(parser)
    return parser


def add_transfer(parser: argparse.ArgumentParser) -> None:
    """What both directions take."""
    parser.add_argument("-r", "--recursive", action="store_true", help="a folder and all that is in it; not links")
    parser.add_argument("-f", "--overwrite", action="store_true", help="replace files that are there")
    parser.add_argument("--no-resume", action="store_true", help="begin anew, whatever an earlier attempt has left")
    parser.add_argument(
        "--no-verify", action="store_true", help="send no hashes: only its length is looked at in the end"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="show no progress")


def connect(options: argparse.Namespace, where: Remote) -> FileClient:
    """A connection to the server that is meant."""
    return FileClient(where.address, **guarded.of_client(options))


def put(options: argparse.Namespace) -> int:
    """Store a file or a folder."""
    source, target = options.source, options.target
    path = target.path
    if not path or path.endswith("/"):
        path += source.resolve().name
    with connect(options, target) as files, progress_bar(source.name, not options.quiet) as progress:
        done = files.upload(
            source,
            path,
            overwrite=options.overwrite,
            parents=options.parents,
            resume=not options.no_resume,
            verify=not options.no_verify,
            recursive=options.recursive,
            progress=progress,
        )
    report(done)
    return 0


def get(options: argparse.Namespace) -> int:
    """Fetch a file or a folder."""
    source = options.source
    name = source.path.rstrip("/").rpartition("/")[2]
    if not name and options.target is None:
        raise Failure("a folder without a name needs a target")
    target = options.target or Path(name)
    if not options.recursive and target.is_dir():
        target = target / name
    with connect(options, source) as files, progress_bar(name, not options.quiet) as progress:
        done = files.download(
            source.path,
            target,
            overwrite=options.overwrite,
            resume=not options.no_resume,
            verify=not options.no_verify,
            recursive=options.recursive,
            progress=progress,
        )
    report(done)
    return 0


def report(done: Any) -> None:
    """Tell what an eye on the result alone would miss."""
    for name in getattr(done, "skipped", ()):
        tell(f"left out: {visible(name)}")


def ls(options: argparse.Namespace) -> int:
    """List a folder."""
    with connect(options, options.path) as files:
        for entry in sorted(files.list(options.path.path), key=lambda entry: entry.name):
            print(line(entry) if options.long else visible(entry.name))
    return 0


def line(entry: FileEntry) -> str:
    """All that is known of a file."""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.mtime_ns // 10**9))
    return f"{entry.kind:6} {entry.mode:03o} {size(entry.size):>10} {when} {visible(entry.name)}"


def rm(options: argparse.Namespace) -> int:
    """Remove a file."""
    with connect(options, options.path) as files:
        (files.rmdir if options.dir else files.remove)(options.path.path)
    return 0


def mv(options: argparse.Namespace) -> int:
    """Rename a file."""
    with connect(options, options.source) as files:
        (files.replace if options.overwrite else files.rename)(options.source.path, options.target)
    return 0


def mkdir(options: argparse.Namespace) -> int:
    """Make a folder."""
    with connect(options, options.path) as files:
        files.mkdir(options.path.path, options.parents, options.parents)
    return 0
