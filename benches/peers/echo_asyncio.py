"""Framed echo with asyncio protocols, the fastest that asyncio has, or the same under uvloop.

echo_asyncio.py [--uvloop] [--tls] serve | call HOST PORT SIZE SECONDS
"""

import asyncio
import json
import struct
import sys
import time

import dialogue
import secure

HEADER = struct.Struct(">I")
TLS = "--tls" in sys.argv


class Frames(asyncio.Protocol):
    """Takes the stream apart and gives whole messages to `receive`."""

    def __init__(self):
        self.buffer = bytearray()
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        buffer = self.buffer
        buffer += data
        begin = 0
        while len(buffer) - begin >= 4:
            end = begin + 4 + HEADER.unpack_from(buffer, begin)[0]
            if end > len(buffer):
                break
            self.receive(bytes(buffer[begin + 4 : end]))
            begin = end
        del buffer[:begin]

    def send(self, message):
        self.transport.write(HEADER.pack(len(message)) + message)


class Echo(Frames):
    receive = Frames.send


class Caller(Frames):
    """Sends the next message as soon as the last one is back: no task has to be woken for it."""

    def __init__(self, size, seconds):
        super().__init__()
        self.message = b"x" * size
        self.seconds = seconds
        self.done = asyncio.get_running_loop().create_future()
        self.count = 0

    def connection_made(self, transport):
        super().connection_made(transport)
        self.warm_up_ends = time.perf_counter() + self.seconds / 10
        self.begin = None
        self.send(self.message)

    def receive(self, message):
        now = time.perf_counter()
        if self.begin is not None:
            self.count += 1
            if now - self.begin >= self.seconds:
                self.done.set_result((message, now - self.begin, time.process_time() - self.used))
                return
        elif now >= self.warm_up_ends:
            self.begin, self.used = now, time.process_time()
        self.send(self.message)


async def serve():
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0, ssl=secure.server() if TLS else None)
    dialogue.listening(server.sockets[0].getsockname())
    await server.serve_forever()


async def call(address, size, seconds):
    secured = {"ssl": secure.client()} if TLS else {}
    loop = asyncio.get_running_loop()
    _, caller = await loop.create_connection(lambda: Caller(size, seconds), *address, **secured)
    answer, took, cpu = await caller.done
    if answer != caller.message:
        sys.exit("the echo differs from what was sent")
    print(json.dumps({"round_trips": caller.count, "seconds": took, "cpu_seconds": cpu}))


if __name__ == "__main__":
    words, run = [word for word in sys.argv[1:] if word != "--tls"], asyncio.run
    if words[0] == "--uvloop":
        import uvloop

        words, run = words[1:], uvloop.run
    dialogue.main(lambda: run(serve()), lambda *arguments: run(call(*arguments)), words)
