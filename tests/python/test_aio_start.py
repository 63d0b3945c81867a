"""rustchat.aio: what start() waits for, it waits for in the loop."""

import socket

import pytest
import rustchat
from loops import Running, pauses, until
from rustchat import aio
from rustchat.aio._readiness import current


@pytest.fixture
def resolver(monkeypatch):
    """Answers look-ups of every kind of loop with what a test gives it, when the test has."""

    class Resolver:
        answer = None
        asked = 0

        def install(self):
            async def look_up(loop, host, port):
                self.asked += 1
                await until(lambda: self.answer is not None)
                if isinstance(self.answer, Exception):
                    raise self.answer
                return [(socket.AF_INET, (ip, port)) for ip in self.answer]

            monkeypatch.setattr(type(current()), "look_up", look_up)

    return Resolver()


def test_a_server_looks_its_host_up_while_the_loop_goes_on(run, resolver):
    async def main():
        resolver.install()
        server = aio.ChatServer("chat.example", 0, allow_anonymous=True)
        starting = Running(server.start)
        await until(lambda: resolver.asked)
        await pauses(10)
        assert not starting.ended and not server.running
        with pytest.raises(rustchat.StateError):
            await server.start()
        resolver.answer = ["192.0.2.1", "127.0.0.1"]  # the first of them is not this machine's
        await starting.result()
        assert server.running and server.address[0] == "127.0.0.1"
        await server.stop()
        assert server.address == ("chat.example", 0)

    run(main)


def test_a_look_up_can_be_called_off(run, resolver):
    async def main():
        resolver.install()
        server = aio.ChatServer("chat.example", 0)
        starting = Running(server.start)
        await until(lambda: resolver.asked)
        await starting.cancel()
        assert starting.was_cancelled and not server.running
        resolver.answer = ["127.0.0.1"]
        async with server:
            assert server.running

    run(main)


def test_a_host_that_nobody_knows_is_an_address_error(run, resolver):
    async def main():
        resolver.install()
        resolver.answer = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        with pytest.raises(
            rustchat.AddressError, match=r"listen on chat\.example:7: look up 'chat\.example'.*not known"
        ):
            await aio.ChatServer("chat.example", 7).start()
        resolver.answer = []
        with pytest.raises(rustchat.AddressError, match="no address found"):
            await aio.ChatServer("chat.example", 7).start()

    run(main)


def test_a_number_is_not_looked_up(run, resolver):
    async def main():
        resolver.install()
        async with aio.ChatServer("127.0.0.1", 0), aio.ChatServer("localhost.sock"):
            assert resolver.asked == 0

    run(main)


def test_a_client_knows_the_limit_when_it_has_joined(run):
    async def main():
        with rustchat.ChatServer(port=0, framing="u32be", message_limit=1000) as server:
            async with aio.ChatClient(*server.address, framing="u32be", name="ann") as ann:
                assert ann.message_limit == 1000
                with pytest.raises(rustchat.MessageTooLong):
                    await ann.send("x" * 1001)
                welcome, named = await ann.recv_any(), await ann.recv_any()
                assert (welcome.kind, named.kind) == ("welcome", "name")
                await ann.send("hello")
                assert (await ann.recv()).text == "hello"

    run(main)


def test_who_is_not_let_in_learns_it_from_what_it_receives(run):
    async def main():
        with rustchat.ChatServer(port=0, framing="u32be", member_limit=1) as server:
            async with aio.ChatClient(*server.address, framing="u32be"):
                async with aio.ChatClient(*server.address, framing="u32be", name="ben") as ben:
                    with pytest.raises(rustchat.ConnectionClosed, match="full"):
                        await ben.recv()

    run(main)


class Undecided(aio.ChatServer):
    async def authorize(self, client):
        self.asked = True
        await current().sleep(3600)


def test_who_waits_for_its_welcome_can_be_called_off(run):
    async def main():
        server = Undecided("127.0.0.1", 0, framing="u32be")
        server.asked = False
        await server.start()
        client = aio.ChatClient(*server.address, framing="u32be", name="ann")
        starting = Running(client.start)
        await until(lambda: server.asked)
        await starting.cancel()
        assert starting.was_cancelled and not client.connected
        await server.stop(0)

    run(main)
