"""rustchat.aio: a member of a chat in an event loop."""

import threading

import pytest
import rustchat
from loops import Running, pauses, until
from rustchat import aio

SECRET = {"secret": "what only the two of them know"}


@pytest.mark.parametrize(
    "options",
    [{}, {"framing": "u32be"}, SECRET, {**SECRET, "tls": True}],
    ids=["line", "message", "secret", "tls"],
)
def test_members_of_both_faces_hear_each_other(run, options):
    with (
        rustchat.ChatServer(port=0, **options) as server,
        rustchat.ChatClient(*server.address, **options) as other,
    ):

        async def main():
            async with aio.ChatClient(*server.address, **options) as client:
                await until(lambda: len(server.clients) == 2)
                await client.send("hello")
                assert (await client.recv()).text == "hello"
                assert other.recv(10).text == "hello"
                other.send("hello to you")
                async for message in client:
                    assert message.text == "hello to you"
                    break
                assert client.connected and client.protection == ("tls" if "tls" in options else "plain")
                with pytest.raises(rustchat.InvalidText):
                    await client.send("a\x07b")
            assert not client.connected
            await until(lambda: len(server.clients) == 1)
            with pytest.raises(rustchat.StateError):
                await client.recv()

        run(main)


def test_it_can_be_started_again_and_not_twice(run):
    async def main():
        with rustchat.ChatServer(port=0) as server:
            client = aio.ChatClient(*server.address)
            for _ in range(2):
                await client.start()
                with pytest.raises(rustchat.StateError):
                    await client.start()
                await client.send("x")
                assert (await client.recv()).text == "x"
                await client.stop()
                await client.stop()

    run(main)


def test_what_the_server_refuses_is_raised_once_and_its_end_is_told(run):
    async def main():
        with rustchat.ChatServer(port=0, framing="u32be", announce=True, message_limit=100) as server:
            async with aio.ChatClient(*server.address, framing="u32be", name="one") as client:
                assert (await client.recv_any()).kind == "welcome"
                # From then on it has the name.
                while (await client.recv_any()).kind != "name":
                    pass
                other = aio.ChatClient(*server.address, framing="u32be", name="one")
                async with other:
                    with pytest.raises(rustchat.InvalidArgument, match="is taken"):
                        await other.recv()
                    await other.send("still here")
                    assert (await client.recv()).text == "still here"
                receiving = Running(client.recv)
                await pauses()
                server.disconnect(server.clients[0])
                with pytest.raises(rustchat.ConnectionClosed, match="disconnected"):
                    await receiving.result()

    run(main)


class Listening(aio.ChatClient):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.heard = []

    async def on_message(self, message):
        await pauses(1)
        self.heard.append(message.text)
        if message.text == "fail":
            raise LookupError("in a hook")
        if message.text == "go":
            await self.stop()

    def on_disconnect(self, reason):
        self.heard.append(reason)


def test_hooks_are_async_or_plain_and_keep_the_order(run, records):
    async def main():
        with rustchat.ChatServer(port=0) as server:
            async with Listening(*server.address) as client:
                await until(lambda: server.clients)
                texts = [str(number) for number in range(50)]
                for text in [*texts, "fail", "on"]:
                    server.broadcast(text)
                await until(lambda: len(client.heard) == 52)
                assert client.heard == [*texts, "fail", "on"]
                with pytest.raises(rustchat.StateError):
                    await client.recv()
                server.broadcast("go")
                await until(lambda: client.heard[-1] is None)
            client = Listening(*server.address)
            await client.start()
            await until(lambda: server.clients)
            server.disconnect(server.clients[0])
            await until(lambda: client.heard)
            assert isinstance(client.heard[0], rustchat.ConnectionClosed)
            await client.stop()

    run(main)
    assert "on_message()" in records.find("raised an exception").getMessage()


@pytest.mark.parametrize("who", ["task", "thread"])
def test_close_wakes_who_waits(run, who):
    async def main():
        with rustchat.ChatServer(port=0) as server:
            client = aio.ChatClient(*server.address)
            await client.start()
            receiving = Running(client.recv)
            await pauses()
            if who == "task":
                client.close()
            else:
                thread = threading.Thread(target=client.close)
                thread.start()
                thread.join()
            with pytest.raises(rustchat.ConnectionClosed):
                await receiving.result()

    run(main)


def test_a_server_that_is_silent_does_not_hold_up_the_end(run, monkeypatch):
    async def main():
        async with aio.listen(("127.0.0.1", 0), framing="line") as listener:
            client = aio.ChatClient(*listener.address)
            await client.start()
            async with await listener.accept() as far:
                await client.stop(timeout=0.5)
                assert await far.recv() == b"quit"

    run(main)


def test_connecting_can_be_cancelled(run):
    async def main():
        async with aio.listen(("127.0.0.1", 0)) as listener:
            client = aio.ChatClient(*listener.address, **SECRET)
            starting = Running(client.start)
            # It is there, and waits for a handshake that does not come.
            async with await listener.accept():
                await starting.cancel()
                assert starting.was_cancelled and not client.connected

    run(main)
