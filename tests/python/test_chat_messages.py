"""Message chat: JSON objects, names, numbers; by a bare socket and by ChatClient."""

import datetime
import json
import socket

import pytest
import rustchat
from conftest import PATIENCE, wait_until

FRAMINGS = ["u32be", "u32le", "multiprocessing"]


class ObjectPeer:
    """A peer that knows nothing of rustchat but the framing."""

    def __init__(self, address, framing):
        self.sock = socket.create_connection(address, PATIENCE)
        self.framing, self.decoder = framing, rustchat.frame.Decoder(framing)

    def say(self, **members):
        self.sock.sendall(rustchat.frame.encode(json.dumps(members).encode(), self.framing))

    def hear(self):
        while (message := self.decoder.next()) is None:
            data = self.sock.recv(65536)
            assert data, "the server closed the connection"
            self.decoder.push(data)
        return json.loads(message)

    def hear_type(self, kind):
        while (message := self.hear())["type"] != kind:
            pass
        return message


@pytest.mark.parametrize("framing", FRAMINGS)
def test_the_fields_of_a_message(framing):
    with rustchat.ChatServer(port=0, framing=framing) as server:
        ann, ben = (ObjectPeer(server.address, framing) for _ in range(2))
        welcome = ann.hear_type("welcome")
        ben.hear_type("welcome")
        ann.say(type="hello", name="ann")
        ann.say(type="message", text="grüße\n\twith a tab")
        for peer in (ann, ben):
            message = peer.hear_type("message")
            assert message["text"] == "grüße\n\twith a tab"
            assert message["room"] == "lobby"
            assert message["epoch"] == welcome["epoch"]
            assert message["seq"] == welcome["seq"] + 1
            assert message["from"]["name"] == "ann"
            assert message["from"]["address"] == "{}:{}".format(*ann.sock.getsockname())
            assert datetime.datetime.fromisoformat(message["time"]).tzinfo is not None
        ann.sock.close()
        ben.sock.close()


@pytest.mark.parametrize("framing", FRAMINGS)
def test_clients_and_numbers_without_a_gap(framing):
    with (
        rustchat.ChatServer(port=0, framing=framing) as server,
        rustchat.ChatClient(*server.address, framing=framing, name="ann") as ann,
        rustchat.ChatClient(*server.address, framing=framing, name="ben") as ben,
    ):
        wait_until(lambda: len([client for client in server.clients if client.name]) == 2)
        for number in range(100):
            (ann if number % 3 else ben).send(str(number))
        heard = {client: [client.recv(PATIENCE) for _ in range(100)] for client in (ann, ben)}
        assert [message.seq for message in heard[ann]] == list(range(heard[ann][0].seq, heard[ann][0].seq + 100))
        assert [(m.seq, m.text) for m in heard[ann]] == [(m.seq, m.text) for m in heard[ben]]
        message = heard[ann][0]
        assert message.kind == "message"
        assert message.sender.name in ("ann", "ben")
        assert str(message.sender) == message.sender.name
        assert {client.name: client.id for client in server.clients}[message.sender.name] == message.sender.id
        assert message.epoch
        assert message.time.tzinfo is not None
        assert abs(datetime.datetime.now(datetime.UTC) - message.time) < datetime.timedelta(minutes=1)


def test_other_kinds_of_messages():
    with rustchat.ChatServer(port=0, framing="u32be", announce=True) as server:
        with rustchat.ChatClient(*server.address, framing="u32be") as ann:
            welcome = ann.recv_any(PATIENCE)
            assert welcome.kind == "welcome"
            assert welcome.sender.address == ann.address
            with rustchat.ChatClient(*server.address, framing="u32be") as ben:
                join = ann.recv_any(PATIENCE)
                assert (join.kind, join.sender.address) == ("join", ben.address)
            leave = ann.recv_any(PATIENCE)
            assert leave.kind == "leave"
            client = server.clients[0]
            server.send(client, "psst")
            direct = ann.recv(PATIENCE)
            assert (direct.kind, direct.text, direct.sender.id) == ("direct", "psst", 0)
            server.disconnect(client)
            bye = ann.recv_any(PATIENCE)
            assert (bye.kind, bye.text) == ("bye", "disconnected by the server")
            with pytest.raises(rustchat.ConnectionClosed, match="disconnected by the server"):
                ann.recv_any(PATIENCE)


def test_a_large_message():
    text = "ü" * 30_000
    with (
        rustchat.ChatServer(port=0, framing="u32be") as server,
        rustchat.ChatClient(*server.address, framing="u32be") as client,
    ):
        client.send(text)
        assert client.recv(PATIENCE).text == text
        with pytest.raises(rustchat.MessageTooLong, match="65536"):
            server.broadcast("x" * 70_000)


def test_what_the_server_refuses_is_told():
    with rustchat.ChatServer(port=0, framing="u32be") as server:
        peer = ObjectPeer(server.address, "u32be")
        peer.sock.sendall(rustchat.frame.encode(b"not json"))
        assert peer.hear_type("error")["text"]
        peer.sock.close()
