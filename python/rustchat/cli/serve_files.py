"""``rustchat serve-files``: a server of files."""

from __future__ import annotations

import argparse
from pathlib import Path

from rustchat import FileServer
from rustchat.cli import options as common
from rustchat.cli import secure
from rustchat.cli.secrets import secret
from rustchat.cli.serve import log_to_stderr
from rustchat.cli.serving import serve_until_told

DESCRIPTION = """\
Serve the files of a folder, and nothing beside it, to whoever has the secret. Without one it does not start. It runs
until SIGTERM or SIGINT; who did what is logged.
"""

EPILOG = """\
examples:
  rustchat key --output files.key
  rustchat serve-files /srv/files --secret-file files.key
  rustchat serve-files /srv/files --host 0.0.0.0 --tls --secret-file files.key --quota 10G --read-only

exit codes:
  0    stopped by SIGTERM or Ctrl-C
  1    it could not serve, or not go on
  2    wrong usage
"""

UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


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
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default 127.0.0.1: this machine)")
    parser.add_argument("--port", type=common.port, default=7001, help="port (default 7001; 0 picks a free one)")
    parser.add_argument("--read-only", action="store_true", help="clients may list and fetch, and store nothing")
    parser.add_argument("--quota", type=bytes_of, default=0, metavar="BYTES", help="bytes of all files, such as 10G")
    parser.add_argument("--file-limit", type=bytes_of, default=0, metavar="BYTES", help="bytes of one file")
    parser.add_argument("--follow", choices=("no", "inside"), default="no", help="what becomes of links (default no)")
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
    server = FileServer(
        options.host if "/" in options.host else (options.host, options.port),
        options.root,
        secret=secret(options),
        read_only=options.read_only,
        quota=options.quota,
        file_limit=options.file_limit,
        follow=options.follow,
        tls=secure.of_server(options),
        allow_plaintext=options.allow_plaintext,
    )
    return serve_until_told(server)
