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


def test_an_exception_in_a_hook_is_logged_with_its_traceback_and_the_server_goes_on(peers, records):
    class Server(rustchat.ChatServer):
        def on_join(self, client):
            raise RuntimeError("not at home")

        def on_message(self, client, text):
            return text if text == "still here" else str(1 / 0)

        def on_leave(self, client, reason):
            raise KeyboardInterrupt

    with Server(port=0) as server:
        ann, ben = peers(server, 2)
        ann.say("nobody gets this")
        assert ann.text() == "* error: not said: the server's filter failed"
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


@pytest.mark.parametrize("answer", [42, b"bytes", True, ["text"]])
def test_a_wrong_answer_is_logged_and_nobody_gets_the_message(peers, records, answer):
    class Server(rustchat.ChatServer):
        def on_message(self, client, text):
            return answer

    with Server(port=0) as server:
        ann, ben = peers(server, 2)
        ann.say("what")
        assert ann.text() == "* error: not said: the server's filter failed"
        assert f"str or None, not {type(answer).__name__}" in str(records.find("on_message()").exc_info[1])
        server.broadcast("after")
        assert ben.text() == "after"


def test_a_hook_that_fails_may_be_made_to_let_pass(peers, records):
    class Server(rustchat.ChatServer):
        def on_message(self, client, text):
            raise LookupError(text)

        def on_error(self, error):
            """A hook with the name of the option: both work."""

    with Server(port=0, on_error="pass") as server:
        ann, ben = peers(server, 2)
        ann.say("unchanged")
        assert ann.text() == ben.text() == "unchanged"
        assert records.find("on_message()").exc_info[0] is LookupError


@pytest.mark.parametrize(("framing", "limit"), [("line", 100), ("u32be", 200)])
def test_what_a_hook_makes_of_a_message_is_held_to_the_limit(framing, limit, records):
    class Server(rustchat.ChatServer):
        def on_message(self, client, text):
            return {"long": "x" * (limit + 1), "forge": "a\x1b[2J", "fit": "x" * limit}[text]

    # Not even the old way lets out what the hook has replaced.
    for on_error in ("drop", "pass"):
        with (
            Server(port=0, framing=framing, message_limit=limit, on_error=on_error) as server,
            rustchat.ChatClient(*server.address, framing=framing) as client,
        ):
            for text in ("long", "forge"):
                client.send(text)
                with pytest.raises(rustchat.Error, match="not said: what the server's filter made of it"):
                    client.recv(PATIENCE)
            records.find(f"the message has {limit + 1} bytes, the limit is {limit}")
            client.send("fit")
            assert client.recv(PATIENCE).text == "x" * limit


def test_an_on_message_without_return_is_one_warning(peers, records):
    class Logger(rustchat.ChatServer):
        def on_message(self, client, text):
            heard.append(text)

    heard: list[str] = []
    with Logger(port=0) as server:
        ann = peers(server)
        for number in range(9):
            ann.say(str(number))
        wait_until(lambda: len(heard) == 9)
        assert not [record for record in records.records if "returned None" in record.getMessage()]
        for number in range(20):
            ann.say(str(number))
        wait_until(lambda: len(heard) == 29)
        record = records.find("on_message() has returned None")
        assert (record.name.split(".")[0], record.levelname) == ("rustchat", "WARNING")
    assert len([record for record in records.records if "returned None" in record.getMessage()]) == 1


def test_an_on_message_that_lets_anything_pass_is_no_warning(peers, records):
    class Strict(rustchat.ChatServer):
        def on_message(self, client, text):
            return text if text == "please" else None

    with Strict(port=0) as server:
        ann = peers(server)
        for text in ["no", "please", *["no"] * 20, "please"]:
            ann.say(text)
        assert (ann.text(), ann.text()) == ("please", "please")
    assert not [record for record in records.records if "returned None" in record.getMessage()]


@pytest.mark.parametrize("answer", [None, 0, "", []])
def test_authorize_without_an_answer_refuses(records, answer):
    class Server(rustchat.ChatServer):
        def authorize(self, client):
            return answer

    with Server(port=0) as server, rustchat.ChatClient(*server.address) as client:
        with pytest.raises(rustchat.ConnectionClosed, match="not admitted"):
            client.recv(PATIENCE)
        assert (server.stats().refused, server.stats().joined) == (1, 0)
        if answer is None:
            records.find("authorize() returned None")


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
