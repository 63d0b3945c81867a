"""Hooks: called when overridden, in order, and never able to harm the server."""

import contextlib
import threading
from pathlib import Path

import pytest
import rustchat
from conftest import PATIENCE, LinePeer, wait_until


class Recorder(rustchat.ChatServer):
    def __init__(self, *arguments, **options):
        super().__init__("127.0.0.1", 0, **options)
        self.arguments = arguments
        self.calls = []

    def on_join(self, client):
        self.calls.append(("join", client.address))

    def on_message(self, client, text):
        self.calls.append(("message", text))
        return text

    def on_leave(self, client, reason):
        self.calls.append(("leave", client.address, reason))


def test_a_subclass_has_arguments_of_its_own():
    server = Recorder("a room", {"any": "thing"})
    assert server.arguments == ("a room", {"any": "thing"})


def test_hooks_are_called_in_order(peers):
    with Recorder() as server:
        ann = peers(server)
        for text in ("one", "two", "quit"):
            ann.say(text)
        wait_until(lambda: len(server.calls) == 4)
        address = ann.sock.getsockname()
        assert server.calls == [
            ("join", address), ("message", "one"), ("message", "two"), ("leave", address, "quit")
        ]  # fmt: skip


def test_hooks_run_on_a_thread_of_the_server_with_its_name(peers):
    names = []

    class Server(rustchat.ChatServer):
        def on_join(self, client):
            names.append(threading.get_ident())

    with Server(port=0) as server:
        peers(server, 3)
        wait_until(lambda: len(names) == 3)
    assert len(set(names)) == 1
    assert threading.get_ident() not in names


def test_what_on_message_returns_is_what_the_room_gets(peers):
    class Server(rustchat.ChatServer):
        def on_message(self, client, text):
            if text.startswith("secret"):
                return None
            return text.upper()

    with Server(port=0) as server:
        ann, ben = peers(server, 2)
        for text in ("one", "secret", "two"):
            ann.say(text)
        assert [ben.text(), ben.text()] == ["ONE", "TWO"]
        assert [ann.text(), ann.text()] == ["ONE", "TWO"]


def test_a_hook_without_return_drops(peers):
    heard = []

    class Server(rustchat.ChatServer):
        def on_message(self, client, text):
            heard.append(text)

    with Server(port=0) as server:
        ann = peers(server)
        ann.say("nobody hears this")
        wait_until(lambda: heard)
        server.broadcast("but this")
        assert ann.text() == "but this"


def test_messages_keep_their_order_through_the_filter(peers):
    class Server(rustchat.ChatServer):
        def on_message(self, client, text):
            return None if text.endswith("7") else "+" + text

    with Server(port=0) as server:
        ann, ben = peers(server, 2)
        ann.sock.sendall("".join(f"{number}\n" for number in range(500)).encode())
        expected = [f"+{number}" for number in range(500) if number % 10 != 7]
        assert [ben.text() for _ in expected] == expected
        assert [ann.text() for _ in expected] == expected


def test_an_exception_in_a_hook_is_logged_with_its_traceback_and_the_message_goes_on(peers, records):
    class Server(rustchat.ChatServer):
        def on_join(self, client):
            raise RuntimeError("not at home")

        def on_message(self, client, text):
            return str(1 / 0)

        def on_leave(self, client, reason):
            raise KeyboardInterrupt

    with Server(port=0) as server:
        ann, ben = peers(server, 2)
        ann.say("unchanged")
        assert ben.text() == "unchanged"
        ann.say("quit")
        for hook, error in (
            ("on_join", RuntimeError),
            ("on_message", ZeroDivisionError),
            ("on_leave", KeyboardInterrupt),
        ):
            record = records.find(f"{hook}()")
            assert record.name == "rustchat"
            assert record.levelname == "ERROR"
            assert record.exc_info[0] is error
            assert record.exc_info[2].tb_frame.f_code.co_name == hook
        ben.say("still here")
        assert ben.text() == "still here"


