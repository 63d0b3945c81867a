"""rustchat.aio: connections of whole messages in an event loop."""

import asyncio
import threading

import pytest
import rustchat
from loops import Pair, Running, pauses, run_in, until
from rustchat import aio
from waiting import PATIENCE

SECRET = {"secret": "what only the two of them know"}
KINDS = [{}, SECRET, {**SECRET, "tls": True}, {"framing": "u32le", "limit": 70_000}]


@pytest.mark.parametrize("options", KINDS, ids=["plain", "secret", "tls", "framing"])
def test_messages_arrive_whole_and_in_order_with_the_options_of_the_blocking_face(run, options):
    async def main():
        async with Pair(**options) as (near, far):
            assert (near.protection, near.key_id) == (far.protection, far.key_id)
            assert near.protection == ("tls" if "tls" in options else "plain")
            messages = [b"", b"x", bytearray(b"y" * 64), memoryview(b"z" * 70_000), *(b"%d" % n for n in range(500))]
            sending = Running(lambda: send_all(near, messages))
            for message in messages:
                assert await far.recv() == bytes(message)
            await sending.result()
            with pytest.raises(rustchat.MessageTooLong):
                await near.send(b"x" * (17 << 20))
            await near.send(b"last")
            near.close()
            assert [message async for message in far] == [b"last"]
            with pytest.raises(rustchat.ConnectionClosed):
                await far.recv()
            assert (near.closed, near.fileno()) == (True, -1)

    run(main)


async def send_all(connection, messages):
    for message in messages:
        await connection.send(message)


def test_both_faces_speak_with_each_other(run, background):
    with rustchat.listen(("127.0.0.1", 0), **SECRET) as listener:
        accepting = background(listener.accept, PATIENCE)

        async def main():
            async with aio.connect(listener.address, **SECRET) as near:
                await near.send(b"hello")
                far = accepting.result()
                assert far.recv(PATIENCE) == b"hello"
                far.send(b"hello to you")
                assert await near.recv() == b"hello to you"
                far.close()

        run(main)


def test_over_a_unix_socket_and_a_name(run, tmp_path):
    async def main():
        path = str(tmp_path / "here.sock")
        for address in (path, ("localhost", 0)):
            async with aio.listen(address) as listener:
                where = path if address is path else ("localhost", listener.address[1])
                async with aio.connect(where) as near, await listener.accept() as far:
                    await near.send(b"hello")
                    assert await far.recv() == b"hello"

    run(main)


def test_what_cannot_be_is_told_as_the_blocking_face_tells_it(run, background):
    wrong = [("127.0.0.1", 1), ("no-such-host.invalid", 1), "/no/such/path.sock"]

    async def main():
        async with aio.listen(("127.0.0.1", 0), **SECRET) as listener:
            other = {"secret": "another one altogether"}
            for address, options in [(address, {}) for address in wrong] + [(listener.address, other)]:
                with pytest.raises(rustchat.Error) as ours:
                    await aio.connect(address, **options)
                with pytest.raises(rustchat.Error) as theirs:
                    rustchat.connect(address, **options)
                assert (ours.type, str(ours.value)) == (theirs.type, str(theirs.value))
        for keywords, kind in [
            ({"limit": "x"}, TypeError),
            ({"secrt": "x"}, TypeError),
            ({"framing": "x"}, ValueError),
        ]:
            with pytest.raises(kind):
                await aio.connect(("127.0.0.1", 1), **keywords)
            with pytest.raises(kind):
                await aio.listen(("127.0.0.1", 0), **keywords)

    run(main)


def test_several_receivers_are_served_in_the_order_in_which_they_came_though_all_came_in_one_read(run):
    async def main():
        async with Pair() as (near, far):
            got = []

            async def take(number):
                got.append((number, await far.recv()))

            receivers = []
            for number in range(20):
                receivers.append(Running(lambda number=number: take(number)))
                await pauses()
            # One system call, one segment: the descriptor tells of it once.
            near._core.send_many([b"%d" % number for number in range(21)])
            for receiver in receivers:
                await receiver.result()
            assert got == [(number, b"%d" % number) for number in range(20)]
            # Nothing comes any more, and yet it is there.
            assert await far.recv() == b"20"

    run(main)


def test_several_senders_are_served_in_the_order_in_which_they_came_and_never_mix(run):
    async def main():
        async with Pair() as (near, far):
            senders = []
            for number in range(30):
                senders.append(Running(lambda number=number: near.send(bytes([number]) * 300_000)))
                await pauses()
            for number in range(30):
                assert await far.recv() == bytes([number]) * 300_000
            for sender in senders:
                await sender.result()

    run(main)


def test_a_busy_connection_does_not_starve_the_loop(run):
    async def main():
        async with Pair() as (near, far):
            turns, busy = 0, True

            async def turn():
                nonlocal turns
                while busy:
                    turns += 1
                    await pauses(1)

            async def flood():
                for _ in range(4000):
                    await near.send(b"x")

            turning, flooding = Running(turn), Running(flood)
            for _ in range(4000):
                assert await far.recv() == b"x"
            busy = False
            await flooding.result()
            await turning.result()
            # Of each of them no more than 64 in a row.
            assert turns >= 4000 // 100

    run(main)


def test_an_object_belongs_to_one_loop(run):
    pair = Pair()

    async def main():
        near, far = await pair.__aenter__()
        errors = []

        def elsewhere(kind):
            for call in (near.recv, lambda: near.send(b"x"), near.drain, lambda: far.__anext__()):
                try:
                    run_in(kind, call)
                except rustchat.StateError as error:
                    errors.append(str(error))

        for kind in ("asyncio", "uvloop", "trio"):
            thread = threading.Thread(target=elsewhere, args=(kind,))
            thread.start()
            await until(lambda: not thread.is_alive())  # noqa: B023
            thread.join()
        assert len(errors) == 12 and all("another event loop" in error for error in errors)
        await near.send(b"still well")
        assert await far.recv() == b"still well"
        await pair.__aexit__()

    run(main)


def test_outside_of_a_loop_it_says_so():
    with rustchat.listen(("127.0.0.1", 0)) as listener, rustchat.connect(listener.address) as near:
        with pytest.raises(rustchat.StateError, match="no event loop runs here"):
            aio.Connection(near)


def test_one_that_nobody_has_closed_is_closed_and_warned_of(run):
    async def main():
        async with aio.listen(("127.0.0.1", 0)) as listener:
            near, far = await aio.connect(listener.address), await listener.accept()
            receiving = Running(near.recv)
            await far.send(b"x")
            assert await receiving.result() == b"x"
            kept = [near]
            del near, receiving
            with pytest.warns(ResourceWarning, match="was not closed"):
                kept.clear()
            with pytest.raises(rustchat.ConnectionClosed):
                await far.recv()
            far.close()

    run(main)


def test_a_loop_that_receives_changes_nothing_of_what_is_watched():
    async def main():
        async with Pair() as (near, far):
            loop, watched = asyncio.get_running_loop(), []
            original = loop.add_reader
            loop.add_reader = lambda *arguments: (watched.append(arguments), original(*arguments))
            for _ in range(100):
                receiving = Running(far.recv)
                await pauses()
                await near.send(b"x")
                assert await receiving.result() == b"x"
            del loop.add_reader
            assert len(watched) == 1

    run_in("asyncio", main)
