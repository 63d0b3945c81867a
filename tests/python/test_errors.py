"""The exceptions: one root, and each the built-in class one expects."""

import builtins
import errno
import pickle

import pytest
import rustchat
from rustchat import errors

BUILT_IN = {
    "InvalidArgument": [ValueError],
    "InvalidText": [ValueError],
    "MessageTooLong": [ValueError],
    "AddressError": [ValueError],
    "NoSuchPeer": [LookupError],
    "StateError": [RuntimeError],
    "TimeoutError": [builtins.TimeoutError],
    "WouldBlock": [BlockingIOError],
    "ConnectionClosed": [EOFError, ConnectionError],
    "ConnectionLost": [ConnectionResetError],
    "ConnectionRefused": [ConnectionRefusedError],
    "AuthenticationError": [PermissionError],
    "ProtocolError": [ConnectionError],
    "NotSupported": [NotImplementedError],
    "InternalError": [RuntimeError],
}


@pytest.mark.parametrize("name", errors.__all__)
def test_classes(name):
    kind = getattr(rustchat, name)
    assert kind is getattr(errors, name)
    assert issubclass(kind, rustchat.Error)
    assert issubclass(kind, OSError)
    for built_in in BUILT_IN.get(name, []):
        assert issubclass(kind, built_in)
    made = kind("a sentence")
    assert str(made) == made.strerror == "a sentence"
    assert made.errno in errno.errorcode
    assert made.status.startswith("RUSTCHAT_E")
    again = pickle.loads(pickle.dumps(kind(5, "two arguments")))
    assert (type(again), again.errno, str(again)) == (kind, 5, "two arguments")
    assert str(kind()) == name


def test_an_error_of_the_system_keeps_its_number():
    with pytest.raises(rustchat.ConnectionRefused) as caught:
        rustchat.connect(("127.0.0.1", 1))
    assert caught.value.errno == errno.ECONNREFUSED
    assert caught.value.status == "RUSTCHAT_ECONNREFUSED"
    assert "127.0.0.1:1" in str(caught.value)


def test_every_class_the_core_names_is_there():
    """The statuses of the classes and those of the C header are the same."""
    from pathlib import Path

    source = (Path(__file__).parents[2] / "src" / "error.rs").read_text()
    for name in set(errors.__all__) - {"Error"}:
        assert f'"{name}"' in source
        assert f'"{getattr(errors, name).status}"' in source
