"""rustchat.aio: whoever is cancelled has taken nothing and sent all or nothing, and leaves nothing behind."""

import asyncio
import os
import random
import socket

import pytest
import rustchat
import trio
from loops import Pair, Running, pauses, within
from rustchat import aio
from rustchat.aio import _readiness, _trio
from waiting import PATIENCE

SECRET = {"secret": "what only the two of them know"}

CANCELLATIONS = int(os.environ.get("RUSTCHAT_CANCELLATIONS", "2000"))
"""How many receives are cancelled. The suite has no time for a hundred thousand of each kind."""

LONG = max(PATIENCE, CANCELLATIONS / 100)


@pytest.mark.timeout(LONG + 10)
@pytest.mark.parametrize("options", [{}, {**SECRET, "tls": True}], ids=["plain", "tls"])
def test_receives_that_are_cancelled_at_any_moment_lose_and_double_nothing(run, options):
    chance = random.Random(1)

    async def main():
        async with Pair(**options) as (near, far):
            got, cancelled, sent, enough = [], 0, 0, False

            async def send():
                nonlocal sent
                while not enough:
                    for _ in range(chance.randrange(4)):
                        await near.send(b"%d" % sent)
                        sent += 1
                    await pauses(chance.randrange(1, 6))
                await near.send(b"end")

            sending = Running(send)
            while not enough:
                receiving = Running(far.recv)
                await pauses(chance.randrange(6))
                await receiving.cancel()
                if receiving.value is None:
                    assert receiving.was_cancelled
                    cancelled += 1
                else:
                    got.append(receiving.value)
                enough = cancelled >= CANCELLATIONS
            # It may wait for what it has sent to be read.
            async for message in far:
                if message == b"end":
                    break
                got.append(message)
            await sending.result()
            assert got == [b"%d" % number for number in range(sent)]

    run(main, LONG)


def test_of_several_receivers_those_that_stay_get_what_others_have_left(run):
    chance = random.Random(2)

    async def main():
        async with Pair() as (near, far):
            for _ in range(200):
                receivers = [Running(far.recv) for _ in range(5)]
                await pauses()
                gone = chance.sample(range(5), chance.randrange(1, 5))
                near._core.send_many([b"x"] * (5 - len(gone)))
                await pauses(chance.randrange(4))
                for number in gone:
                    receivers[number].call_off()
                for number in gone:
                    await receivers[number].settled()
                # Who was called off too late has got one, which others then wait for.
                near._core.send_many([b"x"] * sum(receivers[number].value == b"x" for number in gone))
                for receiver in receivers:
                    await receiver.settled()
                assert all(receiver.value == b"x" or receiver.was_cancelled for receiver in receivers)
                assert await rest(far) == 0

    run(main)


def test_a_result_that_meets_its_timeout_is_lost_to_nobody(run_like_asyncio):
    chance = random.Random(3)

    async def main():
        async with Pair() as (near, far):
            loop, got, sent = asyncio.get_running_loop(), [], 0
            timeouts = 0

            def send():
                nonlocal sent
                near._core.send(b"%d" % sent)
                sent += 1

            for _ in range(500):
                moment = chance.choice([0, 0.0005, 0.001])
                loop.call_later(moment, send)
                try:
                    if chance.random() < 0.5:
                        got.append(await asyncio.wait_for(far.recv(), moment))
                    else:
                        async with asyncio.timeout(moment):
                            got.append(await far.recv())
                except TimeoutError:
                    timeouts += 1
            while len(got) < 500:
                got.append(await far.recv())
            assert got == [b"%d" % number for number in range(500)]
            assert timeouts > 0

    run_like_asyncio(main)


async def rest(connection):
    """How many messages there are that nobody has received."""
    count = 0
    while True:
        try:
            await within(0.001, connection.recv)
        except TimeoutError:
            return count
        count += 1


