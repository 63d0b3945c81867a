"""TLS as the commands take it."""

from __future__ import annotations

import argparse
import contextlib

from rustchat import TLS, ChatServer
from rustchat.cli import settings
from rustchat.cli.failure import Failure
from rustchat.cli.secrets import warn_of_readers
from rustchat.cli.settings import Setting

TITLE = "TLS (both ends must agree; each of these options turns it on)"
TLS_FLAG = Setting(
    "tls",
    settings.FLAG,
    "nobody on the way can read or change what is said; with a secret at both ends no certificate is needed",
    False,
)
OF_SERVER = (
    TLS_FLAG,
    Setting(
        "tls_cert",
        settings.PATH,
        "the server's certificate in PEM and those that vouch for it (default: with a secret, one that it makes)",
    ),
    Setting("tls_key", settings.PATH, "the certificate's key in PEM (default: in the same file)"),
)


def add_to_server(parser: argparse.ArgumentParser) -> None:
    """What a server may be told."""
    group = parser.add_argument_group(TITLE)
    for setting in OF_SERVER:
        setting.add_to(group)


def add_to_client(parser: argparse.ArgumentParser) -> None:
    """What a client may be told."""
    group = parser.add_argument_group(TITLE)
    TLS_FLAG.add_to(group)
    group.add_argument(
        "--tls-pin",
        action="append",
        metavar="PIN",
        help="trust the server with this public key: its SHA-256, as the server says it; may be repeated",
    )
    group.add_argument(
        "--tls-ca",
        metavar="FILE",
        help="trust the server that these roots vouch for, in PEM; `system`: those of this machine, which are trusted "
        "anyway where there is no secret",
    )


def of_server(options: argparse.Namespace) -> TLS | bool:
    """What a server is told of it."""
    cert, key = options.tls_cert, options.tls_key
    if cert is None and key is not None:
        raise Failure("--tls-key needs --tls-cert, the certificate that it is the key of")
    if cert is None:
        return bool(options.tls)
    tls = TLS(cert=cert, key=key)
    with contextlib.suppress(OSError), open(key or cert, "rb") as file:
        warn_of_readers(f"--tls-key {key or cert}", file.fileno(), f"chmod 600 {key or cert}")
    return tls


def of_client(options: argparse.Namespace) -> TLS | bool:
    """What a client is told of it."""
    if options.tls_pin and options.tls_ca is not None:
        raise Failure("--tls-pin and --tls-ca are both given, expected one of them")
    if options.tls_pin:
        return TLS(pin=options.tls_pin)
    return bool(options.tls) if options.tls_ca is None else TLS(ca=options.tls_ca)


def pin_to_tell(server: ChatServer, options: argparse.Namespace, has_secret: bool) -> str | None:
    """What clients have to be told of a server's key, if no secret vouches for it."""
    return None if has_secret and options.profile == "mutual" else server.pin


def about_pin(pin: str | None) -> str:
    """What whoever reads the output has to tell clients of a server's key; nothing where there is none to tell of."""
    return "" if pin is None else f"its public key has the pin {pin}"


def to_join(server: ChatServer, options: argparse.Namespace, has_secret: bool) -> str:
    """What `rustchat chat` has to be told to join."""
    if server.pin is None:
        return ""
    pin = pin_to_tell(server, options, has_secret)
    return " --tls" if pin is None else f" --tls-pin {pin}"
