"""Secrets of less than 16 bytes beyond this machine: taken, and warned of in the log."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess

import pytest
import rustchat
import rustchat.socket
from commands import COMMAND, PATIENCE
from rustchat import socketserver


def own_address() -> str | None:
    """An address of this machine that is no loopback, or none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = str(sock.getsockname()[0])
        return None if address.startswith("127.") else address


OWN = own_address()
reachable = pytest.mark.skipif(OWN is None, reason="this machine has no address but loopback")


def said(records) -> list[str]:
    """Whose secrets were warned of so far."""
    # Records come in order: behind this one there is nothing of what was before.
    with rustchat.ChatServer("127.0.0.1:0") as other:
        records.find(f"listening on 127.0.0.1:{other.address[1]}")
    warned = [record for record in records.records if "less than 16 bytes" in record.getMessage()]
    assert {record.levelname for record in warned} <= {"WARNING"}
    return [record.getMessage().split(" has ")[0] for record in warned]


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


class Nothing(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        pass


class Framed(socketserver.FramedRequestHandler):
    def handle(self) -> None:
        pass


@contextlib.contextmanager
def guarded(address: str, **options):
    """A socketserver of streams."""
    kind = type("Guarded", (socketserver.AuthMixIn, socketserver.ThreadingTCPServer), options)
    with kind((address, 0), Nothing) as server:
        yield server.server_address


@contextlib.contextmanager
def framed(address: str, **options):
    kind = type("Guarded", (socketserver.AuthMixIn, socketserver.ThreadingFramedServer), options)
    with kind((address, 0), Framed) as server:
        yield server.server_address


@contextlib.contextmanager
def room(address: str, **options):
    with rustchat.ChatServer(address, 0, **options) as server:
        yield server.address


@contextlib.contextmanager
def listener(address: str, **options):
    with rustchat.listen((address, 0), **options) as server:
        yield server.address


@pytest.mark.parametrize("start", [room, listener, guarded, framed])
def test_keys_that_come_later_are_warned_of_too(records, start) -> None:
    keys = rustchat.auth.KeyRing({"ann": "sixteen bytes or more"})
    with start("0.0.0.0", keys=keys) as address:
        keys.add("ben", "short")
        keys["cid"] = "long enough for everybody"
        keys["dan"] = b"x" * 15
        place = f"0.0.0.0:{address[1]}"
        assert said(records) == [f'{place}: the secret of "ben"', f'{place}: the secret of "dan"']


@pytest.mark.parametrize("start", [room, listener, guarded, framed])
def test_keys_that_come_later_on_this_machine_are_not(records, start) -> None:
    keys = rustchat.auth.KeyRing({"ann": "a"})
    with start("127.0.0.1", keys=keys):
        keys.add("ben", "short")
        assert said(records) == []


@pytest.mark.parametrize("start", [guarded, framed])
def test_a_socketservers_short_secret_is_warned_of(records, start) -> None:
    with start("0.0.0.0", secret="short") as address:
        assert said(records) == [f"0.0.0.0:{address[1]}: the secret"]


@reachable
def test_a_clients_short_secret_is_warned_of(records) -> None:
    with room("0.0.0.0", secret="short") as (_, port):
        records.records.clear()
        rustchat.connect((OWN, port), secret="short").close()
        with rustchat.ChatClient(OWN, port, secret="short"):
            pass
        rustchat.connect(("127.0.0.1", port), secret="short").close()
        warned = said(records)
        assert warned[-2:] == [f"{OWN}:{port}: the secret"] * 2
        # The server's own may have come behind the clearing.
        assert set(warned[:-2]) <= {f"0.0.0.0:{port}: the secret"}


@reachable
@pytest.mark.parametrize("secret", ["short", "sixteen bytes or more"])
def test_a_sockets_short_secret_is_warned_of(records, background, secret: str) -> None:
    def meet(address) -> None:
        near = rustchat.socket.create_connection(address, PATIENCE)
        far, _ = listening.accept()
        far.settimeout(PATIENCE)
        with near, far:
            serving = background(lambda: far.authenticate(secret, side="server"))
            near.authenticate(secret, side="client")
            serving.result()

    with rustchat.socket.create_server(("0.0.0.0", 0)) as listening:
        port = listening.getsockname()[1]
        meet(("127.0.0.1", port))
        assert said(records) == []
        meet((OWN, port))
        meet((OWN, port))
        # Each of the client's, and the server's once: strangers could bring it about as often as they like.
        assert said(records) == [f"{OWN}:{port}: the secret"] * (3 if secret == "short" else 0)


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
