"""rustchat.testing.World: a server in the hands of a test, its people and the time."""

import json
import logging
import time

import pytest
import rustchat
from certificates import Issued
from rustchat.testing import World

SECRET = "open sesame, and more than that"


class Told(rustchat.ChatServer):
    """Notes what its hooks are told."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.told = []

    def on_join(self, client):
        self.told.append(("join", client.address))
        self.send(client, "welcome")

    def on_message(self, client, text):
        self.told.append(("message", text))
        return None if text == "damn" else text.upper()

    def on_leave(self, client, reason):
        self.told.append(("leave", reason))


def test_what_follows_has_happened_when_a_call_returns():
    with World(Told("127.0.0.1", 60000)) as world:
        assert world.server.address == ("127.0.0.1", 60000)
        ann, ben = world.join(), world.join(("192.0.2.7", 4711))
        assert ann.heard[-1] == ben.heard[-1] == "welcome"
        ann.say("hello")
        assert ben.heard[-1] == ann.heard[-1] == "HELLO"
        ann.say("damn")
        assert ben.heard[-1] == "HELLO"
        ann.say("quit")
        assert ann.gone and not ben.gone and len(world.server.clients) == 1
        ben.leave()
        assert world.server.told == [
            ("join", ("127.0.0.1", 50001)),
            ("join", ("192.0.2.7", 4711)),
            ("message", "hello"),
            ("message", "damn"),
            ("leave", "quit"),
            ("leave", "closed the connection"),
        ]
    assert not world.server.running


def test_ten_minutes_pass_in_no_time_and_to_the_moment():
    with World(Told(idle_timeout=600)) as world:
        ann, ben = world.join(), world.join()
        world.advance(599.999)
        ben.say("still here")
        assert not ann.gone
        world.advance(0.001)
        assert ann.gone and ann.farewell == "said nothing for too long" and not ben.gone
        assert world.server.told[-1] == ("leave", "said nothing for too long")
        assert world.now == pytest.approx(600)
        world.advance(7 * 24 * 3600)
        assert ben.gone


def test_stamps_are_of_the_worlds_time(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    with World(rustchat.ChatServer(port=7)) as world:
        ann = world.join()
        world.advance(3661)
        ann.say("hello")
        assert ann.heard == ["2026/01/01 01:01:01 127.0.0.1:50001", "hello"]
    with World(rustchat.ChatServer(), begins=86400.0) as world:
        ann = world.join()
        ann.say("hello")
        assert ann.heard[0].startswith("1970/01/02 00:00:00")


def test_strangers_speak_at_the_rate_that_is_set():
    with World(rustchat.ChatServer(rate=(2, 0.5))) as world:
        ann = world.join()
        ann.send(b"1\n2\n3\n4\n")
        assert ann.heard[1::2] == ["1", "2"]
        world.advance(1.9)
        assert ann.heard[1::2] == ["1", "2"]
        world.advance(0.2)
        assert ann.heard[1::2] == ["1", "2", "3"]
        world.advance(2)
        assert ann.heard[1::2] == ["1", "2", "3", "4"]


def test_who_answers_no_ping_goes():
    with World(rustchat.ChatServer(framing="u32be", ping_interval=25, ping_timeout=10)) as world:
        ann, ben = world.join(), world.join()
        ben.answers_pings = False
        world.advance(34.9)
        assert not ben.gone
        world.advance(0.1)
        assert ben.gone and ben.farewell == "did not answer a ping"
        world.advance(3600)
        assert not ann.gone
        ann.say("hello")
        assert ann.messages[-1]["text"] == "hello" and ann.messages[-1]["seq"] == 1
        ann.tell({"type": "hello", "name": "ann"})
        assert ann.messages[-1]["type"] == "name"


def test_who_reads_nothing_is_too_slow():
    with World(rustchat.ChatServer(outbox_limit=64 * 1024, write_timeout=10)) as world:
        ann, ben = world.join(), world.join()
        ben.deaf = True
        for _ in range(400):
            ann.say("x" * 4000)
            if len(world.server.clients) == 1:
                break
            world.advance(0.01)
        world.advance(11)
        assert [client.address for client in world.server.clients] == [("127.0.0.1", 50001)]
        ben.deaf = False
        world.settle()
        assert ben.gone and not ann.gone


def test_who_proves_the_secret_joins_and_who_is_silent_does_not():
    with World(rustchat.ChatServer(secret=SECRET, handshake_timeout=5)) as world:
        ann, silent = world.join(secret=SECRET), world.connect()
        ann.say("hello")
        assert ann.heard[-1] == "hello"
        with pytest.raises(rustchat.AuthenticationError):
            world.join(secret="something else, and as long")
        world.advance(4.9)
        assert not silent.gone
        world.advance(2)
        assert silent.gone and len(world.server.clients) == 1
        assert world.server.stats().authentication_failed == 2


class Picky(rustchat.ChatServer):
    def authorize(self, client):
        return client.address[0] == "192.0.2.1"


def test_who_is_not_admitted_is_sent_away():
    with World(Picky()) as world:
        assert not world.join(("192.0.2.1", 1)).gone
        with pytest.raises(rustchat.ConnectionClosed, match="not admitted"):
            world.join(("192.0.2.2", 1))


class Broken(rustchat.ChatServer):
    def on_message(self, client, text):
        raise LookupError(text)


def test_what_a_hook_raises_is_raised_when_the_server_has_dealt_with_it(caplog):
    caplog.set_level(logging.CRITICAL, "rustchat")
    with World(Broken()) as world:
        ann = world.join()
        with pytest.raises(LookupError, match="hello"):
            ann.say("hello")
        assert "not said: the server's filter failed" in ann.heard[-1]
    with World(Broken(on_error="pass"), strict=False) as world:
        ann = world.join()
        ann.say("hello")
        assert ann.heard[-1] == "hello"


def test_the_servers_own_calls_are_heard_with_the_next_call_here():
    with World(rustchat.ChatServer()) as world:
        ann = world.join()
        assert world.server.broadcast("hear, hear") == 1
        assert ann.heard[-1] == "hear, hear"
        world.server.disconnect(world.server.clients[0])
        world.settle()
        assert ann.farewell == "disconnected by the server"


def test_nothing_waits():
    start = time.monotonic()
    with World(rustchat.ChatServer(send_timeout=60, outbox_limit=64 * 1024)) as world:
        world.join().deaf = True

        def flood():
            for _ in range(1000):
                world.server.broadcast("x" * 8000)

        with pytest.raises(rustchat.QueueOverflow):
            flood()
        with pytest.raises(rustchat.Error):
            world.server.join(60)
    assert time.monotonic() - start < 30


def test_a_server_is_in_one_world_and_may_be_in_another_later():
    server = Told(port=0)
    with World(server) as world:
        with pytest.raises(rustchat.StateError):
            World(server)
        with pytest.raises(rustchat.StateError):
            server.start()
        ann = world.join()
    assert ann.gone and ann.farewell == "server stopped" and server.stats().joined == 1
    with pytest.raises(rustchat.ConnectionClosed):
        ann.say("x")
    with World(server) as world:
        world.join()
    with server:
        assert server.running


def test_it_stops_when_its_time_has_come():
    world = World(rustchat.ChatServer())
    ann = world.join()
    ann.deaf = True
    world.server.stop(3)
    world.settle()
    assert world.server.clients == []
    with pytest.raises(rustchat.ConnectionRefused):
        world.join()
    before = world.now
    world.stop(3)
    assert world.now - before <= 3 and not world.server.running
    world.close()
    world.close()


@pytest.mark.parametrize("framing", ["line", "u32be"])
def test_guests_speak_tls_where_the_server_does(framing):
    with World(Told(framing=framing, secret=SECRET, tls=True, idle_timeout=600)) as world:
        ann, ben = world.join(secret=SECRET), world.join(("192.0.2.7", 4711), secret=SECRET)
        members = world.server.clients
        assert [(member.protection, member.binding) for member in members] == [("tls", "tls-exporter")] * 2
        assert world.server.stats().members_tls == 2
        text = "x" * 5000
        for _ in range(20):
            ann.say(text)
        assert sum(text.upper() in heard for heard in ben.heard) == 20
        ben.leave()
        assert world.server.told[-1] == ("leave", "connection lost")
        world.advance(600)
        assert ann.gone and ann.farewell == "said nothing for too long"


def test_without_a_secret_it_is_the_certificate_that_the_server_shows(certificate: Issued):
    with World(Told(tls=rustchat.TLS(cert=certificate.cert, key=certificate.key))) as world:
        assert world.join().heard[-1] == "welcome"
        assert world.server.clients[0].protection == "tls"


def test_who_has_another_secret_or_speaks_no_tls_does_not_get_in():
    server = Told(secret=SECRET, tls=True, handshake_timeout=5)
    with World(server) as world:
        with pytest.raises(rustchat.AuthenticationError):
            world.join(secret="another secret than that of the room")
        plain = world.connect(tls=False)
        plain.send(b"hello\n")
        assert plain.gone
        silent = world.connect()
        assert not silent.gone
        world.advance(5)
        assert silent.gone and server.told == [] and server.stats().joined == 0


def test_there_is_no_world_for_async_hooks():
    class Later(rustchat.ChatServer):
        async def on_join(self, client):
            pass

    with pytest.raises(TypeError, match="on_join"):
        World(Later())


def test_who_comes_beyond_the_limit_is_told_so():
    with World(rustchat.ChatServer(members_per_ip=1, framing="u32be")) as world:
        world.join(("192.0.2.1", 1))
        with pytest.raises(rustchat.ConnectionClosed, match="too many connections"):
            world.join(("192.0.2.1", 2))
        assert json.loads(world.guests[-1].heard[0])["code"]
