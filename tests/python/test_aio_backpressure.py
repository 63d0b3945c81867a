"""rustchat.aio: a peer that reads nothing costs a bounded amount of memory, and nobody else's time."""

import pytest
import rustchat
from loops import Pair, Running, pauses, until, within
from rustchat.aio._turns import LOW_WATER

HIGH_WATER = 64 * 1024
SECRET = {"secret": "what only the two of them know"}


@pytest.mark.parametrize("options", [{}, {**SECRET, "tls": True}], ids=["plain", "tls"])
def test_who_sends_to_a_peer_that_reads_nothing_waits_and_others_do_not(run, options):
    async def main():
        async with Pair(**options) as (near, far), Pair() as (one, other):
            sent, size = 0, 10_000

            async def flood():
                nonlocal sent
                while True:
                    await near.send(b"x" * size)
                    sent += 1

            flooding = Running(flood)
            await until(lambda: near.pending >= HIGH_WATER)
            await pauses(10)
            stopped = sent
            for number in range(200):
                await one.send(b"%d" % number)
                assert await other.recv() == b"%d" % number
            assert sent == stopped and not flooding.ended
            # No more than the mark and one message, and what is around it.
            assert HIGH_WATER <= near.pending <= HIGH_WATER + size + 1000
            # Who waits begins again when there is little left, not with every byte of room.
            marks = []
            while sent < stopped + 30:
                assert len(await far.recv()) == size
                marks.append(near.pending)
                await pauses(1)
            assert min(marks) <= LOW_WATER
            await flooding.cancel()

    run(main)


def test_a_peer_that_is_gone_is_told_to_who_waits_for_it(run):
    async def main():
        async with Pair() as (near, far):
            while near.pending < HIGH_WATER:
                await near.send(b"x" * 10_000)
            sending, draining = Running(lambda: near.send(b"y")), Running(near.drain)
            await pauses()
            # With bytes unread: a reset.
            far.close()
            for each in (sending, draining):
                with pytest.raises((rustchat.ConnectionLost, rustchat.ConnectionClosed)):
                    await each.result()
            with pytest.raises((rustchat.ConnectionLost, rustchat.ConnectionClosed)):
                await near.send(b"z")

    run(main)


def test_drain_waits_for_all(run):
    async def main():
        async with Pair() as (near, far):
            while near.pending < HIGH_WATER:
                await near.send(b"x" * 10_000)
            draining = Running(near.drain)
            with pytest.raises(TimeoutError):
                await within(0.01, near.drain)
            while not draining.ended:
                await far.recv()
            assert near.pending == 0
            await draining.result()
            await near.drain()

    run(main)
