"""What is no plain function is refused at start(), and what shows itself later is an error in the log."""

import functools
import types
from unittest import mock

import pytest
import rustchat
from conftest import PATIENCE, LinePeer, wait_until

SERVER_HOOKS = (*("on_join", "on_message", "on_private", "on_rename", "on_said", "on_leave", "on_error", "authorize"),)
CLIENT_HOOKS = ("on_message", "on_event", "on_disconnect")
HOOKS = [(rustchat.ChatServer, hook) for hook in SERVER_HOOKS] + [(rustchat.ChatClient, hook) for hook in CLIENT_HOOKS]


async def coroutine(*arguments):
    return True


async def async_generator(*arguments):
    yield


def generator(*arguments):
    yield


@types.coroutine
def old_coroutine(*arguments):
    yield


class Callable:
    async def __call__(self, *arguments):
        return True


class Method:
    async def method(self, *arguments):
        return True


class Static:
    @staticmethod
    async def method(*arguments):
        return True

    @classmethod
    async def of_class(cls, *arguments):
        return True


KINDS = {
    "async def": coroutine,
    "async generator": async_generator,
    "generator": generator,
    "types.coroutine": old_coroutine,
    "async __call__": Callable(),
    "async method": Method().method,
    "partial": functools.partial(functools.partial(coroutine, 1), 2),
    "partial of a method": functools.partial(Method().method, 1),
    "partial of a callable": functools.partial(Callable(), 1),
    "static method": Static.method,
    "class method": Static.of_class,
    "AsyncMock": mock.AsyncMock(),
    "None": None,
    "text": "no function",
}


def check_refused(made, hook):
    with pytest.raises(TypeError, match=hook):
        made.start()
    if isinstance(made, rustchat.ChatServer):
        assert not made.running
    else:
        assert not made.connected


@pytest.mark.parametrize(("base", "hook"), HOOKS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_hook_that_a_call_does_not_run_is_a_type_error_at_start(server, base, hook, kind):
    where = ("127.0.0.1", 0) if base is rustchat.ChatServer else server.address
    plain = type("Plain", (base,), {})(*where)
    setattr(plain, hook, KINDS[kind])
    check_refused(plain, hook)
    of_class = type("OfClass", (base,), {hook: KINDS[kind]})
    check_refused(of_class(*where), hook)
    with pytest.raises(TypeError, match=hook), of_class(*where):
        pass


def test_a_method_that_is_async_by_its_definition():
    class Server(rustchat.ChatServer):
        async def on_message(self, client, text):
            return text

    check_refused(Server(port=0), "on_message")
    check_refused(
        type("Partial", (Server,), {"on_message": functools.partialmethod(Server.on_message)})(port=0), "on_message"
    )


@pytest.mark.parametrize("hook", ["on_join", "on_message"])
def test_what_is_assigned_to_the_object_is_a_hook(peers, hook):
    class Plain(rustchat.ChatServer):
        pass

    server, calls = Plain(port=0), []
    setattr(server, hook, lambda *arguments: calls.append(arguments))
    with server:
        peers(server).say("x")
        wait_until(lambda: calls)
        assert isinstance(calls[0][0], rustchat.Client)


def test_what_is_assigned_to_a_client_is_a_hook(server, peers):
    class Plain(rustchat.ChatClient):
        pass

    client, heard = Plain(*server.address), []
    client.on_message = heard.append
    with client:
        client.send("x")
        wait_until(lambda: [message.text for message in heard] == ["x"])


def test_plain_callables_of_every_kind_are_hooks(peers):
    class Plain(rustchat.ChatServer):
        pass

    class Upper:
        def __call__(self, client, text):
            return text.upper()

    def wrapped(client, text):
        return functools.wraps(coroutine)(lambda: text.upper())()

    mocked = mock.Mock(side_effect=lambda client, text: text.upper())
    for hook in (Upper(), functools.partial(lambda extra, client, text: text.upper(), 1), mocked, wrapped):
        server = Plain(port=0)
        server.on_message = hook
        with server:
            ann = peers(server)
            ann.say("x")
            assert ann.text() == "X"


@pytest.mark.parametrize(
    ("deferred", "answer"),
    [
        (coroutine, "coroutine"),
        (generator, "generator"),
        (async_generator, "async_generator"),
        (old_coroutine, "generator"),
    ],
)
def test_a_function_that_hides_a_coroutine_is_found_out_by_its_answer(peers, records, deferred, answer):
    class Server(rustchat.ChatServer):
        def on_join(self, client):
            return deferred()

        def on_message(self, client, text):
            return deferred()

    with Server(port=0) as server:
        ann = peers(server)
        ann.say("x")
        assert "not said" in ann.text()
        for hook in ("on_join", "on_message"):
            record = records.find(f"{hook}()")
            assert record.exc_info[0] is TypeError
            assert f"returned a {answer}," in str(record.exc_info[1])


def test_an_authorize_that_hides_a_coroutine_lets_nobody_in(records):
    class Server(rustchat.ChatServer):
        def authorize(self, client):
            return coroutine()

    with Server(port=0) as server:
        peer = LinePeer(server.address)
        assert "not admitted" in peer.file.read().decode()
        peer.close()
        assert records.find("authorize()").exc_info[0] is TypeError
        assert server.stats().refused == 1


def test_a_client_hook_that_hides_a_coroutine_is_logged(server, peers, records):
    class Client(rustchat.ChatClient):
        def on_message(self, message):
            return coroutine()

    with Client(*server.address) as client:
        client.send("x")
        assert records.find("on_message()").exc_info[0] is TypeError
        client.stop(PATIENCE)
