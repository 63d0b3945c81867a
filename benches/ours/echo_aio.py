"""Framed echo over rustchat.aio.

echo_aio.py [--uvloop] serve | call HOST PORT SIZE SECONDS | there HOST PORT SECONDS
"""

import asyncio
import time

import rustchat
from rustchat import aio
from way import dialogue, loops

# Messages that have come before they are received.
AT_ONCE = 1000


async def echo(connection):
    async with connection:
        try:
            async for message in connection:
                await connection.send(message)
        except ConnectionError:
            pass


async def serve():
    tasks = set()
    async with aio.listen(("127.0.0.1", 0)) as listener:
        dialogue.listening(listener.address)
        async for connection in listener:
            task = asyncio.ensure_future(echo(connection))
            tasks.add(task)
            task.add_done_callback(tasks.discard)


async def call(address, size, seconds):
    async with aio.connect(address) as connection:
        await loops.measure(connection.send, connection.recv, size, seconds)


async def there(address, seconds):
    """What `await recv()` costs where the messages have come, and what `recv(0)` does; the address is not needed."""
    costs = {}
    async with aio.listen(("127.0.0.1", 0)) as listener:
        async with aio.connect(listener.address) as near, await listener.accept() as far:
            costs["aio_us"] = await cost(near._core.send_many, far.recv, seconds / 2)
    with rustchat.listen(("127.0.0.1", 0)) as listener, rustchat.connect(listener.address) as near:
        with listener.accept() as far:

            async def recv():
                return far.recv(0)

            costs["blocking_us"] = await cost(near.send_many, recv, seconds / 2)
            # What the coroutine around recv(0) costs is not recv(0)'s.
            costs["blocking_us"] -= await cost(lambda messages: None, nothing, seconds / 10)
    dialogue.report(**costs)


async def nothing():
    pass


async def cost(send_many, recv, seconds):
    """Microseconds for each of many that were sent before, which on this machine is when they have come."""
    spent = count = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        send_many([b"x" * 64] * AT_ONCE)
        begin = time.perf_counter()
        for _ in range(AT_ONCE):
            await recv()
        spent += time.perf_counter() - begin
        count += AT_ONCE
    return spent / count * 1e6


if __name__ == "__main__":
    loops.main(serve, call, there)
