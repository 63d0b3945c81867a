"""Addresses: whatever connect() takes, servers, clients and commands take as well, and the error says what is wrong."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import rustchat
from commands import COMMAND, run
from commands import PATIENCE as LONG
from conftest import PATIENCE, in_child


def talks(server: rustchat.ChatServer, *address: object) -> None:
    with rustchat.ChatClient(*address) as client:
        client.send("hello")
        assert client.recv(PATIENCE).text == "hello"


@pytest.mark.parametrize(
    "address",
    [
        ("127.0.0.1:0",),
        ("localhost:0",),
        ("[::1]:0",),
        ("[::1]", 0),
        ("::1", 0),
        (("127.0.0.1", 0),),
        (("::1", 0), 0),
        ("127.0.0.1:0", 0),
    ],
    ids=str,
)
def test_a_host_has_its_port_in_either_place(address: tuple[object, ...]) -> None:
    with rustchat.ChatServer(*address) as server:
        host, port = server.address
        assert port > 0
        talks(server, server.address)
        talks(server, host, port)
        talks(server, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")


@pytest.mark.parametrize("path", ["./room", "room.sock", "room.socket", "unix:room", Path("room")], ids=str)
def test_a_relative_path_is_a_path(path: str | Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with rustchat.ChatServer(path) as server:
        assert os.listdir(tmp_path) == [str(path).removeprefix("unix:").removeprefix("./")]
        talks(server, path)
        talks(server, server.address)
    with rustchat.listen(path) as listener, rustchat.connect(path) as near, listener.accept(PATIENCE) as far:
        near.send(b"hello")
        assert far.recv(PATIENCE) == b"hello"


@pytest.mark.parametrize(
    ("address", "error", "said"),
    [
        (("127.0.0.1:5", 6), rustchat.InvalidArgument, "has a port, and port is 6"),
        ((("127.0.0.1", 5), 6), rustchat.InvalidArgument, "port is 6"),
        (("127.0.0.1:http",), rustchat.AddressError, "the port is not a number"),
        (("127.0.0.1:70000",), rustchat.AddressError, "from 0 to 65535"),
        (("[::1",), rustchat.AddressError, "a bracket is not closed"),
        (("1:2:3",), rustchat.AddressError, "needs brackets before a port"),
        ((5,), TypeError, "argument 'ip': expected"),
        ((("127.0.0.1",),), TypeError, "argument 'ip': expected"),
        ((("127.0.0.1", "5"),), TypeError, "argument 'ip': expected"),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [rustchat.ChatServer, rustchat.ChatClient])
def test_a_wrong_address_says_what_is_wrong(kind, address: tuple[object, ...], error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        kind(*address).start()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "[::1]", "rel"])
def test_where_a_port_is_wanted_it_says_where_it_goes(address: str) -> None:
    for call in (rustchat.connect, rustchat.listen):
        with pytest.raises(rustchat.AddressError, match=r"expected host:port, \[ipv6\]:port or the path"):
            call(address)


def test_a_port_in_the_hosts_place_of_a_pair_is_told() -> None:
    with pytest.raises(rustchat.AddressError, match="the port does not belong to the host"):
        rustchat.listen(("127.0.0.1:5", 0))


def test_a_file_that_was_meant_as_a_path_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with rustchat.ChatServer("./room"), pytest.raises(rustchat.AddressError, match=r"is '\./room'"):
        rustchat.ChatClient("room").start()


@pytest.mark.parametrize("words", [["--host", "127.0.0.1:0"], ["--host", "[::1]:0"], ["--host", "::1", "--port", "0"]])
def test_commands_take_a_port_in_either_place(words: list[str]) -> None:
    server = subprocess.Popen([*COMMAND, "serve", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    try:
        address = server.stdout.readline().split()[-1]
        done = run("chat", address, said="hello\n")
        assert (done.returncode, done.stderr) == (0, "")
        host, _, port = address.rpartition(":")
        done = run("chat", host, port, said="hello\n")
        assert (done.returncode, done.stderr) == (0, "")
    finally:
        server.terminate()
        server.communicate(timeout=LONG)


def test_commands_take_a_relative_path(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [*COMMAND, "serve", "--host", "room.sock"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert server.stdout
    try:
        assert server.stdout.readline() == "listening on room.sock\n"
        for path in ("room.sock", "./room.sock", str(tmp_path / "room.sock")):
            done = subprocess.run(
                [*COMMAND, "chat", path], input=b"hello\n", capture_output=True, cwd=tmp_path, timeout=LONG
            )
            assert (done.returncode, done.stderr) == (0, b"")
    finally:
        server.terminate()
        server.communicate(timeout=LONG)


def test_two_ports_are_one_too_many_for_a_command() -> None:
    done = run("chat", "127.0.0.1:5", "6")
    assert done.returncode == 1
    assert "has a port, and port is 6" in done.stderr


class Bare(rustchat.ChatServer):
    def __init__(self) -> None:
        """Without the base's."""


class BareClient(rustchat.ChatClient):
    def __init__(self) -> None:
        """Without the base's."""


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_what_a_thing_is_can_be_asked_at_any_time() -> None:
    assert (Bare().address, repr(Bare())) == (None, "<Bare stopped>")
    assert (BareClient().address, BareClient().peer, repr(BareClient())) == (None, None, "<BareClient not connected>")
    server = rustchat.ChatServer("127.0.0.1:0")
    assert (server.address, repr(server)) == (("127.0.0.1", 0), "<ChatServer stopped>")
    with server, rustchat.ChatClient(server.address) as client, rustchat.listen("127.0.0.1:0") as listener:
        address, own = server.address, client.address
        here = (server.address, client.address, client.peer, listener.address)
        assert in_child(lambda: (server.address, client.address, client.peer, listener.address)) == repr(here)
        assert in_child(lambda: repr(server)) == repr("<ChatServer of the parent process on {}:{}>".format(*address))
        assert in_child(lambda: repr(client)) == repr("<ChatClient of the parent process with {}:{}>".format(*address))
        assert in_child(lambda: repr(listener)) == repr(repr(listener))
        assert own is not None
    assert (server.address, repr(server)) == (("127.0.0.1", 0), "<ChatServer stopped>")
    assert (client.address, client.peer, repr(client)) == (None, address, "<ChatClient not connected>")
    assert repr(listener).endswith(" closed>")
