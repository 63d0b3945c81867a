"""What servers of commands and of files have in common, and their clients: a secret always, TLS beyond this machine."""

from __future__ import annotations

import argparse
from typing import TypedDict

from rustchat import TLS
from rustchat.cli import options as common
from rustchat.cli import secure
from rustchat.cli.secrets import secret


class ServerArguments(TypedDict):
    """What such a server is told, by its keywords."""

    secret: bytes | None
    tls: TLS | bool
    allow_plaintext: bool


class ClientArguments(ServerArguments):
    """The same of a client."""

    key_id: str


def add_to_server(parser: argparse.ArgumentParser, port: int) -> None:
    """What a server may be told; `port` is its own."""
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default 127.0.0.1: this machine)")
    parser.add_argument("--port", type=common.port, default=port, help=f"port (default {port}; 0 picks a free one)")
    common.add_secret(parser)
    secure.add_to_server(parser)
    add_to(parser)
    parser.add_argument("-v", "--verbose", action="count", default=1, help="log everything")


def add_to_client(parser: argparse.ArgumentParser) -> None:
    """What a client may be told."""
    parser.add_argument("--key-id", default="", metavar="ID", help="which of the server's keys the secret is")
    common.add_secret(parser)
    secure.add_to_client(parser)
    add_to(parser)


def add_to(parser: argparse.ArgumentParser) -> None:
    """What either may be told."""
    parser.add_argument(
        "--allow-plaintext", action="store_true", help="beyond this machine, speak without TLS all the same"
    )


def address(options: argparse.Namespace) -> str | tuple[str, int]:
    """Where a server is to listen: the host may be the path of a Unix socket."""
    return options.host if "/" in options.host else (options.host, options.port)


def of_server(options: argparse.Namespace) -> ServerArguments:
    """What a server is told."""
    tls = secure.of_server(options)
    return {"secret": secret(options), "tls": tls, "allow_plaintext": options.allow_plaintext}


def of_client(options: argparse.Namespace) -> ClientArguments:
    """What a client is told."""
    tls, key_id = secure.of_client(options), options.key_id
    return {"secret": secret(options), "key_id": key_id, "tls": tls, "allow_plaintext": options.allow_plaintext}
