"""``rustchat chat``: join a chat."""

from __future__ import annotations

import argparse

from rustchat import ChatClient
from rustchat.cli import options as common
from rustchat.cli import secure
from rustchat.cli.failure import Failure
from rustchat.cli.secrets import secret

DESCRIPTION = """\
Join a chat. On a terminal you edit your line while messages arrive above it; `quit`, Ctrl-D, or Ctrl-C on an empty
line leaves. What begins with a slash is a command, of which /help tells: to the server, and where it speaks json to
this end, which asks it: /who, /msg NAME TEXT, /name NAME, /me TEXT.
Lines that are pasted are said one by one when you press Enter, to a server that speaks json as one message.
Otherwise the lines of standard input are said and messages go to standard output, until each line has come back
from the room. On a terminal a connection that breaks is tried again until it is back, or you leave; elsewhere it is
the end. The secret is read from --secret-file or the variable RUSTCHAT_SECRET.
"""

EPILOG = """\
examples:
  rustchat chat                                         the server on this machine
  rustchat chat 192.0.2.7:60000 --secret-file chat.key --tls
                                                        another machine, encrypted
  rustchat chat chat.example.org --tls-pin PIN          a server whose public key has this pin
  rustchat chat ./room.sock                             a Unix socket
  rustchat chat --name ann                              with a name
  echo done | rustchat chat && echo everybody knows

exit codes:
  0    left; in a pipe: each line came back from the room
  1    the connection failed or broke, or a line was not said or may not have arrived
  2    wrong usage
  130  interrupted
"""


def add_to(commands: common.Commands) -> None:
    """Add the command to the command line."""
    parser = common.add_command(commands, "chat", "join a chat", DESCRIPTION, EPILOG, run)
    parser.add_argument(
        "host",
        nargs="?",
        default="127.0.0.1",
        help="the server: a name or number, host:port, or the path of a Unix socket (default 127.0.0.1)",
    )
    parser.add_argument("port", nargs="?", type=common.port, help="its port (default 60000)")
    parser.add_argument("--name", help="the name to take; when somebody has it, you are told, and /name asks again")
    parser.add_argument("--key-id", default="", help="which of the server's keys the secret is (default: the only one)")
    parser.add_argument(
        "--no-reconnect",
        dest="reconnect",
        action="store_false",
        help="end when the connection breaks or the server stops, which on a terminal is otherwise tried again until "
        "it is back",
    )
    common.add_wire(parser)
    secure.add_to_client(parser)


def run(options: argparse.Namespace) -> int:
    """Chat until either side ends it."""
    from rustchat.cli import streams

    is_line_chat = options.framing == "line"
    at_terminal = streams.at_terminal()
    if at_terminal and not streams.in_foreground():
        raise Failure("another job has the terminal: start it in the foreground, or redirect its input")
    client = ChatClient(
        *common.address(options),
        framing=options.framing,
        secret=secret(options),
        key_id=options.key_id,
        profile=options.profile,
        tls=secure.of_client(options),
        name=options.name,
        # Whoever reads an exit code is told of a connection that breaks by that.
        reconnect=options.reconnect and at_terminal,
    )
    client.start()
    if at_terminal:
        # Only a terminal needs the prompt's library.
        from rustchat.cli.terminal import Terminal

        Terminal(client, is_line_chat).run()
    else:
        from rustchat.cli.pipe import Pipe

        Pipe(client, is_line_chat).run()
    return 0
