"""Who may not join: by address, key and name, from Python and from the console."""

from __future__ import annotations

import datetime
import json
import signal
from pathlib import Path
from typing import Any

import pytest
import rustchat
from commands import PATIENCE, Served
from rustchat.cli import moderation
from rustchat.cli.console import Console
from rustchat.cli.watch import WatchedServer
from waiting import wait_until


def test_a_ban_says_whom_it_is_about_and_until_when() -> None:
    with rustchat.ChatServer(port=0) as server:
        begin = datetime.datetime.now(datetime.UTC)
        assert server.ban(address="192.0.2.0/24", reason="floods", duration=3600) == 0
        server.ban(address=("192.0.2.7", 1234))
        server.ban(key_id="ann")
        server.ban(name="Mallory")
        kinds = [(ban.kind, ban.subject, ban.reason) for ban in server.bans]
        assert sorted(kinds) == [
            ("address", "192.0.2.7", ""),
            ("key", "ann", ""),
            ("name", "Mallory", ""),
            ("net", "192.0.2.0/24", "floods"),
        ]
        (net,) = (ban for ban in server.bans if ban.kind == "net")
        assert net.until is not None and 3590 < (net.until - begin).total_seconds() < 3700
        assert str(net) == "net 192.0.2.0/24" and json.loads(repr(net).removeprefix("<Ban ")[:-1])["reason"] == "floods"
        assert server.unban(address="192.0.2.0/24") and not server.unban(address="192.0.2.0/24")
        assert server.unban(name="mallory") and server.unban(key_id="ann")
        assert [ban.kind for ban in server.bans] == ["address"]
    assert server.bans == []


def test_what_is_no_ban_is_refused() -> None:
    server = rustchat.ChatServer(port=0)
    with pytest.raises(rustchat.StateError):
        server.ban(name="ann")
    with server:
        for arguments, error in (
            ({}, ValueError),
            ({"address": "192.0.2.1", "name": "ann"}, ValueError),
            ({"address": "192.0.2.1/24"}, ValueError),
            ({"address": 7}, TypeError),
            ({"name": 7}, TypeError),
            ({"key_id": ""}, ValueError),
            ({"name": "ann", "reason": "\x1b"}, ValueError),
            ({"name": "ann", "duration": -1}, ValueError),
            ({"name": "ann", "duration": "long"}, TypeError),
        ):
            with pytest.raises(error):
                server.ban(**arguments)
        # More than there are years to write.
        server.ban(name="ann", duration=1e15)
        assert [ban.until for ban in server.bans] == [None]


def test_a_hook_may_ban_who_speaks() -> None:
    class Strict(rustchat.ChatServer):
        def on_message(self, client: rustchat.Client, text: str) -> str | None:
            if "damn" in text:
                self.ban(address=client.address, reason="mind your language")
                return None
            return text

    with Strict(port=0) as server, rustchat.ChatClient(*server.address) as member:
        member.send("damn")
        with pytest.raises(ConnectionError):
            member.recv(PATIENCE)
        with rustchat.ChatClient(*server.address) as again:
            assert "mind your language" in again.recv_any(PATIENCE).text


def test_a_file_keeps_bans(tmp_path: Path) -> None:
    path = tmp_path / "bans"
    with rustchat.ChatServer(port=0, ban_file=str(path)) as server:
        server.ban(name="Mallory", reason="你好")
        path.write_text('{"address": "127.0.0.1"}\n')
        assert server.reload_bans() == 0
        assert [ban.subject for ban in server.bans] == ["127.0.0.1"]
        path.write_text("nonsense\n")
        with pytest.raises(ValueError, match="line 1"):
            server.reload_bans()
    with pytest.raises(ValueError, match="line 1"):
        server.start()


def test_serve_reads_its_file_again_on_sighup(tmp_path: Path) -> None:
    path = tmp_path / "bans"
    server = Served("--ban-file", str(path))
    try:
        with server.dial() as peer, peer.makefile() as heard:
            peer.sendall(b"here\n")
            assert heard.readline() and heard.readline() == "here\n"
            path.write_text('{"net": "127.0.0.0/8", "reason": "maintenance"}\n')
            server.process.send_signal(signal.SIGHUP)
            assert heard.read().endswith("* banned\n")
        with server.dial() as peer, peer.makefile() as heard:
            assert "you are banned here: maintenance" in heard.read()
    finally:
        assert server.end()[0] == 0


