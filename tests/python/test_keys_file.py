"""Keys in a file: read at start, and again on SIGHUP, which ends the memberships of those that count no more."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
import rustchat
from commands import PATIENCE, Served, run
from rustchat.cli import keys_file
from rustchat.cli.failure import Failure
from waiting import wait_until


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "chat.keys"
    write(path, ann="the secret of ann", ben="the secret of ben")
    return path


def write(path: Path, **secrets: str) -> None:
    """In one step, as editors do it."""
    new = path.with_suffix(".new")
    new.write_text("# keys\n\n" + "".join(f"{name} = {secret}\n" for name, secret in secrets.items()))
    new.chmod(0o600)
    new.replace(path)


def join(server: Served, name: str, secret: str | None = None) -> rustchat.ChatClient:
    client = rustchat.ChatClient(
        "127.0.0.1", server.port, framing="u32be", key_id=name, secret=secret or f"the secret of {name}"
    )
    client.start()
    assert client.recv_any(PATIENCE).kind == "welcome"
    return client


def farewell(client: rustchat.ChatClient) -> str:
    while (message := client.recv_any(PATIENCE)).kind != "bye":
        pass
    return message.text


def test_sighup_ends_what_was_begun_with_a_revoked_key_and_nothing_else(keys: Path) -> None:
    server = Served("--keys-file", str(keys), "--framing", "json", "--log-level", "info")
    try:
        ann, ben = join(server, "ann"), join(server, "ben")
        write(keys, ben="the secret of ben", cleo="the secret of cleo")
        server.process.send_signal(signal.SIGHUP)
        assert farewell(ann) == "key revoked"
        with pytest.raises(rustchat.AuthenticationError):
            join(server, "ann")
        cleo = join(server, "cleo")
        ben.send("still here")
        assert cleo.recv(PATIENCE).text == "still here"
        write(keys, ben="another secret", cleo="the secret of cleo")
        server.process.send_signal(signal.SIGHUP)
        assert farewell(ben) == "key revoked"
        join(server, "ben", "another secret").stop()
        for client in (ann, ben, cleo):
            client.stop()
    finally:
        code, errors = server.end()
    assert code == 0
    assert f"2 keys from {keys}; revoked: 'ann'" in errors


def test_a_broken_file_changes_nothing_and_says_which_line_is_wrong(keys: Path) -> None:
    server = Served("--keys-file", str(keys), "--framing", "json")
    try:
        ann = join(server, "ann")
        for broken, complaint in (
            ("cleo = secret\nann the secret of ann\n", "line 2: expected id = secret"),
            ("", "there is no key in it"),
        ):
            keys.write_text(broken)
            server.process.send_signal(signal.SIGHUP)
            assert server.process.stderr is not None
            line = server.process.stderr.readline()
            assert complaint in line and "what was read before stays in force" in line
            assert "secret of ann" not in line
        ann.send("still here")
        assert ann.recv(PATIENCE).text == "still here"
        ann.stop()
    finally:
        assert server.end()[0] == 0


def test_a_storm_of_sighups_and_one_while_it_stops_do_no_harm(keys: Path) -> None:
    server = Served("--keys-file", str(keys), "--framing", "json")
    ann = join(server, "ann")
    for round in range(300):
        write(keys, ann="the secret of ann", **{f"key{round}": "x" * 20})
        server.process.send_signal(signal.SIGHUP)
    ann.send("still here")
    assert ann.recv(PATIENCE).text == "still here"
    # It waits a moment for the member, which does not go.
    server.process.send_signal(signal.SIGTERM)
    while server.process.poll() is None:
        server.process.send_signal(signal.SIGHUP)
        time.sleep(0.001)
    assert (server.process.wait(PATIENCE), ann.stop()) == (0, None)
    server.kill()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("ann\n", "line 1: expected id = secret"),
        ("ann = a\n# x\nann = b\n", "line 3: the id 'ann' comes twice"),
        ("ann =\n", "line 1: "),
        ("a\tb = x\n", "line 1: "),
        (f"{'x' * 65} = x\n", "line 1: "),
        ("# nothing\n", "there is no key in it"),
        (b"\xff = x\n", "line 1: the id is not UTF-8"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str | bytes, complaint: str) -> None:
    path = tmp_path / "keys"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(0o600)
    with pytest.raises(Failure) as failure:
        keys_file.read(path)
    assert complaint in str(failure.value)


def test_ids_and_secrets_stand_on_either_side_of_the_first_equals_sign(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes("ann = a = b\n = of all\n Ünal =\tx \r\n".encode())
    path.chmod(0o600)
    assert keys_file.read(path) == {"ann": b"a = b", "": b"of all", "Ünal": b"x"}


def test_a_file_for_others_is_warned_of_and_there_is_one_kind_of_key(keys: Path) -> None:
    keys.chmod(0o640)
    server = Served("--keys-file", str(keys))
    code, errors = server.end()
    assert code == 0 and f"chmod 600 {keys}" in errors
    done = run("serve", "--port", "0", "--keys-file", str(keys), "--secret-file", str(keys))
    assert done.returncode == 1 and "expected one of them" in done.stderr


def test_a_key_ring_is_replaced_in_one_step() -> None:
    ring = rustchat.auth.KeyRing({"ann": "a", "ben": "b"})
    assert ring.replace({"ben": "b", "cleo": "c"}) == ["ann"]
    assert ring.replace({"ben": "another", "cleo": b"c"}) == ["ben"]
    for wrong, error in (
        ({"a\nb": "x"}, ValueError),
        ({"dan": ""}, ValueError),
        ({1: "x"}, TypeError),
        (None, TypeError),
    ):
        with pytest.raises(error):
            ring.replace(wrong)
    assert ring.ids() == ["ben", "cleo"]


def test_among_a_thousand_members_one_key_is_revoked_within_a_second(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    write(keys, one="the secret of one", others="the secret of others")
    server = Served(
        *("--keys-file", str(keys), "--framing", "json", "--handshake-limit", "1000", "--member-limit", "2000"),
    )
    try:
        clients = [join(server, "one") for _ in range(5)] + [join(server, "others") for _ in range(1000)]
        write(keys, others="the secret of others")
        begin = time.monotonic()
        os.kill(server.process.pid, signal.SIGHUP)
        assert {farewell(client) for client in clients[:5]} == {"key revoked"}
        took = time.monotonic() - begin
        clients[5].send("anybody missing?")
        assert {client.recv(PATIENCE).text for client in clients[5:]} == {"anybody missing?"}
        wait_until(lambda: all(client.connected for client in clients[5:]))
        print(f"{took * 1000:.0f} ms")
        for client in clients:
            client.stop(0)
    finally:
        server.end()
