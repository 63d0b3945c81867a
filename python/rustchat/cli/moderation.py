"""Bans, as a console has them."""

from __future__ import annotations

import ipaddress
import re

from rustchat import ChatServer, Client, Error
from rustchat.cli.text import show_address, table, visible

KINDS = ("address", "net", "key", "name")
ARGUMENTS = {"address": "address", "net": "address", "key": "key_id", "name": "name"}

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

# WHOM, and how long, and why.
BAN = re.compile(r"(?P<whom>.+?)(?:\s+for\s+(?P<number>\d+)(?P<unit>[smhdw]))?(?:\s+because\s+(?P<reason>.+))?")


def names(client: Client) -> tuple[str, ...]:
    """What one may call a client by."""
    return (str(client.id), client.name or "", client.key_id, show_address(client.address))


def called(server: ChatServer, whom: str) -> list[Client]:
    """The clients that are called that; a number is one client's alone."""
    found = [client for client in server.clients if whom in names(client)]
    return [client for client in found if str(client.id) == whom] or found


def ban(server: ChatServer, text: str) -> str:
    """Keep somebody out; what to show."""
    parts = BAN.fullmatch(text)
    assert parts is not None
    subject = subject_of(server, parts["whom"])
    if isinstance(subject, str):
        return subject
    kind, whom = subject
    duration = int(parts["number"]) * SECONDS[parts["unit"]] if parts["number"] else None
    try:
        sent_away = server.ban(**{ARGUMENTS[kind]: whom}, reason=parts["reason"] or "", duration=duration)
    except ValueError as error:
        return f"not banned: {error}" if not is_banned(server, kind, whom) else f"banned, but not kept: {error}"
    except (Error, OSError) as error:
        return f"banned, but not kept: {error}"
    several = "" if sent_away == 1 else "s"
    return f"{kind} {visible(whom)} is banned; {sent_away} client{several} disconnected{here(kind, whom)}"


def is_banned(server: ChatServer, kind: str, whom: str) -> bool:
    return any((ban.kind, ban.subject) == (kind, whom) for ban in server.bans)


def here(kind: str, whom: str) -> str:
    """What to say of a ban of this very machine."""
    if ARGUMENTS[kind] != "address" or not ipaddress.ip_network(whom, strict=False).is_loopback:
        return ""
    return f"\nthat is this machine: nobody on it can join there until `unban {whom}`"


def subject_of(server: ChatServer, text: str) -> tuple[str, str] | str:
    """Whom a ban is about: its kind and what it goes by; or what to ask."""
    kind, _, rest = text.partition(" ")
    if kind in KINDS and rest.strip():
        return kind, rest.strip()
    if is_net(text):
        return ("net" if "/" in text else "address"), text
    match called(server, text):
        case []:
            return (
                f"nobody here is called {visible(text)}; say `ban key …` or `ban name …` for somebody who is not here"
            )
        case [client] if isinstance(client.address, tuple):
            return "address", client.address[0]
        case [client]:
            how = f"`ban key {client.key_id}`" if client.key_id else f"`kick {client.id}`"
            return f"{visible(text)} has no address to ban, being on a Unix socket; {how} is left"
        case several:
            numbers = ", ".join(str(client.id) for client in several)
            return f"{visible(text)} may be {numbers}: give the number"


def is_net(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    # A bare number is a client's.
    return not text.isdecimal()


def unban(server: ChatServer, text: str) -> str:
    """Let somebody in again; what to show."""
    fitting = [ban for ban in server.bans if text in (str(ban), ban.subject)]
    match fitting:
        case []:
            return f"{visible(text)} is not banned; see `bans`"
        case [ban]:
            try:
                server.unban(**{ARGUMENTS[ban.kind]: ban.subject})
            except (Error, OSError) as error:
                return f"{visible(str(ban))} may join again, but the file still has the ban: {error}"
            return f"{visible(str(ban))} may join again"
    return f"{visible(text)} may be {' or '.join(visible(str(ban)) for ban in fitting)}: say which"


def bans(server: ChatServer) -> str:
    """Who is kept out."""
    rows = [("BAN", "UNTIL", "BECAUSE")]
    for ban in server.bans:
        until = f"{ban.until:%Y-%m-%d %H:%M:%S}" if ban.until else "-"
        rows.append((visible(str(ban)), until, visible(ban.reason) or "-"))
    return table(rows) if len(rows) > 1 else "nobody is banned"
