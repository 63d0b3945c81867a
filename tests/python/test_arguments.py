"""Arguments of a wrong type, or a number past every bound: the text says which, what is expected and what came."""

import inspect
import re

import pytest
import rustchat
import rustchat.auth
import rustchat.frame
from rustchat import socket

HUGE = 10**400
"""More than any integer or floating-point number of the machine."""

CLOSED = socket.socket()
CLOSED.close()

GOOD = {
    "address": "127.0.0.1:1",
    "args": ["x"],
    "argv": ["/x"],
    "cert": "cert.pem",
    "challenge": b"",
    "client": 1,
    "data": b"",
    "first": b"",
    "framing": "line",
    "handshake": rustchat.auth.ServerHandshake("secret"),
    "how": 2,
    "key_id": "ann",
    "max": 1,
    "messages": [],
    "min": 1,
    "name": "ann",
    "old": "ben",
    "response": b"",
    "secret": "secret",
    "set": "a",
    "side": "server",
    "sock": CLOSED,
    "text": "",
    "timeout": 1,
    "to": 2,
    "root": "/",
    "source": "a",
    "target": "b",
    "path": "a",
    "question": 1,
    "verdict": True,
}
"""What is right for arguments that cannot be left out."""

ELSEWHERE = {"install"}
"""What asks for the truth of its argument."""

HOOKS = {
    "authorize",
    "on_disconnect",
    "on_error",
    "on_event",
    "on_join",
    "on_leave",
    "on_message",
    "on_private",
    "on_rename",
    "on_said",
}
"""Called by the library, not by programs."""

MODULES = (rustchat, rustchat.frame, rustchat.auth)
FRAMED = ("authenticate", "recv_frame", "send_frame")
"""What a socket has besides the standard one's methods, whose texts are the standard ones."""


def public_calls():
    """The names of all public constructors, functions and methods that take arguments."""
    found = {}
    for module in MODULES:
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing) and issubclass(thing, BaseException):
                continue
            if inspect.isclass(thing):
                found |= {f"{name}.{method}": member for method, member in methods_of(thing)}
            if callable(thing):
                found[name] = thing
    found |= {f"socket.{name}": getattr(socket.socket, name) for name in FRAMED}
    return [
        name for name, call in found.items() if len(parameters_of(call)) > name.count(".") and name not in ELSEWHERE
    ]


def methods_of(kind):
    for name, member in vars(kind).items():
        if not name.startswith("_") and callable(member) and name not in HOOKS:
            yield name, member


def parameters_of(call):
    try:
        signature = inspect.signature(call)
    except ValueError:  # A class that programs do not make.
        return []
    return [each for each in signature.parameters.values() if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]


@pytest.fixture(scope="module")
def objects(tmp_path_factory):
    """An object of every class that has methods, ready for calls."""
    server = rustchat.ChatServer("127.0.0.1", 0)
    listener = rustchat.listen(("127.0.0.1", 0))
    secret = "sixteen bytes or more"
    commands = rustchat.CommandServer(("127.0.0.1", 0), {"x": ["/bin/true"]}, secret=secret)
    library = rustchat.FileServer(("127.0.0.1", 0), tmp_path_factory.mktemp("root"), secret=secret)
    with server, rustchat.ChatClient(*server.address) as client, listener, socket.socket() as own, commands, library:
        remote = rustchat.CommandClient(commands.address, secret=secret)
        files = rustchat.FileClient(library.address, secret=secret)
        with rustchat.connect(listener.address) as connection, remote, files:
            yield {
                "ChatServer": server,
                "ChatClient": client,
                "Listener": listener,
                "Connection": connection,
                "Decoder": rustchat.frame.Decoder(),
                "ServerHandshake": rustchat.auth.ServerHandshake("secret"),
                "ClientHandshake": rustchat.auth.ClientHandshake("secret"),
                "KeyRing": rustchat.auth.KeyRing(),
                "CommandServer": commands,
                "CommandClient": remote,
                "FileServer": library,
                "FileClient": files,
                "Histogram": server.stats().turns,
                "Slot": rustchat.Slot,
                "socket": own,
            }


def call_of(name, objects):
    kind, _, method = name.rpartition(".")
    if kind:
        return getattr(objects[kind], method)
    return next(getattr(module, name) for module in MODULES if hasattr(module, name))