def test_a_console_bans_by_what_it_shows() -> None:
    with WatchedServer(port=0, framing="u32be") as server:
        console = Console(server)
        with rustchat.ChatClient(*server.address, framing="u32be", name="ann") as ann:
            wait_until(lambda: [client.name for client in server.clients] == ["ann"])
            answer = console.obey("ban ann for 10m because she floods")
            assert answer.startswith("address 127.0.0.1 is banned; 1 client disconnected")
            assert "`unban 127.0.0.1`" in answer
            while ann.recv_any(PATIENCE).kind != "bye":
                pass
        table = console.obey("bans").splitlines()
        assert table[0].split() == ["BAN", "UNTIL", "BECAUSE"]
        assert table[1].startswith("address 127.0.0.1  20") and table[1].endswith("  she floods")
        assert console.obey("unban 127.0.0.1") == "address 127.0.0.1 may join again"
        assert console.obey("bans") == "nobody is banned"


@pytest.mark.parametrize(
    ("line", "answer", "bans"),
    [
        ("ban 192.0.2.7", "address 192.0.2.7 is banned; 0 clients disconnected", ["address 192.0.2.7"]),
        ("ban 192.0.2.0/24 for 2h", "net 192.0.2.0/24 is banned; 0 clients disconnected", ["net 192.0.2.0/24"]),
        ("ban name Ann Smith", "name Ann Smith is banned; 0 clients disconnected", ["name Ann Smith"]),
        ("ban key ann because of that", "key ann is banned; 0 clients disconnected", ["key ann"]),
        ("ban 192.0.2.7/24", "not banned: the net '192.0.2.7/24' has bits beyond its length", []),
        ("ban nobody", "nobody here is called nobody", []),
        ("ban 99", "nobody here is called 99", []),
        ("ban", "ban whom?", []),
        ("unban ann", "ann is not banned; see `bans`", []),
        ("unban", "do you mean `unban WHOM`?", []),
    ],
)
def test_a_console_says_what_came_of_it(line: str, answer: str, bans: list[str]) -> None:
    with WatchedServer(port=0) as server:
        assert Console(server).obey(line).startswith(answer)
        assert [str(ban) for ban in server.bans] == bans


def test_one_of_several_bans_is_named() -> None:
    with WatchedServer(port=0) as server:
        server.ban(name="ann")
        server.ban(key_id="ann")
        assert moderation.unban(server, "ann") == "ann may be key ann or name ann: say which"
        assert moderation.unban(server, "key ann") == "key ann may join again"


def test_a_ban_that_cannot_be_kept_is_in_force(tmp_path: Path) -> None:
    path = tmp_path / "bans"
    with WatchedServer(port=0, ban_file=str(path)) as server:
        path.write_text("nonsense\n")
        assert moderation.ban(server, "name mallory").startswith("banned, but not kept: ")
        assert [ban.subject for ban in server.bans] == ["mallory"]
        assert path.read_text() == "nonsense\n"


GUARDED = [(guard, by) for guard in ("secret", "tls") for by in ("address", "net", "key", "name")]
OPEN = [("open", by) for by in ("address", "net", "name")]


@pytest.mark.parametrize("framing", ["line", "u32be"])
@pytest.mark.parametrize(("guard", "by"), OPEN + GUARDED)
def test_whoever_is_banned_is_told_why(framing: Any, guard: str, by: str) -> None:
    secret = "a secret of sixteen bytes"
    serving: dict[str, Any] = {} if guard == "open" else {"keys": {"ann": secret}, "tls": guard == "tls"}
    joining: dict[str, Any] = {} if guard == "open" else {"secret": secret, "key_id": "ann", "tls": guard == "tls"}
    subjects = {"address": "127.0.0.1", "net": "127.0.0.0/8", "key": "ann", "name": "Mallory"}
    with rustchat.ChatServer("127.0.0.1", 0, framing=framing, **serving) as server:
        server.ban(**{{"net": "address", "key": "key_id"}.get(by, by): subjects[by]}, reason="spam")
        name = "mallory" if by == "name" else None
        with rustchat.ChatClient(*server.address, framing=framing, name=name, **joining) as client:

            def hear_all() -> None:
                while True:
                    client.recv_any(PATIENCE)

            with pytest.raises(rustchat.ConnectionClosed, match=r"you are banned here: spam$"):
                hear_all()
