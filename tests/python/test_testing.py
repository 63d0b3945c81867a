"""rustchat.testing: connections in memory, clients that record, and the fixtures."""

import re
import select
import subprocess
import sys

import pytest
import rustchat
from rustchat.testing import Recorder, chat_server, pair, recorder  # noqa: F401  (fixtures)
from waiting import PATIENCE


def test_a_pair_sends_whole_messages_both_ways():
    near, far = pair()
    with near, far:
        near.send(b"hello")
        far.send_many([b"one", b"two"])
        assert (far.recv(PATIENCE), near.recv_many(2, PATIENCE)) == (b"hello", [b"one", b"two"])
        assert not select.select([far], [], [], 0)[0]
        with pytest.raises(TimeoutError):
            far.recv(0)
        near.close()
        with pytest.raises(rustchat.ConnectionClosed):
            far.recv(PATIENCE)


@pytest.mark.parametrize("framing", ["line", "u32le", "multiprocessing"])
def test_a_pair_of_any_framing_has_its_limit(framing):
    near, far = pair(framing, limit=10)
    with near, far:
        near.send(b"hello")
        assert far.recv(PATIENCE) == b"hello"
        with pytest.raises(rustchat.MessageTooLong):
            near.send(b"longer than ten")


def test_a_recorder_notes_what_it_hears(chat_server, recorder):  # noqa: F811
    server = chat_server(announce=True, framing="u32be")
    ann, ben = [recorder(server, framing="u32be", name=name) for name in ("ann", "ben")]
    ann.send("hello")
    ann.send("hello")
    first = ben.wait_for("hello")
    assert first.sender.name == "ann" and ben.wait_for(re.compile("^hel")).seq == first.seq + 1
    assert ann.wait_for(lambda message: message.kind == "join")
    assert ben.texts == ["hello", "hello"]
    server.stop()
    assert isinstance(ben.wait_for_end(), rustchat.Error)


def test_what_was_not_heard_is_said_with_all_that_was(chat_server, recorder):  # noqa: F811
    server = chat_server()
    ann = recorder(server)
    server.broadcast("one")
    server.broadcast("two")
    ann.wait_for("two")
    with pytest.raises(AssertionError) as failed:
        ann.wait_for("three", timeout=0.01)
    assert str(failed.value).splitlines() == [
        "'three' was not heard within 0.01 seconds; what was:",
        "  message of the server: 'one'",
        "  message of the server: 'two' (found before)",
    ]
    with pytest.raises(AssertionError, match="did not end within 0 seconds"):
        ann.wait_for_end(timeout=0)
    server.disconnect(server.clients[0])
    with pytest.raises(AssertionError, match=r"before the connection ended \(.*disconnected"):
        ann.wait_for("three", timeout=60)


def test_a_recorder_that_has_heard_nothing_says_so(chat_server, recorder):  # noqa: F811
    ann = recorder(chat_server(unix=True))
    with pytest.raises(AssertionError, match="nothing"):
        ann.wait_for("anything", timeout=0)


class Loud(rustchat.ChatServer):
    def on_message(self, client, text):
        return text.upper()


def test_servers_of_any_kind_are_started_where_nobody_else_is(chat_server, recorder):  # noqa: F811
    servers = [chat_server(), chat_server(Loud), chat_server(Loud(port=0)), chat_server(Loud, unix=True)]
    assert len({server.address for server in servers}) == 4 and all(server.running for server in servers)
    for server in servers[1:]:
        ann = recorder(server)
        ann.send("hello")
        ann.wait_for("HELLO")


CONFTEST = 'pytest_plugins = ["rustchat.testing"]\n'
MODULE = """
def test_it_is_there(chat_server, recorder):
    ann = recorder(chat_server())
    ann.send("hello")
    ann.wait_for("hello")
"""


def test_as_a_plugin_it_brings_its_fixtures(tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_it.py").write_text(MODULE)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", tmp_path]
    done = subprocess.run(words, capture_output=True, text=True, timeout=50, cwd=tmp_path)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_it_asks_for_no_pytest_and_nobody_loads_it_unasked():
    source = """
import sys, rustchat
assert "rustchat.testing" not in sys.modules
import rustchat.testing
assert "pytest" not in sys.modules and not hasattr(rustchat.testing, "chat_server")
with rustchat.testing.World(rustchat.ChatServer()) as world:
    world.join().say("hello")
"""
    subprocess.run([sys.executable, "-W", "error", "-c", source], check=True, timeout=30)
