"""Who has left is heard no more: no message, no hook, no name; and what stands for a member stands for no other."""

import threading
import time

import pytest
import rustchat
from conftest import PATIENCE, wait_until
from rustchat.testing import World

# Longer than the next of the lines that wait for their rate would have waited.
MUCH_LATER = 0.3


class Recorder(rustchat.ChatServer):
    """Notes every call of a hook with the id of the member."""

    def __init__(self, **options):
        super().__init__("127.0.0.1", 0, **options)
        self.calls = []

    def on_join(self, client):
        self.calls.append(("join", client.id))

    def on_message(self, client, text):
        self.calls.append(("message", client.id))
        return text

    def on_leave(self, client, reason):
        self.calls.append(("leave", client.id))


def client_of(server, peer):
    return next(client for client in server.clients if client.address == peer.sock.getsockname())


def test_no_hook_is_called_for_lines_of_somebody_who_is_gone(peers):
    with Recorder(rate=(5, 50)) as server:
        observer, spammer = peers(server, 2)
        client = client_of(server, spammer)
        spammer.sock.sendall(b"".join(b"spam %d\n" % number for number in range(200)))
        wait_until(lambda: ("message", client.id) in server.calls)
        server.disconnect(client)
        wait_until(lambda: ("leave", client.id) in server.calls)
        time.sleep(MUCH_LATER)
        observer.say("still here")
        while observer.text() != "still here":
            pass
        mine = [call for call, number in server.calls if number == client.id]
        assert mine.count("leave") == 1
        assert mine[-1] == "leave", "a hook was called after on_leave"


def test_a_name_is_free_again_when_a_hello_came_too_late():
    with World(rustchat.ChatServer(framing="u32be", rate=(5, 10))) as world:
        late = world.join()
        client = world.server.clients[0]
        for number in range(7):
            late.say(str(number))
        late.tell({"type": "hello", "name": "alice"})
        assert client.messages_in == 5
        world.server.disconnect(client)
        world.advance(60)
        assert late.gone and client.name is None
        alice = world.join()
        alice.tell({"type": "hello", "name": "alice"})
        alice.say("hello")
        assert alice.messages[-1]["from"]["name"] == "alice"


def test_a_client_of_the_last_run_is_nobody_in_the_next(peers):
    server = rustchat.ChatServer(port=0)
    with server:
        peers(server)
        old = server.clients[0]
    with server:
        newcomer = peers(server)
        assert old != server.clients[0]
        assert old.id != server.clients[0].id
        assert len({old, server.clients[0]}) == 2
        for use in (
            lambda: server.send(old, "secret"),
            lambda: server.disconnect(old),
            lambda: server.send(old.id, "x"),
        ):
            with pytest.raises(rustchat.NoSuchPeer):
                use()
        assert server.broadcast("for all", except_=old) == 1
        assert newcomer.text() == "for all"


def test_a_client_of_one_server_is_nobody_on_another(peers, server):
    peers(server)
    with rustchat.ChatServer(port=0) as other:
        stranger = peers(other)
        client = server.clients[0]
        for use in (lambda: other.send(client, "secret"), lambda: other.disconnect(client)):
            with pytest.raises(rustchat.NoSuchPeer):
                use()
        assert other.broadcast("for all", except_=client) == 1
        assert stranger.text() == "for all"
        assert len(other.clients) == 1


def test_a_client_object_that_is_kept_after_the_leave_reaches_nobody(peers, server):
    ann, ben = peers(server, 2)
    client = client_of(server, ann)
    ann.say("quit")
    wait_until(lambda: len(server.clients) == 1)
    with pytest.raises(rustchat.NoSuchPeer):
        server.send(client, "where are you")
    assert client not in server.clients
    assert client.address == ann.sock.getsockname()
    assert server.broadcast("for the rest", except_=client) == 1
    assert ben.text() == "for the rest"


class Bot(rustchat.ChatServer):
    """Does what the messages say, after a wait at "slow", so that the others are there by then."""

    def __init__(self, **options):
        super().__init__("127.0.0.1", 0, **options)
        self.go = threading.Event()
        self.asked = []

    def on_message(self, client, text):
        self.asked.append(text)
        if text == "slow":
            assert self.go.wait(PATIENCE)
        elif text == "speak":
            assert self.broadcast("BOT") == len(self.clients)
        elif text == "whisper":
            self.send(client, "PSST")
        elif text == "kick":
            self.disconnect(client)
        return text


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        (["m1", "m2", "speak", "m4"], ["m1", "m2", "BOT", "speak", "m4"]),
        (["m1", "whisper", "m3"], ["m1", "PSST", "whisper", "m3"]),
        (["m1", "m2", "kick", "m4"], ["m1", "m2", "* disconnected by the server"]),
    ],
)
def test_what_a_hook_says_comes_after_what_it_has_let_pass(peers, words, heard):
    with Bot() as server:
        ann = peers(server)
        client = server.clients[0]
        ann.sock.sendall("".join(f"{word}\n" for word in ["slow", *words]).encode())
        wait_until(lambda: client.messages_in == 1 + len(words))
        server.go.set()
        assert [ann.text() for _ in range(1 + len(heard))] == ["slow", *heard]
        if "kick" in words:
            wait_until(lambda: not server.clients)
            assert server.asked == ["slow", "m1", "m2", "kick"]


def test_a_goodbye_while_the_server_stops_goes_nowhere_and_raises_nothing(peers, records):
    answers = []

    class Polite(rustchat.ChatServer):
        def on_leave(self, client, reason):
            answers.append(self.broadcast(f"{client} has left"))
            if reason == "server stopped":
                self.send(client, "goodbye")
                self.disconnect(client)

    with Polite(port=0) as server:
        ann, _ben, _cem = peers(server, 3)
        ann.say("quit")
        wait_until(lambda: answers)
    assert answers == [2, 0, 0]
    assert not [record for record in records.records if record.levelname == "ERROR"]


def test_nothing_is_said_to_the_room_after_leaving_it(server):
    for framing in ("line", "u32be"):
        with (
            rustchat.ChatServer(port=0, framing=framing) as server,
            rustchat.ChatClient(*server.address, framing=framing) as client,
        ):
            client.send("hello")
            assert client.recv(PATIENCE).text == "hello"
            client.leave()
            with pytest.raises(rustchat.ConnectionClosed):
                client.send("am I heard?")
