"""rustchat.aio: the chat server in an event loop."""

import asyncio
import threading
import time

import pytest
import rustchat
from conftest import LinePeer, run_script
from loops import Running, pauses, run_in, until
from rustchat import aio
from rustchat.aio._readiness import current
from waiting import PATIENCE

SECRET = {"secret": "what only the two of them know"}


async def join(server, **options):
    """A member of the server's."""
    before = server.stats().joined
    client = aio.ChatClient(*server.address, **options)
    await client.start()
    await until(lambda: server.stats().joined > before)
    return client


FAILED = "the server refused: not said: the server's filter failed"


async def hear(client, count=None):
    """So many texts and refusals that a client gets; without a number, all to the end."""
    heard = []
    while count is None or len(heard) < count:
        try:
            heard.append((await client.recv()).text)
        except rustchat.ConnectionClosed:
            return heard
        except rustchat.Error as error:
            heard.append(str(error))
    return heard


class Polite(aio.ChatServer):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.seen = []

    async def on_join(self, client):
        await pauses(1)
        self.seen.append("join")
        await self.send(client, "welcome")

    async def on_message(self, client, text):
        self.seen.append(text)
        await pauses(2)
        if text == "fail":
            raise LookupError("on purpose")
        if text == "wrong":
            return 7
        if text == "all":
            assert await self.broadcast("hear, hear") == 1
        return None if text == "spam" else text.upper()

    def on_leave(self, client, reason):
        self.seen.append(reason)

    async def authorize(self, client):
        await pauses(1)
        return True


@pytest.mark.parametrize("options", [{}, SECRET, {**SECRET, "tls": True}], ids=["plain", "secret", "tls"])
def test_hooks_are_async_or_plain_and_keep_the_order(run, options, records):
    async def main():
        async with Polite(port=0, **options) as server:
            client = await join(server, **options)
            assert (await client.recv()).text == "welcome"
            for text in ("one", "spam", "fail", "wrong", "all", "two"):
                await client.send(text)
            assert await hear(client, 6) == ["ONE", FAILED, FAILED, "hear, hear", "ALL", "TWO"]
            await client.stop()
            await until(lambda: server.seen[-1] == "quit")
            assert server.seen == ["join", "one", "spam", "fail", "wrong", "all", "two", "quit"]
            assert server.running and "1 client" not in repr(server)
        assert not server.running and server.stats().joined == 1

    run(main)
    records.find("on_message() raised an exception")
    records.find("on_message() must return str or None, not int")


def test_the_options_of_the_other_face_are_those_of_this_one(run):
    class Broken(aio.ChatServer):
        async def on_message(self, client, text):
            raise LookupError

    async def main():
        for wrong, kind in [({"secrt": 1}, TypeError), ({"event_limit": 0}, None), ({"framing": "x"}, ValueError)]:
            if kind is not None:
                with pytest.raises(kind):
                    aio.ChatServer(port=0, **wrong)
        with pytest.raises(rustchat.InvalidArgument):
            await aio.ChatServer(port=0, event_limit=0).start()
        async with Broken(port=0, on_error="pass", framing="u32be") as server:
            client = await join(server, framing="u32be")
            await client.send("as it was")
            assert (await client.recv()).text == "as it was"
            await client.stop()

    run(main)


