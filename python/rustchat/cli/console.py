"""The server's console."""

from __future__ import annotations

import re

from prompt_toolkit import PromptSession
from prompt_toolkit.patch_stdout import patch_stdout

from rustchat import Error
from rustchat._rustchat import Histogram
from rustchat.cli import moderation
from rustchat.cli.keyboard import kept_for_editor
from rustchat.cli.prompt import Words, history
from rustchat.cli.reload import Reloader
from rustchat.cli.text import show_address, table, visible
from rustchat.cli.watch import WatchedServer, who

HELP = """\
quit           stop the server
who, clients   who is here
watch on|off   show what is said in the room
kick WHOM      disconnect a client: its number, name or address, as `who` shows them
ban WHOM       keep a client out by its address, or name an address, net, key or name:
               ban net 192.0.2.0/24 for 2h because it floods the room
               ban name mallory
unban WHOM     let somebody in again, as `bans` shows them
bans           who is kept out
reload         read the files of keys, bans and the certificate again, as SIGHUP does
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
    "ban": "ban WHOM",
    "unban": "unban WHOM",
    "bans": "bans",
    "reload": "reload",
    "stats": "stats",
    "say": "say TEXT",
    "help": "help",
}

# One word, perhaps with the slash that commands have elsewhere.
WORD = re.compile(r"[/:\\!]?[A-Za-z][A-Za-z_-]*")


class Console:
    """Reads commands; what the server logs meanwhile appears above the prompt."""

    def __init__(self, server: WatchedServer, reloader: Reloader | None = None) -> None:
        self._server, self._reloader = server, reloader

    def run(self) -> None:
        """Obey until `quit` or the end of input."""
        with kept_for_editor() as place, patch_stdout():
            session: PromptSession[str] = PromptSession(
                "> ",
                history=history(),
                completer=Words(self._server),
                complete_while_typing=False,
                input=place.input,
                output=place.output,
            )
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
            case "ban", whom if whom:
                return moderation.ban(self._server, whom)
            case "unban", whom if whom:
                return moderation.unban(self._server, whom)
            case "bans", "":
                return moderation.bans(self._server)
            case "reload", "" if self._reloader is not None:
                return "read again" if self._reloader.carry_out() else ""
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
        return table(rows)

    def _stats(self) -> str:
        stats = self._server.stats()
        rows = {name: f"{value:,}" for name, value in stats.as_dict().items()}
        rows |= {"turns": spread(stats.turns), "latency": spread(stats.latency)}
        width = max(map(len, rows))
        return "\n".join(f"{name:<{width}}  {value}" for name, value in rows.items())

    def _kick(self, whom: str) -> str:
        match moderation.called(self._server, whom):
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


def spread(times: Histogram) -> str:
    """How long things take, in a few words."""
    parts = (("half", 0.5), ("99%", 0.99), ("all", 1.0))
    bounds = [(name, times.quantile(part)) for name, part in parts]
    below = ", ".join(f"{name} below {short(bound)}" for name, bound in bounds if bound is not None)
    return f"{times.count:,}" + (f": {below}" if below else "")


def short(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def question(line: str) -> str:
    """What to ask about a line that may be a command mistyped; "" for one that is to be said."""
    words = line.split()
    command = words[0].lstrip("/:\\!").lower()
    has_slash = line.startswith("/")
    if words[0] in ("kick", "ban") and len(words) == 1:
        return f"{words[0]} whom? give the number, name or address that `who` shows"
    if command in USAGE and (has_slash or len(words) <= 2 or command == "kick"):
        return f"do you mean `{USAGE[command]}`? `say {visible(line)}` says it"
    if has_slash or (len(words) == 1 and WORD.fullmatch(line)):
        return f"{visible(words[0])}? there is no such command, see `help`; `say {visible(line)}` says it"
    return ""
