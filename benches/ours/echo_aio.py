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
    """What `await recv()` costs where the messages have come, and what `recv(0)` does."""
    costs = {}
    async with aio.connect(address) as connection:
        with rustchat.connect(address) as blocking:
            for name in ("aio", "blocking"):
                core = connection._core if name == "aio" else blocking
                spent = count = 0
                end = time.perf_counter() + seconds / 2
                while time.perf_counter() < end:
                    core.send_many([b"x" * 64] * AT_ONCE)
                    # Until all have come back: the first is received, and the rest with it.
                    time.sleep(0.02)
                    begin = time.perf_counter()
                    if name == "aio":
                        for _ in range(AT_ONCE):
                            await connection.recv()
                    else:
                        for _ in range(AT_ONCE):
                            blocking.recv(0)
                    spent += time.perf_counter() - begin
                    count += AT_ONCE
                costs[f"{name}_us"] = spent / count * 1e6
    dialogue.report(**costs)


if __name__ == "__main__":
    loops.main(serve, call, there)