class Slow(aio.ChatServer):
    """Sleeps, is cancelled or goes on, as it is told."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.seen = []

    async def on_message(self, client, text):
        self.seen.append(text)
        if text == "sleep":
            await current().sleep(10)
        if text == "raise":
            raise LookupError(text)
        if text == "cancel":
            raise asyncio.CancelledError
        if text == "stubborn":
            end = time.monotonic() + 10
            while time.monotonic() < end and "go" not in self.seen:
                try:
                    await current().sleep(0.05)
                except BaseException:
                    self.seen.append("cancelled")
                    if self.seen.count("cancelled") > 1:
                        raise
        return text


def test_stop_does_not_wait_for_a_hook_that_sleeps_and_the_order_is_kept(run):
    async def main():
        server = Slow(port=0)
        await server.start()
        client = await join(server)
        for text in ("one", "raise", "two", "sleep", "three"):
            await client.send(text)
        await until(lambda: server.seen[-1:] == ["sleep"])
        begin = time.monotonic()
        await server.stop(timeout=0.2)
        assert time.monotonic() - begin < 5 and not server.running
        # What was not decided goes to nobody, and what came behind it is not asked about.
        assert server.seen == ["one", "raise", "two", "sleep"]
        heard = await hear(client)
        assert heard[:3] == ["one", FAILED, "two"]
        assert "three" not in heard and "sleep" not in heard
        client.close()

    run(main)


def test_a_hook_that_is_cancelled_fails_its_message_alone(run_like_asyncio):
    async def main():
        async with Slow(port=0) as server:
            client = await join(server)
            for text in ("one", "cancel", "two"):
                await client.send(text)
            assert await hear(client, 3) == ["one", FAILED, "two"]
            await client.stop()

    run_like_asyncio(main)


def test_stop_leaves_a_hook_that_swallows_its_cancellation(run_like_asyncio):
    async def main():
        server = Slow(port=0)
        await server.start()
        client = await join(server)
        await client.send("stubborn")
        await until(lambda: server.seen)
        begin = time.monotonic()
        await server.stop(timeout=0.05)
        assert time.monotonic() - begin < 5 and not server.running
        client.close()

    run_like_asyncio(main)


def test_nobody_waits_for_a_stranger(run):
    class Careful(aio.ChatServer):
        async def authorize(self, client):
            if self.clients:
                await current().sleep(30)
            return True

        async def on_message(self, client, text):
            return text

    async def main():
        async with Careful(port=0) as server:
            client = await join(server)
            stranger = LinePeer(server.address)
            await until(lambda: server._hooks.asked)
            await client.send("meanwhile")
            assert (await client.recv()).text == "meanwhile"
            await client.stop()
            stranger.close()

    run(main)


def test_who_is_kept_out_is_told(run):
    class Closed(aio.ChatServer):
        async def authorize(self, client):
            if client.id % 2:
                raise LookupError
            return False

    async def main():
        async with Closed(port=0) as server:
            for _ in range(2):
                async with aio.ChatClient(*server.address) as client:
                    with pytest.raises(rustchat.ConnectionClosed, match="not admitted"):
                        await client.recv()

    run(main)


def test_a_hook_may_stop_its_server(run):
    class Obedient(aio.ChatServer):
        async def on_message(self, client, text):
            await self.stop()
            return text

    async def main():
        server = Obedient(port=0)
        await server.start()
        client = await join(server)
        await client.send("stop")
        assert (await client.recv()).text == "stop"
        with pytest.raises(rustchat.ConnectionClosed, match="server stopped"):
            await client.recv()
        await client.stop()
        await server.wait()
        await server.stop()
        assert not server.running

    run(main)


@pytest.mark.parametrize("who", ["task", "thread"])
def test_close_ends_it_at_once(run, who):
    async def main():
        server = Slow(port=0)
        await server.start()
        client = await join(server)
        await client.send("sleep")
        await until(lambda: server.seen)
        waiting = Running(server.wait)
        if who == "task":
            server.close()
        else:
            thread = threading.Thread(target=server.close)
            thread.start()
            await until(lambda: not thread.is_alive())
        await waiting.result()
        await until(lambda: not server.running)
        with pytest.raises(rustchat.StateError):
            await server.broadcast("x")
        client.close()

    run(main)


async def flood(server):
    while True:
        await server.broadcast("x" * 8000)


def test_a_broadcast_for_which_there_is_no_room_waits_and_can_be_cancelled(run):
    async def main():
        async with aio.ChatServer(port=0, send_timeout=0.2) as server:
            peer = LinePeer(server.address)
            await until(lambda: server.clients)
            with pytest.raises(rustchat.QueueOverflow):
                await flood(server)
            waiting = Running(lambda: server.broadcast("never"))
            await pauses(3)
            await waiting.cancel()
            assert waiting.was_cancelled
            peer.close()

    run(main)


def test_it_can_be_started_again(run):
    async def main():
        server = Slow(port=0)
        for _ in range(2):
            async with server:
                with pytest.raises(rustchat.StateError):
                    await server.start()
                client = await join(server)
                await client.send("x")
                assert (await client.recv()).text == "x"
                await client.stop()

    run(main)


def test_it_belongs_to_one_loop(run):
    async def main():
        async with aio.ChatServer(port=0) as server:
            errors = []

            def elsewhere():
                try:
                    run_in("asyncio", lambda: server.broadcast("x"))
                except rustchat.StateError as error:
                    errors.append(str(error))

            thread = threading.Thread(target=elsewhere)
            thread.start()
            await until(lambda: not thread.is_alive())
            assert "another event loop" in errors[0]

    run(main)


AT_EXIT = """
import asyncio, sys, warnings, rustchat, rustchat.aio as aio
warnings.simplefilter("ignore")
class Slow(aio.ChatServer):
    async def on_message(self, client, text):
        await asyncio.sleep(100)
async def main():
    sys.kept = server = Slow(port=0)
    await server.start()
    sys.client = client = aio.ChatClient(*server.address)
    await client.start()
    await client.send("hello")
    while not client._core.stats().messages_out:
        await asyncio.sleep(0.01)
asyncio.run(main())
print("ended")
"""


def test_the_interpreter_exits_with_a_server_that_runs():
    begin = time.monotonic()
    done = run_script(AT_EXIT)
    assert (done.returncode, done.stdout) == (0, "ended\n"), done.stderr
    assert time.monotonic() - begin < 2 * PATIENCE
