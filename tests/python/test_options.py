"""Options: a wrong type is a TypeError, a wrong value a ValueError, and both name the option."""

import inspect

import pytest
import rustchat


def server(**options):
    rustchat.ChatServer(**{"port": 0, **options}).start()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"port": 70000}, "port is 70000, expected 0 to 65535"),
        ({"port": -1}, "port is -1"),
        ({"framing": "lines"}, "framing: .*lines.*expected one of line"),
        ({"workers": -1}, "workers is -1, expected 0 or more"),
        ({"workers": 5000}, "workers is 5000"),
        ({"backlog": 0}, "backlog is 0, expected at least 1"),
        ({"message_limit": -5}, "message_limit is -5"),
        ({"outbox_limit": 10}, "outbox_limit is 10, expected at least"),
        ({"member_limit": 0}, "member_limit is 0"),
        ({"members_per_ip": -1}, "members_per_ip is -1"),
        ({"rate": (1, -2.0)}, "rate is -2"),
        ({"rate": (0, 1.0)}, "rate has a burst of 0"),
        ({"rate": (1, float("nan"))}, "rate is"),
        ({"handshake_limit": 0}, "handshake_limit is 0"),
        ({"handshake_timeout": 0}, "handshake_timeout is 0"),
        ({"write_timeout": -1.0}, "write_timeout is -1"),
        ({"ping_interval": float("nan")}, "ping_interval is"),
        ({"idle_timeout": -1}, "idle_timeout is -1"),
        ({"polling": -0.001}, "polling is -0.001"),
        ({"event_limit": 0}, "event_limit is 0"),
        ({"server_id": "x" * 100}, "id of 100 bytes|server_id"),
    ],
)
def test_wrong_values(options, message):
    options = {"secret": "s", **options}
    with pytest.raises(rustchat.InvalidArgument, match=message) as caught:
        server(**options)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"ip": 5}, "ip"),
        ({"port": "80"}, "port"),
        ({"framing": 1}, "framing"),
        ({"workers": "two"}, "workers"),
        ({"write_timeout": "long"}, "write_timeout"),
        ({"announce": "yes"}, "announce"),
        ({"rate": 5}, "rate"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_wrong_types(options, name):
    with pytest.raises(TypeError, match=name):
        server(**options)


@pytest.mark.parametrize(
    ("call", "options", "text"),
    [
        (
            rustchat.ChatServer,
            {"write_timeot": 1},
            "ChatServer.__init__() got an unexpected keyword argument 'write_timeot'",
        ),
        (rustchat.ChatClient, {"timout": 1}, "ChatClient.__init__() got an unexpected keyword argument 'timout'"),
        (
            rustchat.listen,
            {"address": "127.0.0.1:0", "back_log": 1},
            "listen() got an unexpected keyword argument 'back_log'",
        ),
        (
            rustchat.connect,
            {"address": "127.0.0.1:1", "key": "x"},
            "connect() got an unexpected keyword argument 'key'",
        ),
    ],
)
def test_an_unknown_keyword_is_answered_with_the_nearest(call, options, text):
    nearest = {"write_timeot": "write_timeout", "timout": "timeout", "back_log": "backlog", "key": "key_id"}
    with pytest.raises(TypeError) as caught:
        call(**options)
    assert str(caught.value) == f"{text}. Did you mean '{nearest[list(options)[-1]]}'?"


def test_a_keyword_like_no_other_is_answered_without_a_guess():
    with pytest.raises(TypeError, match=r"got an unexpected keyword argument 'zzz'$"):
        rustchat.ChatServer(zzz=1)


def test_extreme_values_are_served():
    with rustchat.ChatServer(
        port=0,
        write_timeout=float("inf"),
        idle_timeout=1e300,
        ping_interval=0,
        polling=float("inf"),
        rate=(0, 0),
        members_per_ip=0,
        workers=1,
    ) as running:
        with rustchat.ChatClient(*running.address, timeout=None) as client:
            client.send("x")
            assert client.recv(float("inf")).text == "x"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"port": 70000}, "port is 70000"),
        ({"timeout": -1}, "timeout is -1"),
        ({"event_limit": -1}, "event_limit is -1"),
        ({"event_limit": 0}, "event_limit is 0"),
        ({"name": "new\nline", "framing": "u32be"}, "name"),
        ({"name": "server"}, "reads as the server"),
    ],
)
def test_client_options(options, message):
    with rustchat.ChatServer(port=0, framing=options.get("framing", "line")) as running:
        with pytest.raises(ValueError, match=message):
            rustchat.ChatClient(**{"port": running.address[1], **options}).start()


def test_help_teaches():
    for thing in [getattr(rustchat, name) for name in rustchat.__all__ if not name.startswith("__")]:
        assert inspect.getdoc(thing), thing
        if inspect.isclass(thing) and thing.__module__ == "rustchat":
            for name, member in vars(thing).items():
                if not name.startswith("_"):
                    assert inspect.getdoc(member), f"{thing.__name__}.{name}"
    assert "port=60000" in str(inspect.signature(rustchat.ChatServer))
    assert "timeout=10.0" in str(inspect.signature(rustchat.ChatClient))
    assert str(inspect.signature(rustchat.Connection.recv)) == "(self, /, timeout=None)"
