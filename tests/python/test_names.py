"""Names of members, and how the server's words are told from theirs."""

import os
import signal
import subprocess
import sys

import pytest
import rustchat
from conftest import PATIENCE, wait_until

ALIKE = ["admin", "ADMIN", "Ａｄｍｉｎ", "Аdmin", "аdmin", "АDМIN", "Adrnin", "Adm\ufe0fin"]  # noqa: RUF001
MISLEADING = [
    "server",
    "Server",
    "ｓｅｒｖｅｒ",  # noqa: RUF001
    "sеrvеr",  # noqa: RUF001
    "[server]",
    "unix",
    "127.0.0.1:60000",
    "l27.O.O.1:6OOOO",
    "127.0.0.1：60000",  # noqa: RUF001
    "[::1]:60000",
    "localhost:60000",
    "/run/chat.sock",
    "* server stopped",
]


@pytest.fixture
def room():
    with rustchat.ChatServer(port=0, framing="u32be") as server:
        yield server


def join(room, name=None):
    return rustchat.ChatClient(*room.address, framing="u32be", name=name)


def answer_to(client):
    """What becomes of the name that a client asks for."""
    while (message := client.recv_any(PATIENCE)).kind not in ("name", "error"):
        pass
    return message


@pytest.mark.parametrize("name", ALIKE)
def test_a_name_is_taken_by_what_looks_like_it(room, name):
    with join(room, "Admin") as teacher:
        assert answer_to(teacher).kind == "name"
        with join(room, name) as pupil:
            refusal = answer_to(pupil)
            assert (refusal.kind, refusal.sender.is_server) == ("error", True)
            assert "is taken" in refusal.text
    wait_until(lambda: not room.clients)
    with join(room, name) as next_one:
        assert answer_to(next_one).sender.name == name


@pytest.mark.parametrize("name", MISLEADING)
def test_a_name_that_reads_as_the_server_or_an_address_is_refused_before_anything_is_sent(room, name):
    with pytest.raises(rustchat.InvalidText, match="name"), join(room, name):
        pass
    assert room.stats().accepted == 0


def test_the_server_is_told_from_its_members(room):
    with join(room, "ann") as ann:
        assert answer_to(ann).kind == "name"
        ann.send("I am the server")
        heard = ann.recv(PATIENCE)
        assert (heard.sender.is_server, heard.sender.name) == (False, "ann")
        room.broadcast("no, I am")
        room.send(room.clients[0], "psst")
        for kind in ("message", "direct"):
            heard = ann.recv(PATIENCE)
            assert (heard.kind, heard.sender.is_server, heard.sender.id) == (kind, True, 0)
        room.disconnect(room.clients[0])
        bye = ann.recv_any(PATIENCE)
        assert (bye.kind, bye.sender.is_server) == ("bye", True)


def test_the_server_is_told_from_its_members_in_line_chat(peers, server):
    with rustchat.ChatClient(*server.address) as client:
        wait_until(lambda: server.clients)
        peers(server).say("by a member")
        assert not client.recv(PATIENCE).sender.is_server
        server.broadcast("by the server")
        assert client.recv(PATIENCE).sender.is_server


def test_a_wrong_refusal_cannot_be_forged_in_line_chat(peers, server):
    with rustchat.ChatClient(*server.address) as client:
        wait_until(lambda: server.clients)
        peers(server).say("* error: you are nobody")
        heard = client.recv(PATIENCE)
        assert (heard.kind, heard.sender.is_server) == ("message", False)


@pytest.mark.parametrize("framing", ["line", "u32be"])
def test_rustchat_chat_shows_who_is_the_server(framing):
    with rustchat.ChatServer(port=0, framing=framing) as server:
        chat = subprocess.Popen(
            [sys.executable, "-m", "rustchat", "chat", "127.0.0.1", str(server.address[1]), "--framing", framing],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            wait_until(lambda: server.clients)
            server.broadcast("good morning")
            for line in chat.stdout:
                if "good morning" in line:
                    break
            assert line.endswith(" server: good morning\n")
            server.send(server.clients[0], "psst")
            whispered = " server (to you): psst\n" if framing == "u32be" else " server: psst\n"
            assert chat.stdout.readline().endswith(whispered)
        finally:
            chat.send_signal(signal.SIGKILL)
            chat.communicate(timeout=PATIENCE)
