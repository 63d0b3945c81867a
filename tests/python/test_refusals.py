"""Who or what is refused is told so by the call that waits."""

import datetime
import os
import subprocess
import sys
import threading

import pytest
import rustchat
from conftest import PATIENCE, run_script, wait_until

FRAMINGS = pytest.mark.parametrize("framing", ["line", "u32be"])


class Closed(rustchat.ChatServer):
    def authorize(self, client):
        return False


@FRAMINGS
def test_authorize(framing):
    with Closed(port=0, framing=framing) as server:
        for number in range(5):
            with rustchat.ChatClient(*server.address, framing=framing) as client:
                for _ in "again":
                    with pytest.raises(rustchat.ConnectionClosed, match="not admitted"):
                        client.recv(PATIENCE)
                # Even who only listens: this is no end in good order.
                with pytest.raises(rustchat.ConnectionClosed, match="not admitted"):
                    list(client)
            assert server.stats().refused == number + 1


@FRAMINGS
def test_a_full_server(framing):
    with (
        rustchat.ChatServer(port=0, framing=framing, member_limit=1) as server,
        rustchat.ChatClient(*server.address, framing=framing),
    ):
        wait_until(lambda: server.clients)
        with (
            rustchat.ChatClient(*server.address, framing=framing) as client,
            pytest.raises(rustchat.ConnectionClosed, match="server is full"),
        ):
            next(client)


def test_a_taken_name():
    with rustchat.ChatServer(port=0, framing="u32be") as server:
        with rustchat.ChatClient(*server.address, framing="u32be", name="ann") as ann:
            wait_until(lambda: any(client.name for client in server.clients))
            with rustchat.ChatClient(*server.address, framing="u32be", name="ann") as other:
                with pytest.raises(rustchat.InvalidArgument, match=r"ann.* taken"):
                    other.recv(PATIENCE)
                ann.send("hi")
                assert other.recv(PATIENCE).text == "hi"
            with rustchat.ChatClient(*server.address, framing="u32be", name="ann") as other:
                kinds = [other.recv_any(PATIENCE).kind for _ in range(2)]
                assert kinds == ["welcome", "error"]


@FRAMINGS
def test_a_stopping_server(framing):
    server = rustchat.ChatServer(port=0, framing=framing)
    server.start()
    with rustchat.ChatClient(*server.address, framing=framing) as client:
        wait_until(lambda: server.clients)
        server.stop()
        for _ in "again":
            with pytest.raises(rustchat.ConnectionClosed, match="server stopped"):
                client.recv(PATIENCE)
        assert list(client) == []
        with pytest.raises(rustchat.ConnectionClosed, match="server stopped"):
            client.send("anybody there?")


@FRAMINGS
def test_a_newcomer_to_a_stopping_server(framing):
    asked, answer = threading.Event(), threading.Event()

    class Slow(rustchat.ChatServer):
        def authorize(self, client):
            asked.set()
            return answer.wait(PATIENCE)

    server = Slow(port=0, framing=framing)
    server.start()
    with rustchat.ChatClient(*server.address, framing=framing) as client:
        assert asked.wait(PATIENCE)
        with pytest.raises(TimeoutError):
            server.stop(0)
        answer.set()
        with pytest.raises(rustchat.ConnectionClosed, match="server stopped"):
            client.recv(PATIENCE)
    server.join(PATIENCE)
    assert server.stats().refused == 1


def test_a_hooked_client_that_does_not_ask_for_refusals_finds_them_in_the_log(records):
    class Client(rustchat.ChatClient):
        def on_message(self, message):
            pass

    with Closed(port=0) as server, Client(*server.address) as client:
        client.join(PATIENCE)
        assert records.find("the server refused: not admitted").levelname == "WARNING"


def test_a_line_over_the_limit_raises_and_the_session_goes_on(server):
    with rustchat.ChatClient(*server.address) as client:
        assert client.message_limit == 8192
        for text in ("x" * 9000, "ü" * 4097):
            with pytest.raises(rustchat.MessageTooLong, match="8192"):
                client.send(text)
        client.send("ü" * 4096)
        assert client.recv(PATIENCE).text == "ü" * 4096
        assert server.stats().messages == 1


def test_a_line_server_with_another_limit():
    with rustchat.ChatServer(port=0, message_limit=100) as server:
        with rustchat.ChatClient(*server.address) as client:
            # Nobody has told the client, so the server does.
            client.send("x" * 101)
            with pytest.raises(rustchat.MessageTooLong, match="100 bytes"):
                client.recv(PATIENCE)
            client.send("short")
            assert client.recv(PATIENCE).text == "short"
        with rustchat.ChatClient(*server.address, message_limit=100) as client:
            with pytest.raises(rustchat.MessageTooLong, match="100"):
                client.send("x" * 101)
    with pytest.raises(rustchat.InvalidArgument, match="message_limit is -1"):
        rustchat.ChatClient(message_limit=-1)


@pytest.mark.parametrize("limit", [100, 65536, 200_000])
def test_the_welcome_tells_the_limit(limit):
    with (
        rustchat.ChatServer(port=0, framing="u32be", message_limit=limit) as server,
        rustchat.ChatClient(*server.address, framing="u32be") as client,
    ):
        with pytest.raises(rustchat.MessageTooLong, match=str(limit)):
            client.send("x" * (limit - 27))
        client.send("x" * (limit - 28))
        assert len(client.recv(PATIENCE).text) == limit - 28
        assert client.message_limit == limit
    assert client.message_limit is None


def test_after_quit_nothing_is_lost_silently(server):
    with rustchat.ChatClient(*server.address) as client:
        client.send("quit")
        with pytest.raises(rustchat.ConnectionClosed, match="left the room"):
            client.send("one thing more")


LISTEN = """
import sys, rustchat
with rustchat.ChatClient(sys.argv[1], int(sys.argv[2]), framing=sys.argv[3]) as client:
    client.send("hi")
    print(client.recv(10).time.isoformat())
"""

SERVE = """
import sys, rustchat
with rustchat.ChatServer(port=0, framing=sys.argv[1]) as server:
    print(server.address[1], flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize(("framing", "zone"), [("line", "Asia/Shanghai"), ("line", "UTC"), ("u32be", "Asia/Shanghai")])
def test_time_claims_no_zone_that_the_wire_has_not(framing, zone):
    environment = {**os.environ, "TZ": "<+08>-8" if zone == "Asia/Shanghai" else zone}
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, framing],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            port = process.stdout.readline().strip()
            before = datetime.datetime.now(datetime.UTC)
            told = run_script(LISTEN, "127.0.0.1", port, framing)
            assert told.returncode == 0, told.stderr
            time = datetime.datetime.fromisoformat(told.stdout.strip())
        finally:
            process.stdin.close()
    if framing == "line":
        assert time.tzinfo is None
        hours = 8 if zone == "Asia/Shanghai" else 0
        time = time.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=hours)))
    assert abs(time - before) < datetime.timedelta(minutes=1)
