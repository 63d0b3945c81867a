"""Echo with websockets: echo_websockets.py [--uvloop] serve | call HOST PORT SIZE SECONDS"""

import asyncio

import dialogue
import loops
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve as websockets_serve
from websockets.exceptions import ConnectionClosed


async def echo(connection):
    try:
        async for message in connection:
            await connection.send(message)
    except ConnectionClosed:
        pass


async def serve():
    async with websockets_serve(echo, "127.0.0.1", 0, compression=None, max_size=None) as server:
        dialogue.listening(server.sockets[0].getsockname())
        await asyncio.get_running_loop().create_future()


async def call(address, size, seconds):
    async with connect("ws://{}:{}".format(*address), compression=None, max_size=None) as connection:
        await loops.measure(connection.send, connection.recv, size, seconds)


if __name__ == "__main__":
    loops.main(serve, call)