@pytest.mark.parametrize("options", [{}, {**SECRET, "tls": True}], ids=["plain", "tls"])
def test_a_send_that_is_cancelled_has_sent_all_or_nothing(run, options):
    chance = random.Random(4)

    async def main():
        async with Pair(**options) as (near, far):
            returned, heard, number, called_off = [], [], 0, 0

            async def send(which):
                await near.send(b"%d " % which + b"x" * chance.randrange(300_000))
                returned.append(which)

            async def read():
                while (message := await far.recv()) != b"end":
                    heard.append(int(message.split()[0]))

            for _ in range(100):
                sending = [Running(lambda which=which: send(which)) for which in range(number, number + 4)]
                number += 4
                await pauses(chance.randrange(4))
                for one in chance.sample(sending, 2):
                    await one.cancel()
                    called_off += one.was_cancelled
                reading = Running(read)
                for one in sending:
                    await one.settled()
                await pauses(chance.randrange(4))
                await reading.cancel()
            reading = Running(read)
            await near.send(b"end")
            await reading.result()
            assert heard == returned and called_off > 10

    run(main)


def test_a_cancellation_is_never_another_error(run):
    async def main():
        async with aio.listen(("127.0.0.1", 0)) as listener, await aio.connect(listener.address) as near:
            async with await listener.accept():
                calls = [near.recv, near.__anext__, listener.accept, listener.__anext__]
                for call in [*calls, near.drain, lambda: near.send(b"y"), near.aclose]:
                    # The kernel may still take a little of what waits.
                    for _ in range(10):
                        while near.pending < 65536:
                            await near.send(b"x" * 10_000)
                        waiting = Running(call)
                        await pauses(5)
                        await waiting.cancel()
                        if waiting.error is not None:
                            break
                    assert isinstance(waiting.error, (asyncio.CancelledError, trio.Cancelled)), call
                # By the last of them.
                assert near.closed

    run(main)


def descriptors():
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture
def silent():
    """A server that accepts in the kernel and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


@pytest.fixture
def full(tmp_path):
    """A server whose backlog is full: nobody is connected any more."""
    server = socket.socket(socket.AF_UNIX)
    path = str(tmp_path / "full.sock")
    server.bind(path)
    server.listen(0)
    clients = []
    while True:
        clients.append(socket.socket(socket.AF_UNIX))
        clients[-1].setblocking(False)
        if clients[-1].connect_ex(path) != 0:
            break
    yield path
    for each in [server, *clients]:
        each.close()


async def for_ever(*_):
    await _readiness.current().sleep(3600)


@pytest.mark.parametrize("where", ["name", "backlog", "tcp", "tls", "handshake"])
def test_connecting_can_be_cancelled_wherever_it_waits_and_leaves_no_descriptor(run, where, silent, full, monkeypatch):
    if where == "name":
        monkeypatch.setattr(_readiness._Asyncio, "look_up", for_ever)
        monkeypatch.setattr(_trio.TrioLoop, "look_up", for_ever)
    # What is kept for documents answers nobody, where a network is at all.
    unreachable = ("192.0.2.1", 9)
    address = {"name": ("localhost", silent[1]), "backlog": full, "tcp": unreachable}.get(where, silent)
    options = {"tls": {**SECRET, "tls": True}, "handshake": SECRET}.get(where, {})

    async def main():
        # What a loop makes for itself, it makes before.
        for _ in range(2):
            await attempt()
        before = descriptors()
        for turns in range(10):
            await attempt(turns)
        # One of those before may have been another test's, which goes by itself.
        assert descriptors() <= before

    async def attempt(turns=5):
        async def connect():
            await aio.connect(address, **options)

        connecting = Running(connect)
        await pauses(turns)
        await connecting.cancel()
        assert connecting.was_cancelled or (where == "tcp" and isinstance(connecting.error, rustchat.Error))

    run(main)


def test_a_server_that_says_nothing_is_given_up_with_the_words_of_the_blocking_face(run, silent):
    async def main():
        for options in (SECRET, {**SECRET, "tls": True}):
            with pytest.raises(rustchat.TimeoutError, match="the server has said nothing"):
                await aio.connect(silent, timeout=4, **options)

    run(main)


def test_the_timeout_of_connecting_is_for_all_of_it(run, full):
    async def main():
        with pytest.raises(rustchat.TimeoutError):
            await aio.connect(full, timeout=0.05)

    run(main)
