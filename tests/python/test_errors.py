"""The exceptions: one root, and each the built-in class one expects."""

import builtins
import errno
import os
import pickle
import subprocess
import sys
import tempfile

import pytest
import rustchat
from conftest import PATIENCE, run_script
from rustchat import errors

BUILT_IN = {
    "InvalidArgument": [ValueError],
    "InvalidText": [ValueError],
    "MessageTooLong": [ValueError],
    "AddressError": [ValueError],
    "FileExists": [FileExistsError],
    "FileNotFound": [FileNotFoundError],
    "IsADirectory": [IsADirectoryError],
    "NotADirectory": [NotADirectoryError],
    "PermissionDenied": [PermissionError],
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
        assert f", {getattr(errors, name).status}, " in source


def calls_with(address):
    """Every call that takes an address: a server's, a listener's, a connection's, a client's."""
    yield lambda: rustchat.ChatServer(address).start()
    yield lambda: rustchat.listen(address)
    yield lambda: rustchat.connect(address, timeout=PATIENCE)
    yield lambda: rustchat.ChatClient(address).start()


@pytest.mark.parametrize("index", range(4))
def test_a_path_that_is_not_there_is_a_file_that_is_not_found(tmp_path, index):
    call = list(calls_with(str(tmp_path / "nowhere" / "x.sock")))[index]
    with pytest.raises(FileNotFoundError, match="nowhere") as caught:
        call()
    assert isinstance(caught.value, rustchat.Error) and caught.value.errno == errno.ENOENT
    assert str(caught.value).endswith(": No such file or directory")


@pytest.mark.parametrize("index", range(4))
def test_a_path_through_a_file_is_not_a_directory(tmp_path, index):
    (tmp_path / "file").touch()
    call = list(calls_with(str(tmp_path / "file" / "x.sock")))[index]
    with pytest.raises(NotADirectoryError) as caught:
        call()
    assert isinstance(caught.value, rustchat.Error) and caught.value.errno == errno.ENOTDIR


DENIED = """
import os, sys
import rustchat
for kind in rustchat.ChatServer, rustchat.ChatClient:
    kind(sys.argv[1] + "/unused.sock")     # whatever that imports, while it can be read
os.setgid(65534); os.setuid(65534)
for call in (
    lambda: rustchat.ChatServer(sys.argv[1] + "/new.sock").start(),
    lambda: rustchat.listen(sys.argv[1] + "/new.sock"),
    lambda: rustchat.connect(sys.argv[1] + "/x.sock", timeout=10),
    lambda: rustchat.ChatClient(sys.argv[1] + "/x.sock").start(),
):
    try:
        call()
    except PermissionError as error:
        print(type(error).__name__, isinstance(error, rustchat.Error), error.errno, error.strerror.split(": ")[-1])
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_what_this_user_may_not_do_is_a_permission_error():
    # Where everybody can get to, unlike the directories of pytest.
    with tempfile.TemporaryDirectory() as directory, rustchat.listen(f"{directory}/x.sock"):
        os.chmod(directory, 0o755)
        done = run_script(DENIED, directory)
    assert (done.stdout, done.stderr) == ("PermissionDenied True 13 Permission denied\n" * 4, "")


def test_sentences_have_no_numbers_of_the_system():
    with rustchat.listen(("127.0.0.1", 0)) as listener:
        taken = listener.address
        errors_met = []
        for call in (
            lambda: rustchat.listen(taken),
            lambda: rustchat.ChatServer(*taken).start(),
            lambda: rustchat.connect(("127.0.0.1", 1)),
            lambda: rustchat.ChatClient("127.0.0.1", 1).start(),
            lambda: rustchat.listen(("192.0.2.1", 0), allow_anonymous=True),
            lambda: rustchat.connect(("no-such-host.invalid", 1), timeout=PATIENCE),
            lambda: rustchat.listen("/" + "x" * 200),
        ):
            with pytest.raises(rustchat.Error) as caught:
                call()
            errors_met.append(str(caught.value))
    assert not [text for text in errors_met if "os error" in text]


def test_neither_do_those_of_the_command():
    with rustchat.listen(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-m", "rustchat", "serve", "--port", str(listener.address[1])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    assert done.returncode == 1 and "in use" in done.stderr
    assert "os error" not in done.stderr and "Errno" not in done.stderr
