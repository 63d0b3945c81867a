"""Members: one object for each, with a name and a place for what the program knows of it."""

import gc
import weakref

import pytest
import rustchat
from conftest import PATIENCE, wait_until

SECRET = "what only the two of them know"


class Thing:
    """Something that can be watched."""


class Watched(rustchat.ChatServer):
    def __init__(self, **options):
        super().__init__(port=0, **options)
        self.met = []

    def authorize(self, client):
        client.data = Thing()
        self.met.append(client)
        return True

    def on_join(self, client):
        self.met.append(client)

    def on_message(self, client, text):
        self.met.append(client)
        return text

    def on_said(self, client, text):
        self.met.append(client)

    def on_leave(self, client, reason):
        self.met.append(client)


def is_gone(reference):
    def look():
        gc.collect()
        return reference() is None

    return look


def test_hooks_and_lists_give_the_same_object_each_time(peers):
    with Watched() as server:
        ann = peers(server)
        ann.say("/name ann")
        ann.say("hello")
        wait_until(lambda: len(server.met) == 4)
        (client,) = server.clients
        assert server.find(name="ann") is client is server.clients[0]
        assert all(met is client for met in server.met)
        assert client.name == "ann"
        ann.say("quit")
        wait_until(lambda: len(server.met) == 5)
        assert server.met[-1] is client
        assert server.clients == []


def test_what_a_member_has_goes_with_it(peers):
    with Watched() as server:
        ann, _ben = peers(server, 2)
        wait_until(lambda: len(server.met) == 4)
        server.met.clear()
        first, second = (weakref.ref(client.data) for client in server.clients)
        ann.say("quit")
        wait_until(lambda: len(server.met) == 1)
        left = server.met.pop()
        gone, stays = (first, second) if left.data is first() else (second, first)
        assert gone() is left.data
        del left
        wait_until(is_gone(gone))
        assert stays() is server.clients[0].data
    server.met.clear()
    wait_until(is_gone(stays))


def test_without_hooks_it_goes_when_the_member_has_left(server, peers):
    ann = peers(server)
    assert server.clients[0].data is None
    server.clients[0].data = Thing()
    reference = weakref.ref(server.clients[0].data)
    gc.collect()
    assert reference() is not None
    ann.say("quit")
    wait_until(lambda: server.stats().members == 0)
    wait_until(lambda: server.clients == [])
    assert is_gone(reference)()


def test_what_a_member_has_may_hold_the_server_and_is_collected(peers):
    def let_go():
        server = Watched()
        server.start()
        peers(server, 3)
        wait_until(lambda: len(server.met) == 6)
        for client in server.clients:
            client.data = (server, client, Thing())
        server.met.clear()
        return weakref.ref(server), [weakref.ref(client.data[2]) for client in server.clients]

    gone, things = let_go()
    wait_until(is_gone(gone))
    wait_until(lambda: all(is_gone(thing)() for thing in things))


def test_a_program_that_polls_meets_the_same_objects(peers):
    server = rustchat.ChatServer(port=0)
    server.start(poll=["membership", "messages", "filter"])
    ann, ben = peers(server, 2)
    events = []

    def take(kind, count):
        while sum(event.kind == kind for event in events) < count:
            events.extend(server.poll(timeout=PATIENCE))

    take("join", 2)
    ann.say("/name ann")
    assert ann.text() == "* your name is ann"
    client = server.find(name="ann")
    client.data = Thing()
    ben.text()
    ben.say("/name ben")
    ben.text()
    ben.say("/msg ann psst")
    ben.say("aloud")
    take("ask message", 2)
    private, aloud = (event for event in events if event.kind == "ask message")
    assert (private.to, private.client, private.text) == (client, server.find(name="ben"), "psst")
    assert private.to is client
    assert aloud.to is None
    server.answer(private, True)
    server.answer(aloud, "ALOUD")
    take("message", 1)
    (said,) = (event for event in events if event.kind == "message")
    assert (said.text, said.client, said.to) == ("ALOUD", private.client, None)
    assert said.client is private.client
    ann.say("quit")
    take("leave", 1)
    assert events[-1].client is client
    reference = weakref.ref(client.data)
    del client, private, aloud, said
    events.clear()
    wait_until(is_gone(reference))
    server.stop()


def test_the_program_names_members_by_the_rules_of_names(server, peers):
    ann, ben = peers(server, 2)
    first, second = server.clients
    assert (first.name, second.name) == (None, None)
    first.name = "Ann Lee"
    assert ann.text() == "* your name is Ann Lee"
    assert ben.text().endswith(": is called Ann Lee")
    ann.say("hi")
    assert ben.hear()[0].endswith(f" Ann Lee ({first})")
    with pytest.raises(rustchat.InvalidArgument, match="is taken"):
        second.name = "ann lee"
    with pytest.raises(rustchat.InvalidText, match="reads as the server"):
        second.name = "server"
    with pytest.raises(TypeError, match="expected str or None"):
        second.name = 5
    assert server.find(name="ANN LEE") is first
    assert server.find(name="Ann Lee", key_id="") is first
    assert server.find(key_id="") is first
    assert server.find(name="ben") is None
    assert server.find(name="Ann Lee", key_id="a key") is None
    with pytest.raises(rustchat.InvalidArgument, match="neither"):
        server.find()
    first.name = None
    assert (first.name, server.find(name="Ann Lee")) == (None, None)
    second.name = "Ann Lee"
    ben.say("quit")
    wait_until(lambda: len(server.clients) == 1)
    assert server.find(name="Ann Lee") is None
    with pytest.raises(rustchat.NoSuchPeer):
        second.name = "x"
    server.stop()
    assert server.find(name="ann") is None
    with pytest.raises(rustchat.StateError, match="does not run"):
        first.name = "x"


def test_members_are_found_by_their_keys():
    keys = {"ann": SECRET, "ben": SECRET[::-1]}
    with rustchat.ChatServer(port=0, framing="u32be", keys=keys) as server:
        clients = [
            rustchat.ChatClient(*server.address, framing="u32be", key_id=name, secret=secret, name=f"{name}'s")
            for name, secret in keys.items()
        ]
        for client in clients:
            client.start()
        wait_until(lambda: server.find(name="ann's") and server.find(name="ben's"))
        for name in keys:
            found = server.find(key_id=name)
            assert found is server.find(name=f"{name}'s", key_id=name)
            assert found.key_id == name
        assert server.find(key_id="cat") is None
        # In message chat, too, a member is told what it is called.
        server.find(key_id="ann").name = "someone else"
        while (event := clients[0].recv_any(PATIENCE)).kind != "name" or event.sender.name == "ann's":
            pass
        assert event.sender.name == "someone else"
        for client in clients:
            client.stop()