def call_with(call, name, value):
    """Call with one argument that is wrong; the others are as good as can be, or left out."""
    positional, named = [], {}
    for parameter in parameters_of(call):
        if parameter.name != name and parameter.default is not parameter.empty:
            continue
        given = value if parameter.name == name else GOOD[parameter.name]
        if parameter.kind is parameter.POSITIONAL_ONLY:
            positional.append(given)
        else:
            named[parameter.name] = given
    call(*positional, **named)


@pytest.mark.parametrize("name", public_calls())
def test_a_wrong_type_is_named(name, objects):
    call = call_of(name, objects)
    for parameter in parameters_of(call):
        with pytest.raises(TypeError) as caught:
            call_with(call, parameter.name, object())
        text = str(caught.value)
        assert re.fullmatch(f"argument '{parameter.name}': expected .*, not object", text), f"{name}: {text}"
        assert not getattr(caught.value, "__notes__", None)


@pytest.mark.parametrize("name", public_calls())
def test_a_number_past_every_bound_is_named(name, objects):
    call = call_of(name, objects)
    for parameter in parameters_of(call):
        with pytest.raises((TypeError, ValueError)) as caught:
            call_with(call, parameter.name, HUGE)
        form = "argument '{}': expected .*, not int" if caught.type is TypeError else "{} is 1000.*, expected .*"
        text = str(caught.value)
        assert re.fullmatch(form.format(parameter.name), text), f"{name}: {text}"
        assert len(text) < 200


def test_every_option_of_a_server_is_looked_at():
    assert len(parameters_of(rustchat.ChatServer)) > 20
    assert len(public_calls()) > 30


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"port": 10**30}, ValueError, f"port is {10**30}, expected 0 to 65535"),
        ({"backlog": 10**30}, ValueError, f"backlog is {10**30}, expected 0 to 4294967295"),
        ({"mode": 10**30}, ValueError, f"mode is {10**30}, expected at most 0o777, such as 0o660"),
        ({"group": 10**30}, ValueError, f"group is {10**30}, expected 0 to 4294967295"),
        ({"group": -1}, ValueError, "group is -1, expected 0 to 4294967295"),
        ({"rate": (10**30, 1.0)}, ValueError, f"rate is {10**30}, expected a burst of 0 to 4294967295"),
        (
            {"rate": ("x", 1.0)},
            TypeError,
            "argument 'rate': expected (messages at once, messages a second) or None, not (str, float)",
        ),
        ({"members_per_ip": "x"}, TypeError, "argument 'members_per_ip': expected an integer or None, not str"),
        ({"keys": {1: "2"}}, TypeError, "argument 'keys': expected ids of type str, not int"),
        ({"keys": {"a": 2}}, TypeError, "argument 'keys[\"a\"]': expected bytes or str, not int"),
        (
            {"ip": ("h", "x")},
            TypeError,
            "argument 'ip': expected (host, port), 'host:port' or the path of a Unix socket, not (str, str)",
        ),
    ],
)
def test_what_is_said(options, kind, text):
    with pytest.raises(kind) as caught:
        rustchat.ChatServer(**options)
    assert str(caught.value) == text


def test_seconds():
    with pytest.raises(TypeError) as caught:
        rustchat.connect(("127.0.0.1", 1), timeout="soon")
    assert str(caught.value) == "argument 'timeout': expected a number of seconds or None, not str"


def test_what_may_be_secret_is_not_told():
    with pytest.raises(TypeError, match=r"expected \(kind, bytes\) or None, not \(str, bytes\)$"):
        rustchat.auth.ClientHandshake("secret", channel_binding=("kind", b"exported"))
    with pytest.raises(ValueError, match=r"channel_binding is 300, expected a kind of 1 to 255$"):
        rustchat.auth.ClientHandshake("secret", channel_binding=(300, b"exported"))
    with pytest.raises(TypeError, match=r"argument 'channel_binding': expected a bytes-like object, not str$"):
        rustchat.auth.ClientHandshake("secret", channel_binding=(1, "exported"))


def test_more_digits_than_python_writes():
    with pytest.raises(ValueError, match="port is too large, expected 0 to 65535"):
        rustchat.ChatServer(port=10**5000)


def test_what_a_number_raises_of_its_own_is_passed_on():
    class Broken:
        def __index__(self):
            raise LookupError("no number today")

    with pytest.raises(LookupError, match="no number today"):
        rustchat.ChatServer(port=Broken())
