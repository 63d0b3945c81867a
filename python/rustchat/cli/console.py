"""The server's console."""

from __future__ import annotations

import re

from prompt_toolkit import PromptSession
from prompt_toolkit.patch_stdout import patch_stdout

from rustchat import Client, Error
from rustchat.cli.text import show_address, visible
from rustchat.cli.watch import WatchedServer, who

HELP = """\
quit           stop the server
who, clients   who is here
watch on|off   show what is said in the room
kick WHOM      disconnect a client: its number, name or address, as `who` shows them
stats          numbers since the start
say TEXT       say TEXT to everybody, whatever it looks like
help           this
Other text is said to everybody, but for a single word, which may be a command mistyped."""

USAGE = {
    "quit": "quit",
    "who": "who",
    "clients": "clients",
    "watch": "watch on|off",
    "kick": "kick WHOM",
    "stats": "stats",
    "say": "say TEXT",
    "help": "help",
}

# One word, perhaps with the slash that commands have elsewhere.
WORD = re.compile(r"[/:\\!]?[A-Za-z][A-Za-z_-]*")


class Console:
    """Reads commands; what the server logs meanwhile appears above the prompt."""

    def __init__(self, server: WatchedServer) -> None:
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
            case (("clients" | "who"), ""):
                return self._clients()
            case "stats", "":
                return self._stats()
            case "watch", ("on" | "off") as choice:
                self._server.watching = choice == "on"
                return f"what is said is {'shown' if self._server.watching else 'not shown'}"
            case "kick", whom if whom:
                return self._kick(whom)
            case "say", text if text:
                return self._say(text)
        return question(line) or self._say(line)

    def _say(self, text: str) -> str:
        try:
            self._server.broadcast(text)
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

    def _kick(self, whom: str) -> str:
        found = [client for client in self._server.clients if whom in names(client)]
        by_number = [client for client in found if str(client.id) == whom]
        match by_number or found:
            case []:
                what = f"has the number {whom}" if whom.isdecimal() else f"is called {visible(whom)}"
                return f"nobody {what}; see `who`"
            case [client]:
                try:
                    self._server.disconnect(client)
                except LookupError:
                    return f"{who(client)} has just left"
                return f"{whom if whom.isdecimal() else visible(whom)} is disconnected"
            case several:
                numbers = ", ".join(str(client.id) for client in several)
                return f"{visible(whom)} may be {numbers}: give the number"


def names(client: Client) -> tuple[str, ...]:
    """What one may call a client by."""
    return (str(client.id), client.name or "", client.key_id, show_address(client.address))


def question(line: str) -> str:
    """What to ask about a line that may be a command mistyped; "" for one that is to be said."""
    words = line.split()
    command = words[0].lstrip("/:\\!").lower()
    has_slash = line.startswith("/")
    if words[0] == "kick":
        return "kick whom? give the number, name or address that `who` shows"
    if command in USAGE and (has_slash or len(words) <= 2 or command == "kick"):
        return f"do you mean `{USAGE[command]}`? `say {visible(line)}` says it"
    if has_slash or (len(words) == 1 and WORD.fullmatch(line)):
        return f"{visible(words[0])}? there is no such command, see `help`; `say {visible(line)}` says it"
    return ""
