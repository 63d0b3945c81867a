"""``rustchat serve-files``: a server of files."""

from __future__ import annotations

import argparse
from pathlib import Path

from rustchat import FileServer
from rustchat.cli import guarded, logs
from rustchat.cli import options as common
from rustchat.cli.serving import serve_until_told
from rustchat.cli.settings import UNITS

DESCRIPTION = """\
Serve the files of a folder, and nothing beside it, to whoever has the secret. Without one it does not start. It runs
until SIGTERM or SIGINT; who did what is logged.
"""

EPILOG = """\
examples:
  rustchat key --output files.key
  rustchat serve-files /srv/files --secret-file files.key
  rustchat serve-files /srv/files --host 0.0.0.0 --tls --secret-file files.key --quota 10G --read-only
  rustchat serve-files /srv/files --profile tutorial --allow-anonymous
                                              for the upload client that socket tutorials end with

exit codes:
  0    stopped by SIGTERM or Ctrl-C
  1    it could not serve, or not go on
  2    wrong usage
"""


PROFILE_HELP = (
    "who is served: clients of files (mutual, the default), or instead the tutorials' upload client, which "
    "proves the secret in the profile tutorial"
)
ANONYMOUS_HELP = "the tutorials' client need prove nothing: whoever can connect stores files, and replaces them"


def bytes_of(text: str) -> int:
    """A number of bytes such as 10G, or a complaint that argparse shows."""
    number, unit = (text[:-1], text[-1].upper()) if text[-1:].isalpha() else (text, "")
    if not (number.isascii() and number.isdigit() and unit in UNITS):
        raise argparse.ArgumentTypeError(f"'{text}' is no number of bytes: expected one such as 500M or 10G")
    return int(number) * UNITS[unit]


def add_to(commands: common.Commands) -> None:
    """Add the command to the command line."""
    what = "serve the files of a folder"
    parser = common.add_command(commands, "serve-files", what, DESCRIPTION, EPILOG, run)
    parser.add_argument("root", type=Path, metavar="FOLDER", help="the folder that clients see; it has to be there")
    guarded.add_to_server(parser, 7001)
    parser.add_argument("--read-only", action="store_true", help="clients may list and fetch, and store nothing")
    parser.add_argument("--quota", type=bytes_of, default=0, metavar="BYTES", help="bytes of all files, such as 10G")
    parser.add_argument("--file-limit", type=bytes_of, default=0, metavar="BYTES", help="bytes of one file")
    parser.add_argument("--profile", choices=("mutual", "tutorial"), default="mutual", help=PROFILE_HELP)
    parser.add_argument("--allow-anonymous", action="store_true", help=ANONYMOUS_HELP)
    parser.add_argument("--follow", choices=("no", "inside"), default="no", help="what becomes of links (default no)")


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop."""
    logs.begin(logs.level(None, options.verbose))
    server = FileServer(
        guarded.address(options),
        options.root,
        read_only=options.read_only,
        quota=options.quota,
        file_limit=options.file_limit,
        follow=options.follow,
        profile=options.profile,
        allow_anonymous=options.allow_anonymous,
        **guarded.of_server(options),
    )
    return serve_until_told(server, options.tls_cert is not None)
