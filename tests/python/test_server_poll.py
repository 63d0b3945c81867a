"""ChatServer.poll() and answer(): a server that calls nothing, and is asked what happens."""

import select

import pytest
import rustchat
from conftest import PATIENCE, LinePeer, wait_until


@pytest.fixture
def polled():
    """Starts servers that are polled, and stops them in the end."""
    servers = []

    def start(*wanted, **options):
        servers.append(rustchat.ChatServer(port=0, **options))
        servers[-1].start(poll=wanted)
        return servers[-1]

    yield start
    for server in servers:
        server.stop(0)


def next_event(server, kind):
    while True:
        (event,) = server.poll(1, PATIENCE)
        if event.kind == kind:
            return event


def test_what_happens_comes_in_its_order(polled, peers):
    server = polled("messages")
    assert next_event(server, "listening").address == server.address
    ann = peers(server)
    ann.say("hello")
    ann.say("quit")
    wait_until(lambda: not server.clients)
    joined, said, left = server.poll(10, PATIENCE)
    assert [event.kind for event in (joined, said, left)] == ["join", "message", "leave"]
    assert (said.client, said.text, said.seq, left.text) == (joined.client, "hello", 1, "quit")
    assert (joined.question, joined.error, "message" in repr(said)) == (0, None, True)
    with pytest.raises(rustchat.TimeoutError):
        server.poll(timeout=0)


def test_messages_wait_for_their_answers_in_their_order(polled, peers, records):
    server = polled("filter")
    ann = peers(server)
    for text in ("one", "two", "three", "four", "five"):
        ann.say(text)
    asked = [next_event(server, "ask message") for _ in range(5)]
    assert [event.text for event in asked] == ["one", "two", "three", "four", "five"]
    for index, verdict in [(4, True), (3, LookupError()), (2, None), (1, "zwei")]:
        server.answer(asked[index] if index % 2 else asked[index].question, verdict)
    assert server.stats().messages == 0
    server.answer(asked[0], True)
    assert [ann.text() for _ in range(4)] == ["one", "zwei", "* error: not said: the server's filter failed", "five"]
    with pytest.raises(rustchat.InvalidArgument):
        server.answer(asked[0], True)
    with pytest.raises(TypeError):
        server.answer(asked[0], 7.5)


def test_whoever_wants_in_waits_for_the_answer(polled):
    server = polled("membership", "authorize")
    for admitted in (True, False):
        peer = LinePeer(server.address)
        asked = next_event(server, "ask join")
        assert asked.client.address == peer.sock.getsockname()
        server.answer(asked, admitted)
        if admitted:
            next_event(server, "join")
        else:
            assert peer.text() == "* error: not admitted"
        peer.close()


def test_the_descriptor_tells_of_events(polled, peers):
    server = polled("membership")
    next_event(server, "listening")
    assert select.select([server], [], [], 0)[0] == []
    peers(server)
    assert select.select([server], [], [], PATIENCE)[0] == [server]
    next_event(server, "join")
    assert select.select([server], [], [], 0)[0] == []


def test_a_server_that_closes_is_asked_to_its_end(polled, peers):
    server = polled("membership", "filter")
    ann = peers(server)
    ann.say("last words")
    asked = next_event(server, "ask message")
    server.close(PATIENCE)
    server.answer(asked, True)
    assert ann.text() == "last words"
    ann.close()
    next_event(server, "closed")
    with pytest.raises(rustchat.ConnectionClosed):
        server.poll(1, PATIENCE)
    server.join(PATIENCE)


def test_what_cannot_be_polled_is_told(polled):
    for wanted in ([], ["nothing"], "filter"):
        with pytest.raises((rustchat.InvalidArgument, TypeError)):
            rustchat.ChatServer(port=0).start(poll=wanted)
    with rustchat.ChatServer(port=0) as server:
        for call in (server.poll, server.fileno, lambda: server.answer(1, True)):
            with pytest.raises(rustchat.StateError):
                call()
    assert server.fileno() == -1
    with pytest.raises(rustchat.StateError):
        server.poll()
