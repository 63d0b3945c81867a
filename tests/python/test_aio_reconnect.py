"""rustchat.aio: a member that comes back, in an event loop."""

import pytest
import rustchat
from loops import until
from rustchat import aio

QUICK = rustchat.Backoff(first=0.01, most=0.05)
NEVER = rustchat.Backoff(first=3600, most=3600, jitter=0)


def served(path, framing):
    server = rustchat.ChatServer(path, framing=framing)
    server.start()
    return server


@pytest.fixture(params=["line", "u32be"])
def framing(request):
    return request.param


async def heard(client, kind):
    while (message := await client.recv_any()).kind != kind:
        pass
    return message


def test_it_comes_back_and_says_what_was_said_meanwhile(run, tmp_path, framing):
    path = str(tmp_path / "chat.sock")

    async def main():
        server = served(path, framing)
        async with aio.ChatClient(path, framing=framing, reconnect=QUICK) as client:
            await until(lambda: bool(server.clients))
            await client.send("before")
            assert (await client.recv()).text == "before"
            await client.drain()
            server.stop()
            assert "server stopped" in str((await heard(client, "disconnect")).loss)
            assert client.reconnecting
            assert not client.connected
            await client.send("meanwhile")
            assert client.unacknowledged == 1
            server = served(path, framing)
            assert (await client.recv()).kind == "gap"
            assert (await client.recv()).text == "meanwhile"
            await client.drain()
            assert client.connected
            assert client.unacknowledged == 0
        server.stop()

    run(main)


def test_hooks_are_told(run, tmp_path, framing):
    path = str(tmp_path / "chat.sock")
    told = []

    class Hooked(aio.ChatClient):
        async def on_message(self, message):
            told.append(message.text)

        async def on_event(self, message):
            if message.kind == "gap":
                told.append("gap")

        async def on_disconnect(self, reason):
            told.append(("disconnect", reason is None, self.reconnecting))

        async def on_reconnect(self):
            told.append("reconnect")
            await self.send("here again")

    async def main():
        server = served(path, framing)
        client = Hooked(path, framing=framing, reconnect=QUICK)
        await client.start()
        await until(lambda: bool(server.clients))
        server.stop()
        await until(lambda: len(told) == 1)
        server = served(path, framing)
        await until(lambda: len(told) == 4)
        await client.stop()
        server.stop()
        assert told == [
            ("disconnect", False, True),
            "reconnect",
            "gap",
            "here again",
            ("disconnect", True, False),
        ]

    run(main)


def test_a_full_queue_makes_wait_and_its_end_ends_the_wait(run, tmp_path, framing):
    path = str(tmp_path / "chat.sock")

    async def main():
        server = served(path, framing)
        client = aio.ChatClient(path, framing=framing, reconnect=NEVER)
        await client.start()
        await until(lambda: bool(server.clients))
        server.stop()
        await heard(client, "disconnect")
        for _ in range(256):
            await client.send("x")
        loop = client._loop
        assert loop is not None
        with pytest.raises(TimeoutError):
            await loop.within(0.05, lambda: client.send("one too many"))
        with pytest.raises(TimeoutError):
            await loop.within(0.05, client.drain)
        assert client.unacknowledged == 256
        await client.stop()

    run(main)


def test_many_messages_go_through_a_small_window(run, tmp_path, framing):
    path = str(tmp_path / "chat.sock")

    async def main():
        server = served(path, framing)
        async with aio.ChatClient(path, framing=framing, reconnect=QUICK) as client:
            await until(lambda: bool(server.clients))
            for number in range(1000):
                await client.send(str(number))
            for number in range(1000):
                assert (await client.recv()).text == str(number)
        server.stop()

    run(main)
