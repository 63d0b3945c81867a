"""What `help()` says, for who has nothing else at hand."""

from __future__ import annotations

import inspect
import re

import pytest
import rustchat
from rustchat import errors

RAISES = {
    rustchat.ChatServer.start: ["StateError", "AddressInUse"],
    rustchat.ChatServer.stop: ["TimeoutError"],
    rustchat.ChatServer.join: ["TimeoutError"],
    rustchat.ChatServer.broadcast: [
        "QueueOverflow",
        "MessageTooLong",
        "InvalidText",
        "ConnectionClosed",
        "StateError",
    ],
    rustchat.ChatServer.send: ["NoSuchPeer", "QueueOverflow", "MessageTooLong", "InvalidText", "StateError"],
    rustchat.ChatServer.disconnect: ["NoSuchPeer", "StateError"],
    rustchat.ChatClient.start: [
        "StateError",
        "ConnectionRefused",
        "AuthenticationError",
        "ProtocolError",
        "TimeoutError",
    ],
    rustchat.ChatClient.send: ["MessageTooLong", "InvalidText", "ConnectionClosed", "StateError", "TimeoutError"],
    rustchat.ChatClient.recv: ["ConnectionClosed", "ConnectionLost", "TimeoutError"],
    rustchat.ChatClient.leave: ["StateError", "TimeoutError"],
    rustchat.connect: ["ConnectionRefused", "AuthenticationError", "ProtocolError", "TimeoutError"],
    rustchat.listen: ["AddressInUse", "AddressError", "FileNotFoundError", "PermissionError"],
    rustchat.Connection.send: ["MessageTooLong", "TimeoutError", "ConnectionClosed", "ConnectionLost", "StateError"],
    rustchat.Connection.recv: ["ConnectionClosed", "ConnectionLost", "TimeoutError", "MessageTooLong", "ProtocolError"],
    rustchat.Listener.accept: ["TimeoutError", "ConnectionClosed"],
}


@pytest.mark.parametrize("call", RAISES, ids=lambda call: call.__qualname__)
def test_a_call_says_what_it_raises(call: object) -> None:
    text = inspect.getdoc(call)
    assert text
    assert [name for name in RAISES[call] if name not in text] == []  # type: ignore[index]


def test_help_begins_with_the_classes_and_then_the_errors() -> None:
    text = inspect.getdoc(rustchat)
    assert text
    classes, when = text.index("\nChatServer "), text.index("Which error when:")
    assert classes < when
    named = set(re.findall(r"\b[A-Z]\w+", text[when:]))
    assert set(errors.__all__) - {"Error"} <= named


def test_the_limit_of_a_message_says_what_it_counts() -> None:
    assert re.search(r"message_limit: .*(JSON|escape)", inspect.getdoc(rustchat.ChatServer) or "", re.S)
