"""Echo with asyncio's streams and struct: echo_streams.py [--uvloop] serve | call HOST PORT SIZE SECONDS"""

import asyncio
import struct

import dialogue
import loops

HEADER = struct.Struct(">I")


async def send(writer, message):
    writer.write(HEADER.pack(len(message)) + message)
    await writer.drain()


async def recv(reader):
    (length,) = HEADER.unpack(await reader.readexactly(4))
    return await reader.readexactly(length)


async def echo(reader, writer):
    try:
        while True:
            await send(writer, await recv(reader))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def serve():
    server = await asyncio.start_server(echo, "127.0.0.1", 0, backlog=4096)
    dialogue.listening(server.sockets[0].getsockname())
    await server.serve_forever()


async def call(address, size, seconds):
    reader, writer = await asyncio.open_connection(*address)
    await loops.measure(lambda message: send(writer, message), lambda: recv(reader), size, seconds)


if __name__ == "__main__":
    loops.main(serve, call)
