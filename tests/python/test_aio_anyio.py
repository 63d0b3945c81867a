"""rustchat.aio under anyio, on either of its backends: its cancellation comes again and again, until it is obeyed."""

import anyio
import pytest
import rustchat
from rustchat import aio
from waiting import PATIENCE


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_connections_and_the_chat_work_with_its_scopes_and_groups(backend):
    async def main():
        with anyio.fail_after(PATIENCE):
            async with aio.listen(("127.0.0.1", 0)) as listener:
                async with aio.connect(listener.address) as near, await listener.accept() as far:
                    await connections(near, far)
            async with aio.ChatServer(port=0) as server, aio.ChatClient(*server.address) as client:
                with anyio.move_on_after(0.01) as scope:
                    await client.recv()
                assert scope.cancelled_caught
                while not server.clients:
                    await anyio.sleep(0.001)
                await server.broadcast("hello")
                assert (await client.recv()).text == "hello"

    anyio.run(main, backend=backend)


async def connections(near, far):
    for number in range(50):
        with anyio.move_on_after(0.001 if number % 2 else 0) as scope:
            await far.recv()
        assert scope.cancelled_caught
        await near.send(b"%d" % number)
        assert await far.recv() == b"%d" % number
    with pytest.raises(rustchat.ConnectionClosed):
        await far_of_a_group(near, far)


async def far_of_a_group(near, far):
    """One of a group ends the connection in which another waits."""
    ends = []

    async def wait():
        try:
            await far.recv()
        except rustchat.ConnectionClosed as error:
            ends.append(error)

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await anyio.sleep(0.001)
        near.close()
    raise ends[0]
