"""rustchat.aio: the end of connections and listeners, whoever brings it about and whoever waits."""

import asyncio
import os
import threading

import pytest
import rustchat
from conftest import run_script
from loops import LIKE_ASYNCIO, Pair, Running, pauses, until
from rustchat import aio
from rustchat.aio._readiness import current
from waiting import PATIENCE

SECRET = {"secret": "what only the two of them know"}


async def waiting_in(near, listener):
    """Those who wait in a connection, each in another way, and in a listener."""
    while near.pending < 65536:
        await near.send(b"x" * 10_000)
    calls = [near.recv, near.recv, lambda: near.send(b"y"), lambda: near.send(b"y"), near.drain, listener.accept]
    waiting = [Running(call) for call in calls]
    await pauses(5)
    assert not any(each.ended for each in waiting)
    return waiting


@pytest.mark.parametrize("who", ["task", "itself", "thread"])
def test_close_wakes_everybody_who_waits(run, who):
    async def main():
        async with aio.listen(("127.0.0.1", 0)) as listener:
            near = await aio.connect(listener.address)
            async with await listener.accept():
                waiting = await waiting_in(near, listener)

                def close():
                    near.close()
                    listener.close()

                async def close_in_task():
                    close()

                if who == "task":
                    await Running(close_in_task).result()
                elif who == "itself":
                    close()
                else:
                    thread = threading.Thread(target=close)
                    thread.start()
                    thread.join()
                for each in waiting:
                    with pytest.raises(rustchat.ConnectionClosed, match="is closed"):
                        await each.result()
                for call in (near.recv, lambda: near.send(b"x"), near.drain, listener.accept):
                    with pytest.raises(rustchat.ConnectionClosed, match="is closed"):
                        await call()
                near.close()

    run(main)


def test_a_descriptor_is_closed_on_the_thread_of_the_loop_when_nobody_watches_it(run_like_asyncio):
    async def main():
        loop, order = asyncio.get_running_loop(), []
        async with Pair() as (near, _):
            receiving = Running(near.recv)
            await pauses()
            unwatch, core = near._source._unwatch, near._core

            class Core:
                def close(self):
                    order.append(("closed", asyncio._get_running_loop() is loop))
                    core.close()

                def __getattr__(self, name):
                    return getattr(core, name)

            near._core = Core()
            near._source._unwatch = lambda: (order.append("unwatched"), unwatch())
            thread = threading.Thread(target=near.close)
            thread.start()
            thread.join()
            with pytest.raises(rustchat.ConnectionClosed):
                await receiving.result()
        assert order == ["unwatched", ("closed", True)]

    run_like_asyncio(main)


def test_a_descriptor_may_be_used_again_at_once(run):
    async def main():
        async with aio.listen(("127.0.0.1", 0)) as listener:
            numbers = set()
            for round in range(300):
                near, far = await aio.connect(listener.address), await listener.accept()
                receiving = Running(near.recv)
                if round % 3:
                    await pauses()
                numbers.add(near.fileno())
                near.close()
                # Another connection has its number, and is watched at once.
                again = await aio.connect(listener.address)
                other = await listener.accept()
                hearing = Running(again.recv)
                await other.send(b"%d" % round)
                assert await hearing.result() == b"%d" % round
                with pytest.raises(rustchat.ConnectionClosed):
                    await receiving.result()
                for each in (far, again, other):
                    each.close()
            assert len(numbers) < 300

    run(main)


@pytest.mark.parametrize("options", [{}, {**SECRET, "tls": True}], ids=["plain", "tls"])
@pytest.mark.parametrize("how", ["with", "aclose", "close"])
def test_the_last_message_arrives(run, options, how):
    async def main():
        async with aio.listen(("127.0.0.1", 0), **options) as listener:
            near, far = await aio.connect(listener.address, **options), await listener.accept()
            sent = 0

            async def speak():
                nonlocal sent
                while near.pending < 65536:
                    await near.send(b"%d" % sent + b" " * 20_000)
                    sent += 1
                await near.send(b"last")

            async def speak_and_leave():
                if how == "with":
                    async with near:
                        await speak()
                elif how == "aclose":
                    await speak()
                    await near.aclose()
                else:
                    await speak()
                    near.close()

            leaving = Running(speak_and_leave)
            await until(lambda: near.pending >= 65536)
            got = [message async for message in far]
            await leaving.result()
            assert near.closed
            assert [int(message) for message in got[:-1]] == list(range(sent))
            assert got[-1] == b"last"
            far.close()

    run(main)


