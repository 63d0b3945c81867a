"""Servers that the shell runs until it ends them."""

from __future__ import annotations

import sys

from rustchat import CommandServer, FileServer
from rustchat.cli import secure
from rustchat.cli.signals import interrupted_by_sigterm
from rustchat.cli.text import show_address


def serve_until_told(server: CommandServer | FileServer, has_certificate: bool) -> int:
    """Start it, say where it listens, and stop it on SIGTERM or Ctrl-C; the exit code that tells of its end.

    With a certificate of its own it says the pin, too: clients may trust it by that the next time as well."""
    with interrupted_by_sigterm():
        server.start()
        try:
            # At once, even where nothing is buffered: the log writes meanwhile.
            print(f"listening on {show_address(server.address)}\n", end="", flush=True)
            if has_certificate:
                print(secure.about_pin(server.pin), flush=True)
            server.join()
        except KeyboardInterrupt:
            print("stopping", file=sys.stderr, flush=True)
        finally:
            server.stop()
    return 1 if server.failure else 0
