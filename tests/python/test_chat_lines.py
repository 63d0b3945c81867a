"""Line chat over raw sockets, with a server that overrides nothing."""

import datetime
import re

import pytest
import rustchat
from conftest import LinePeer, wait_until


def test_everybody_gets_what_anybody_says_the_sender_included(server, peers):
    ann, ben = peers(server, 2)
    ann.say("hello")
    stamp, text = ann.hear()
    assert text == "hello"
    host, port = ann.sock.getsockname()
    assert re.fullmatch(rf"\d{{4}}/\d\d/\d\d \d\d:\d\d:\d\d {re.escape(host)}:{port}", stamp)
    assert ben.hear() == (stamp, "hello")


def test_the_same_order_for_all(server, peers):
    members = peers(server, 3)
    for index in range(50):
        for name, member in enumerate(members):
            member.say(f"{name}:{index}")
    heard = [[member.text() for _ in range(150)] for member in members]
    assert heard[0] == heard[1] == heard[2]
    assert sorted(heard[0]) == sorted(f"{name}:{index}" for index in range(50) for name in range(3))


def test_quit_leaves_and_blank_lines_are_nothing(server, peers):
    ann, ben = peers(server, 2)
    ann.say("")
    ann.say("hi")
    assert ben.text() == "hi"
    ann.say("quit")
    assert ann.text() == "hi"
    assert ann.file.read() == b""
    wait_until(lambda: len(server.clients) == 1)


def test_a_line_in_many_pieces_and_many_lines_in_one_piece(server, peers):
    ann = peers(server)
    for byte in "grüße\n".encode():
        ann.sock.sendall(bytes([byte]))
    ann.sock.sendall(b"one\ntwo\r\nthree\n")
    assert [ann.text() for _ in range(4)] == ["grüße", "one", "two", "three"]


def test_what_is_too_long_or_no_text_is_answered_and_nobody_else_sees_it(server, peers):
    ann, ben = peers(server, 2)
    ann.sock.sendall(b"caf\xe9 noir\n")
    assert "UTF-8" in ann.text()
    ann.sock.sendall(b"x" * 9000 + b"\n")
    assert "limit" in ann.text()
    server.broadcast("after")
    assert ben.text() == "after"


def test_clients_show_who_is_there(server, peers):
    ann, ben = peers(server, 2)
    ann.say("12345")
    ben.text()
    by_port = {client.address[1]: client for client in server.clients}
    client = by_port[ann.sock.getsockname()[1]]
    assert client.address == ann.sock.getsockname()
    assert str(client) == "{}:{}".format(*client.address)
    assert (client.name, client.key_id, client.bytes_in, client.messages_in) == (None, "", 6, 1)
    wait_until(lambda: client.messages_out == 1 and client.bytes_out > 0)
    assert client.outbox == 0
    now = datetime.datetime.now(datetime.UTC)
    assert abs(now - client.joined) < datetime.timedelta(minutes=1)
    assert client == next(other for other in server.clients if other.id == client.id)
    assert client != by_port[ben.sock.getsockname()[1]]
    assert len({*server.clients, *server.clients}) == 2
    assert str(client) in repr(client)


def test_broadcast_send_and_disconnect(server, peers):
    ann, ben = peers(server, 2)
    first, second = server.clients
    peer_of = {peer.sock.getsockname(): peer for peer in (ann, ben)}
    one, two = peer_of[first.address], peer_of[second.address]
    assert server.broadcast("to all") == 2
    assert one.text() == two.text() == "to all"
    assert server.broadcast("to two", except_=first) == 1
    server.send(first, "to one")
    assert one.text() == "to one"
    assert two.text() == "to two"
    server.disconnect(first.id)
    assert "disconnected" in one.file.read().decode()
    wait_until(lambda: len(server.clients) == 1)
    with pytest.raises(rustchat.NoSuchPeer):
        server.send(first, "anybody there?")
    with pytest.raises(LookupError):
        server.disconnect(first)


def test_stats_count(server, peers):
    ann, _ = peers(server, 2)
    ann.say("hello")
    ann.text()
    # Bytes are counted at the end of the turn in which they came.
    wait_until(lambda: (server.stats().deliveries, server.stats().bytes_in) == (2, 6))
    stats = server.stats()
    assert (stats.members, stats.accepted, stats.joined, stats.messages) == (2, 2, 2, 1)
    assert stats.as_dict()["members"] == 2
    assert "messages=1" in repr(stats)


def test_a_slow_member_is_disconnected_and_the_others_get_everything(peers):
    with rustchat.ChatServer(port=0, outbox_limit=64 * 1024) as server:
        stalled = peers(server)
        reader = peers(server)
        text = "x" * 4000
        count = 0
        while server.stats().too_slow == 0 and count < 20_000:
            server.broadcast(text)
            assert reader.text() == text
            count += 1
        assert server.stats().too_slow == 1
        assert [client.address for client in server.clients] == [reader.sock.getsockname()]
        stalled.close()


def test_a_unix_socket_serves_as_well(tmp_path, peers):
    path = tmp_path / "chat.sock"
    with rustchat.ChatServer(path) as server:
        assert server.address == str(path)
        ann, ben = peers(server, 2)
        ann.say("hello")
        assert ben.text() == "hello"
    assert not path.exists()


def test_ipv6(peers):
    with rustchat.ChatServer("::1", 0) as server:
        host, port = server.address
        assert host == "::1"
        with rustchat.ChatClient(host, port) as client:
            client.send("hi")
            assert client.recv(10).sender.address[0] == "::1"


def test_announcements(peers):
    with rustchat.ChatServer(port=0, announce=True) as server:
        ann = peers(server)
        ben = LinePeer(server.address)
        assert "joined" in ann.text()
        ben.close()
        assert "closed the connection" in ann.text()