def test_a_peer_that_does_not_read_holds_up_no_end(run):
    async def main():
        async with Pair() as (near, _):
            while near.pending < 65536:
                await near.send(b"x" * 10_000)
            await near.aclose(timeout=0.05)
            assert near.closed

    run(main)


async def fail_in(near):
    async with near:
        while near.pending < 65536:
            await near.send(b"x" * 10_000)
        raise LookupError


def test_a_block_that_fails_does_not_wait_for_a_peer(run):
    async def main():
        async with Pair() as (near, _):
            with pytest.raises(LookupError):
                await fail_in(near)
            assert near.closed

    run(main)


def test_the_end_of_the_peer_is_told_to_everybody(run):
    async def main():
        async with Pair() as (near, far):
            receiving = [Running(near.recv) for _ in range(3)]
            await pauses()
            far.close()
            for each in receiving:
                with pytest.raises(rustchat.ConnectionClosed):
                    await each.result()

    run(main)


@pytest.mark.parametrize("kind", ["asyncio", "uvloop"])
def test_a_loop_that_is_closed_leaves_objects_that_can_be_closed(kind):
    loop = LIKE_ASYNCIO[kind]()

    async def main():
        near, far = await Pair().__aenter__()
        tasks = [asyncio.ensure_future(near.recv()) for _ in range(3)]
        await asyncio.sleep(0)
        return near, far, tasks

    near, far, tasks = loop.run_until_complete(main())
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.close()
    before = len(os.listdir("/proc/self/fd"))
    near.close()
    far.close()
    assert len(os.listdir("/proc/self/fd")) == before - 2


AT_EXIT = """
import asyncio, sys, rustchat, rustchat.aio as aio
async def main():
    listener = await aio.listen(("127.0.0.1", 0))
    near, far = await aio.connect(listener.address), await listener.accept()
    tasks = [asyncio.ensure_future(call()) for call in (near.recv, far.recv, listener.accept)]
    # Each has begun to wait.
    await asyncio.sleep(0)
    # Kept to the end.
    sys.kept = near, far, listener
if sys.argv[1] == "run":
    asyncio.run(main())
else:
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    if sys.argv[1] == "closed":
        loop.close()
    else:
        sys.kept += (loop,)
for each in sys.kept[:3]:
    if sys.argv[2] == "close":
        each.close()
print("ended")
"""


@pytest.mark.parametrize("then", ["close", "leave"])
@pytest.mark.parametrize("end", ["run", "closed", "open"])
def test_the_interpreter_exits_with_whatever_is_left(end, then):
    done = run_script(
        AT_EXIT.replace("import asyncio,", "import warnings; warnings.simplefilter('ignore')\nimport asyncio,"),
        end,
        then,
    )
    assert (done.returncode, done.stdout) == (0, "ended\n"), done.stderr


def test_a_forked_child_is_refused_what_is_its_parents(run_like_asyncio):
    async def main():
        async with Pair(**SECRET, tls=True) as (near, far):
            child = os.fork()
            if child == 0:
                # The loop is the parent's, too: whatever says so first.
                try:
                    near._core.offer(b"x")
                except rustchat.StateError as error:
                    os._exit(0 if "fork" in str(error) else 2)
                os._exit(1)
            while True:
                done, status = os.waitpid(child, os.WNOHANG)
                if done:
                    break
                await current().sleep(0.001)
            assert os.waitstatus_to_exitcode(status) == 0
            await near.send(b"still well")
            assert await far.recv() == b"still well"

    run_like_asyncio(main, PATIENCE)
