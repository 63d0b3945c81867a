"""The server's console."""

from __future__ import annotations

from prompt_toolkit import PromptSession
from prompt_toolkit.patch_stdout import patch_stdout

from rustchat import ChatServer, Error
from rustchat.cli.text import show_address, visible

HELP = """\
quit       stop the server
clients    who is here
stats      numbers since the start
kick ID    disconnect a client
help       this
Anything else is said to everybody."""


class Console:
    """Reads commands; what the server logs meanwhile appears above the prompt."""

    def __init__(self, server: ChatServer) -> None:
        self._server = server

    def run(self) -> None:
        """Obey until `quit` or the end of input."""
        session: PromptSession[str] = PromptSession("> ")
        with patch_stdout():
            while True:
                try:
                    line = session.prompt().strip()
                except EOFError:
                    return
                if line == "quit":
                    return
                answer = self.obey(line)
                if answer:
                    print(answer)

    def obey(self, line: str) -> str:
        """Carry out one line and return what to show."""
        word, _, rest = line.partition(" ")
        match word, rest.strip():
            case "", _:
                return ""
            case "help", "":
                return HELP
            case "clients", "":
                return self._clients()
            case "stats", "":
                return self._stats()
            case "kick", who if who.isdecimal():
                return self._kick(int(who))
            case "kick", _:
                return "kick whom? give the number that `clients` shows"
        try:
            self._server.broadcast(line)
        except Error as error:
            return f"not said: {error}"
        return ""

    def _clients(self) -> str:
        clients = self._server.clients
        if not clients:
            return "nobody is here"
        rows = [("ID", "ADDRESS", "NAME", "JOINED", "IN", "OUT", "WAITING")]
        for client in clients:
            rows.append(
                (
                    str(client.id),
                    visible(show_address(client.address)),
                    visible(client.name or client.key_id or "-"),
                    f"{client.joined.astimezone():%H:%M:%S}",
                    str(client.messages_in),
                    str(client.messages_out),
                    f"{client.outbox} B",
                )
            )
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)

    def _stats(self) -> str:
        stats = self._server.stats().as_dict()
        width = max(map(len, stats))
        return "\n".join(f"{name:<{width}}  {value:,}" for name, value in stats.items())

    def _kick(self, number: int) -> str:
        try:
            self._server.disconnect(number)
        except LookupError:
            return f"nobody has the number {number}; see `clients`"
        return f"{number} is disconnected"
