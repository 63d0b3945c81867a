"""rustchat.aio.ChatServer: who speaks faster than members read waits for them, and asks nobody meanwhile."""

import pytest
import rustchat
from conftest import LinePeer
from loops import Running, until, within
from rustchat import aio
from rustchat.aio._readiness import current

TEXT = "x" * 4000
SMALL = {"outbox_limit": 64 * 1024, "workers": 1}


class Counting:
    """A server's core that counts how often something is said to it."""

    def __init__(self, core):
        self._core, self.attempts = core, 0

    def __getattr__(self, name):
        return getattr(self._core, name)

    def broadcast(self, *arguments):
        self.attempts += 1
        return self._core.broadcast(*arguments)


async def member_of(server):
    peer = LinePeer(server.address)
    await until(lambda: server.stats().members == 1)
    return peer


async def flood(server):
    while True:
        await server.broadcast(TEXT)


def test_a_broadcast_waits_for_readiness_and_not_for_time(run):
    async def main():
        async with aio.ChatServer("127.0.0.1", 0, send_timeout=30, **SMALL) as server:
            peer = await member_of(server)
            core = server._core = Counting(server._core)
            said = 0

            async def count():
                nonlocal said
                while True:
                    await server.broadcast(TEXT)
                    said += 1

            flooding = Running(count)
            stopped = -1
            while stopped != said or not server._gate._waiters:
                stopped = said
                await current().sleep(0.05)
            # Whoever is judged not to read after two seconds is not waited for: once more, not every few milliseconds.
            before = core.attempts
            await current().sleep(0.25)
            assert core.attempts - before <= 3 + 2 * (said - stopped)
            heard = 0
            while heard < stopped + 20:
                heard += len(await current().in_thread(lambda: peer.sock.recv(1 << 16))) // len(TEXT) + 1
            await until(lambda: said > stopped)
            await flooding.cancel()
            peer.close()

    run(main)


def test_the_time_for_it_is_send_timeout_and_nobody_got_it(run):
    async def main():
        async with aio.ChatServer("127.0.0.1", 0, send_timeout=0.05, **SMALL) as server:
            peer = await member_of(server)
            with pytest.raises(rustchat.QueueOverflow):
                await flood(server)
            peer.close()

    run(main)


def test_who_waits_is_woken_by_the_end_and_by_cancellation(run):
    async def main():
        server = aio.ChatServer("127.0.0.1", 0, send_timeout=30, **SMALL)
        await server.start()
        peer = await member_of(server)
        flooding = [Running(lambda: flood(server)) for _ in range(3)]
        await until(lambda: len(server._gate._waiters) == 3)
        await flooding.pop().cancel()
        server.close()
        for each in flooding:
            with pytest.raises((rustchat.StateError, rustchat.ConnectionClosed)):
                await within(5, each.result)
        peer.close()

    run(main)
