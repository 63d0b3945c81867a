"""rustchat.aio beside rustchat: what one class has and the other has not, and why."""

import inspect
import socket

import pytest
import rustchat
from conftest import PATIENCE
from rustchat import aio

LOOP = "the loop asks, watches and answers by it"
SERVER_ONLY = {
    "poll": LOOP,
    "answer": LOOP,
    "fileno": LOOP,
    "speech_fileno": LOOP,
    "join": "wait() is awaited; a deadline is the loop's, as asyncio.timeout() has it",
}
CLIENT_ONLY = {
    **dict.fromkeys(("fileno", "send_fileno", "drained_fileno", "offer", "offer_leave", "flush_nowait"), LOOP),
    **dict.fromkeys(("recv_nowait", "recv_any_nowait", "introduction", "reconnects", "refused", "start_over"), LOOP),
    **dict.fromkeys(("question_who", "question_rename"), LOOP),
    "join": "what hears is no thread that could be joined",
}
# A start(): hooks say what is polled, and the host is looked up in the loop.
NOT_TAKEN = {"start": {"poll", "address"}, "wait": {"timeout"}, "close": {"timeout"}}


def public(kind):
    return {name for name in dir(kind) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("plain", "looped", "only_plain", "only_looped"),
    [
        (rustchat.ChatServer, aio.ChatServer, SERVER_ONLY, set()),
        # Ends it at once on any thread, where a thread would have stop(0).
        (rustchat.ChatClient, aio.ChatClient, CLIENT_ONLY, {"close"}),
    ],
    ids=["ChatServer", "ChatClient"],
)
def test_whatever_one_has_the_other_has_but_for_these(plain, looped, only_plain, only_looped):
    assert public(plain) - public(looped) == set(only_plain)
    assert public(looped) - public(plain) == only_looped


def test_calls_of_the_same_name_take_the_same():
    def parameters(function):
        return {name for name in inspect.signature(function).parameters if name != "self"}

    for name in sorted(public(rustchat.ChatServer) & public(aio.ChatServer)):
        plain, looped = (getattr(kind, name) for kind in (rustchat.ChatServer, aio.ChatServer))
        if callable(plain):
            assert parameters(plain) - parameters(looped) == NOT_TAKEN.get(name, set()), name


def test_a_server_starts_at_a_socket_that_listens_already(run):
    async def main():
        with socket.create_server(("127.0.0.1", 0)) as listener:
            for _ in range(2):
                server = aio.ChatServer("not.looked.up.example", 1)
                await server.start(listener=listener)
                assert server.address == listener.getsockname()
                async with aio.ChatClient(*server.address) as guest:
                    await guest.send("hello")
                    assert (await guest.recv()).text == "hello"
                await server.stop()
            with pytest.raises(rustchat.InvalidArgument, match="listener"), socket.socket() as deaf:
                await aio.ChatServer().start(listener=deaf)

    run(main)


def test_a_server_that_gets_on_says_so(run):
    async def main():
        server = aio.ChatServer("127.0.0.1", 0)
        with pytest.raises(rustchat.StateError):
            await server.probe()
        async with server:
            await server.probe(PATIENCE)
            assert server.failure is None
        with pytest.raises(rustchat.StateError):
            await server.probe()

    run(main)
