"""Secrets of less than 16 bytes beyond this machine: taken, and warned of in the log."""

from __future__ import annotations

import signal
import subprocess

import pytest
import rustchat
from commands import COMMAND, PATIENCE


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
@pytest.mark.parametrize("kind", ["server", "listener"])
@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"secret": "short"}, ["the secret"]),
        ({"keys": {"ann": "x" * 15, "ben": "x" * 16, "cid": "y"}}, ['the secret of "ann"', 'the secret of "cid"']),
        ({"secret": "x" * 16}, []),
        ({"allow_anonymous": True}, []),
    ],
)
def test_each_short_secret_is_warned_of(records, address: str, kind: str, options: dict, named: list[str]) -> None:
    if kind == "server":
        with rustchat.ChatServer(address, **options) as server:
            port = server.address[1]
    else:
        with rustchat.listen(address, **options) as listener:
            port = listener.address[1]
    # Records come in order: behind this one there is nothing of the server above.
    with rustchat.ChatServer("127.0.0.1:0") as other:
        records.find(f"listening on 127.0.0.1:{other.address[1]}")
    said = [record for record in records.records if "less than 16 bytes" in record.getMessage()]
    assert [record.getMessage().split(" has ")[0].split(": ", 1) for record in said] == [
        [address.replace(":0", f":{port}", 1) if address[0] != "[" else f"[::]:{port}", name] for name in named
    ]
    assert {record.levelname for record in said} <= {"WARNING"}


@pytest.mark.parametrize("place", ["127.0.0.1:0", "[::1]:0", "./room"])
def test_on_this_machine_any_secret_will_do(records, place: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with rustchat.ChatServer(place, secret="short") as server:
        with rustchat.ChatClient(server.address, secret="short") as client:
            client.send("hello")
            assert client.recv(PATIENCE).text == "hello"
    records.find("listening on ")
    assert not any("16 bytes" in record.getMessage() for record in records.records)


def test_the_command_shows_the_warning(tmp_path) -> None:
    key = tmp_path / "key"
    key.touch(0o600)
    key.write_text("short\n")
    server = subprocess.Popen(
        [*COMMAND, "serve", "--host", "0.0.0.0:0", "--secret-file", str(key)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout
    server.stdout.readline()
    server.send_signal(signal.SIGTERM)
    _, errors = server.communicate(timeout=PATIENCE)
    assert "WARNING rustchat: 0.0.0.0:" in errors and "`rustchat key`" in errors
    assert server.returncode == 0
