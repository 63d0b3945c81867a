"""rustchat.aio: who is there, words for one member alone, another name."""

import gc

import pytest
import rustchat
from loops import Running, pauses, until
from rustchat import aio

MESSAGES = {"framing": "u32be"}


async def join(server, name=None, **options):
    client = aio.ChatClient(*server.address, **MESSAGES, **options)
    await client.start()
    if name is not None:
        await client.rename(name)
    return client


def test_who_is_there_and_private_words(run):
    async def main():
        with rustchat.ChatServer(port=0, **MESSAGES) as server:
            ann, ben = await join(server, "ann"), await join(server, "ben")
            assert [member.name for member in await ann.who()] == ["ann", "ben"]
            asked = [Running(ann.who) for _ in range(10)]
            assert {len(await each.result()) for each in asked} == {2}
            await ann.send("psst", to="ben")
            await ann.send("aloud")
            psst, aloud = await ben.recv(), await ben.recv()
            assert (psst.text, psst.private, psst.sender.name) == ("psst", True, "ann")
            assert (aloud.text, aloud.private) == ("aloud", False)
            assert (await ann.recv()).text == "aloud"
            await ann.send("psst", to="cid")
            with pytest.raises(rustchat.NoSuchPeer):
                await ann.recv()
            with pytest.raises(rustchat.InvalidText):
                await ann.send("psst", to="server")
            await ann.stop()
            await ben.stop()
            with pytest.raises(rustchat.StateError):
                await ann.who()

    run(main)


def test_names(run):
    async def main():
        with rustchat.ChatServer(port=0, **MESSAGES) as server:
            ann, ben = await join(server, "ann"), await join(server)
            with pytest.raises(rustchat.InvalidArgument, match="is taken"):
                await ben.rename("Ann")
            await ben.rename("ben")
            assert (ann.name, ben.name) == ("ann", "ben")
            await ben.rename(None)
            assert ben.name is None
            await ann.stop()
            await ben.stop()

    run(main)


def test_line_chat_says_where_it_is_to_be_asked(run):
    async def main():
        with rustchat.ChatServer(port=0) as server:
            async with aio.ChatClient(*server.address) as client:
                with pytest.raises(rustchat.NotSupported):
                    await client.who()
                with pytest.raises(rustchat.NotSupported):
                    await client.send("psst", to="ann")
                await client.rename("ann")
                assert client.name == "ann"

    run(main)


class Silent(rustchat.ChatServer):
    """Admits nobody, ever: so nobody is answered."""

    def start(self, **options):
        super().start(poll=["authorize"], **options)


def test_whoever_is_cancelled_or_closed_upon_does_not_wait(run):
    async def main():
        server = Silent(port=0, **MESSAGES)
        server.start()
        client = aio.ChatClient(*server.address, **MESSAGES)
        await client.start()
        asked = [Running(client.who) for _ in range(3)]
        await pauses()
        await asked[0].cancel()
        assert asked[0].was_cancelled
        client.close()
        for each in asked[1:]:
            with pytest.raises(rustchat.ConnectionClosed):
                await each.result()
        server.stop(0)

    run(main)
    gc.collect()


def test_the_hooks_may_ask(run):
    class Asking(aio.ChatClient):
        found = ()

        async def on_message(self, message):
            await self.rename("asking")
            self.found = [member.name for member in await self.who()]
            await self.send(message.text, to="ann")

    async def main():
        with rustchat.ChatServer(port=0, **MESSAGES) as server:
            ann = await join(server, "ann")
            async with Asking(*server.address, **MESSAGES) as client:
                await ann.send("psst", to="nobody")
                with pytest.raises(rustchat.NoSuchPeer):
                    await ann.recv()
                await until(lambda: len(server.clients) == 2)
                await ann.send("hello")
                assert [(await ann.recv()).text for _ in range(2)] == ["hello", "hello"]
                await until(lambda: client.found == ["ann", "asking"])
            await ann.stop()

    run(main)


def test_a_client_that_comes_back_asks_on_the_connection_that_there_is(run, tmp_path):
    path = str(tmp_path / "chat.sock")

    async def main():
        server = rustchat.ChatServer(path, **MESSAGES)
        server.start()
        quick = rustchat.Backoff(first=0.01, most=0.05)
        async with aio.ChatClient(path, **MESSAGES, reconnect=quick) as client:
            await client.rename("ann")
            assert [member.name for member in await client.who()] == ["ann"]
            server.stop()
            await until(lambda: client.reconnecting)
            with pytest.raises(rustchat.ConnectionLost):
                await client.who()
            await client.send("psst", to="ann")
            with rustchat.ChatServer(path, **MESSAGES):
                while (message := await client.recv_any()).kind != "direct":
                    pass
                assert message.text == "psst"
                assert [member.name for member in await client.who()] == ["ann"]
                await client.drain()

    run(main)


class Moderated(aio.ChatServer):
    def __init__(self, **options):
        super().__init__(port=0, **MESSAGES, **options)
        self.told = []

    async def on_rename(self, client, old):
        self.told.append((old,))

    async def on_private(self, client, to, text):
        await pauses(1)
        self.told.append((client.name, to.name, text))
        if text == "slip":
            return 1
        return None if text == "spam" else await super().on_private(client, to, text.upper())


class Both(Moderated):
    def on_message(self, client, text):
        return text + "!"


@pytest.mark.parametrize(("kind", "aloud", "psst"), [(Moderated, "aloud", "PSST"), (Both, "aloud!", "PSST!")])
def test_the_servers_hooks_are_told_of_names_and_asked_about_private_words(run, kind, aloud, psst):
    async def main():
        async with kind() as server:
            ann = await join(server, "ann")
            await ann.rename("ben")
            for text in ("spam", "slip", "psst"):
                await ann.send(text, to="ben")
            await ann.send("aloud")
            with pytest.raises(rustchat.Error, match="filter failed"):
                await ann.recv()
            assert [(await ann.recv()).text for _ in range(2)] == [psst, aloud]
            assert server.told[:2] == [(None,), ("ann",)]
            assert server.told[2:] == [("ben", "ben", text) for text in ("spam", "slip", "psst")]
            await ann.stop()

    run(main)
