"""rustchat.aio: who is told of what was said and waited for by nobody, and the members' names and data."""

import rustchat
from loops import pauses, until
from rustchat import aio
from rustchat.aio._readiness import current


class Observed(aio.ChatServer):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.said, self.stuck, self.left = [], False, []

    async def on_join(self, client):
        client.data = ["joined"]

    async def on_said(self, client, text):
        self.said.append((client.name, text))
        client.data.append(text)
        while self.stuck:
            await current().sleep(0.001)

    async def on_leave(self, client, reason):
        self.left.append(client.data)


class Filtered(Observed):
    async def on_message(self, client, text):
        await pauses(1)
        return None if text == "spam" else text.upper()


async def join(server):
    """A member of the server's, of whom it has heard."""
    client = aio.ChatClient(*server.address)
    await client.start()
    await until(lambda: any(each.data for each in server.clients))
    return client


def test_what_the_room_has_got_is_told_beside_the_filter(run):
    async def main():
        async with Filtered(port=0) as server:
            client = await join(server)
            for text in ("one", "spam", "/name ann", "/msg ann psst", "two"):
                await client.send(text)
            await until(lambda: len(server.said) == 2)
            assert [text for _, text in server.said] == ["ONE", "TWO"]
            (member,) = server.clients
            assert server.find(name="ann") is member
            assert member.data == ["joined", "ONE", "TWO"]
            member.name = "Ben"
            assert server.find(name="ben") is member and server.find(name="ann") is None
            await client.stop()
            await until(lambda: server.left)
        assert server.left == [["joined", "ONE", "TWO"]]

    run(main)


def test_nobody_waits_for_an_observer_that_waits(run):
    async def main():
        for kind in (Observed, Filtered):
            async with kind(port=0, event_limit=5) as server:
                server.stuck = True
                client = await join(server)
                for number in range(20):
                    await client.send(str(number))
                    assert (await client.recv()).text == str(number)
                    await until(lambda: server.said)
                # Who has heard of the leave has heard of all that was said before it.
                await client.stop()
                await until(lambda: server.left)
                server.stuck = False
                await until(lambda: len(server.said) == 6)
                assert [text for _, text in server.said] == ["0", "15", "16", "17", "18", "19"]

    run(main)


def test_what_was_said_before_the_end_is_told_and_a_stuck_observer_does_not_hold_it_up(run):
    async def main():
        server = Observed(port=0)
        await server.start()
        client = await join(server)
        for number in range(10):
            await client.send(str(number))
            await client.recv()
        await client.stop()
        await server.stop()
        assert len(server.said) == 10
        await server.start()
        client = await join(server)
        server.stuck = True
        await client.send("last")
        await until(lambda: server.said[-1][1] == "last")
        await server.stop(timeout=0.05)
        assert not server.running
        await client.stop()

    run(main)


def test_a_hook_that_is_no_function_of_that_name_costs_nothing(run):
    async def main():
        async with aio.ChatServer(port=0) as server:
            client = aio.ChatClient(*server.address, name="ann")
            await client.start()
            await until(lambda: server.find(name="ann"))
            assert isinstance(server.clients[0], rustchat.Client)
            await client.stop()

    run(main)