def test_a_wrong_answer_is_logged_and_the_message_goes_on(peers, records):
    class Server(rustchat.ChatServer):
        def on_message(self, client, text):
            return 42

    with Server(port=0) as server:
        ann = peers(server)
        ann.say("what")
        assert ann.text() == "what"
        assert "str or None, not int" in str(records.find("on_message()").exc_info[1])


def test_authorize_decides_who_joins(peers, records):
    class Server(rustchat.ChatServer):
        answers = iter([True, False, RuntimeError("broken"), True])

        def authorize(self, client):
            answer = next(self.answers)
            if isinstance(answer, Exception):
                raise answer
            return answer

    with Server(port=0) as server:
        first = peers(server)
        for _ in range(2):
            refused = LinePeer(server.address)
            refused.file.read()
            refused.close()
        peers(server)
        assert server.stats().joined == 2
        records.find("authorize()")
        server.broadcast("hi")
        assert first.text() == "hi"


def test_on_error_tells_of_failed_authentication():
    errors = []

    class Server(rustchat.ChatServer):
        def on_error(self, error):
            errors.append(error)

    with Server(port=0, secret="right") as server:
        with pytest.raises(rustchat.AuthenticationError):
            rustchat.ChatClient(*server.address, secret="wrong").start()
        wait_until(lambda: errors)
    assert isinstance(errors[0], rustchat.AuthenticationError)
    assert "127.0.0.1:" in str(errors[0])


def test_hooks_may_use_the_server(peers):
    class Server(rustchat.ChatServer):
        def on_join(self, client):
            self.send(client, f"you are {len(self.clients)}")

        def on_message(self, client, text):
            if text == "kick me":
                self.disconnect(client)
            return text

    with Server(port=0) as server:
        ann = peers(server)
        assert ann.text() == "you are 1"
        ann.say("kick me")
        assert "disconnected" in ann.file.read().decode()


def test_stop_inside_a_hook_begins_to_stop(peers):
    stopped = threading.Event()

    class Server(rustchat.ChatServer):
        def on_message(self, client, text):
            self.stop()
            with pytest.raises(rustchat.StateError):
                self.join()
            stopped.set()
            return text

    server = Server(port=0)
    server.start()
    ann = peers(server)
    ann.say("good night")
    assert stopped.wait(PATIENCE)
    server.join(PATIENCE)
    assert ann.text() == "good night"
    assert not server.running
    server.start()
    server.stop()


def test_stop_while_a_hook_hangs_raises_and_ends_later(peers):
    go_on = threading.Event()
    inside = threading.Event()

    class Server(rustchat.ChatServer):
        def on_message(self, client, text):
            inside.set()
            go_on.wait(PATIENCE)
            return text

    server = Server(port=0)
    server.start()
    ann = peers(server)
    ann.say("x")
    assert inside.wait(PATIENCE)
    with pytest.raises(TimeoutError):
        server.stop(0.1)
    with pytest.raises(rustchat.StateError, match="stopping"):
        server.start()
    go_on.set()
    server.join(PATIENCE)


def test_a_server_without_hooks_has_no_thread_for_them(server):
    def hook_threads():
        names = []
        for task in Path("/proc/self/task").iterdir():
            with contextlib.suppress(OSError):
                names.append((task / "comm").read_text().strip())
        return names.count("rustchat-hooks")

    wait_until(lambda: hook_threads() == 0)
    with Recorder():
        wait_until(lambda: hook_threads() == 1)
    wait_until(lambda: hook_threads() == 0)


def test_only_overridden_hooks_are_asked():
    class JoinsOnly(rustchat.ChatServer):
        def on_join(self, client):
            pass

    # A message does not wait for a server whose hooks do not want it.
    hanging = threading.Event()

    class Hanging(JoinsOnly):
        def on_join(self, client):
            hanging.wait(PATIENCE)

    with Hanging(port=0) as server:
        with rustchat.ChatClient(*server.address) as client:
            client.send("hi")
            assert client.recv(PATIENCE).text == "hi"
        hanging.set()
