"""The examples: the same under `python` and `rustchat run`, for server and client in every pairing."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "bindings/python/examples"
PATIENCE = 30
WAYS = {"python": [], "rustchat": ["-m", "rustchat", "run"]}
PAIRS = [(server, client) for server in WAYS for client in WAYS]


class Program:
    """An example that runs, with all that it has printed."""

    def __init__(self, way: str, name: str, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-X", "dev", *WAYS[way], str(EXAMPLES / name), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
            env={**os.environ, "CHAT_SECRET": "open sesame", "PYTHONUNBUFFERED": ""},
        )
        self.lines: list[str] = []
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line)
                self.changed.notify_all()
        self.process.stdout.close()

    @property
    def port(self) -> int:
        return int(self.wait_for("listening on port").split()[-1])

    def wait_for(self, text: str, count: int = 1) -> str:
        """The line, as soon as it was printed so often."""
        with self.changed:
            found = self.changed.wait_for(lambda: sum(text in line for line in self.lines) >= count, PATIENCE)
            assert found, f"{text!r} was not printed: {self.lines}"
            return next(line for line in self.lines if text in line)

    def enter(self, text: str) -> None:
        self.process.stdin.write(text)

    def end(self, *, interrupt: bool = False, code: int = 0) -> list[str]:
        """What it printed until its end, without what differs from run to run."""
        if interrupt:
            self.process.send_signal(signal.SIGINT)
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        assert self.process.wait(PATIENCE) == code, self.lines
        self.reader.join(PATIENCE)
        return [without_particulars(line) for line in self.lines]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.reader.join(PATIENCE)
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()


def without_particulars(line: str) -> str:
    line = re.sub(r"\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\]", "[TIME]", line)
    line = re.sub(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "TIME", line)
    return re.sub(r"(port |127\.0\.0\.1:)\d+", r"\1PORT", line).rstrip("\n")


@pytest.fixture(params=PAIRS, ids="-".join)
def start(request):
    """Starts servers the one way and clients the other."""
    ways = dict(zip(("server", "client"), request.param, strict=True))
    started = []

    def begin(role, name, *arguments):
        started.append(Program(ways[role], name, *arguments))
        return started[-1]

    yield begin
    for program in started:
        program.kill()


LISTENING = "listening on port PORT"


def dialogue(start, server_name, client_name, said, *, interrupt=True, answers=""):
    """What server and client print when the client is given some lines."""
    server = start("server", server_name)
    client = start("client", client_name, server.port)
    server.enter(answers)
    client.enter(said)
    heard = client.end()
    return server.end(interrupt=interrupt), heard


def test_one_shot(start):
    assert dialogue(start, "one_shot_server.py", "one_shot_client.py", "", interrupt=False) == (
        [LISTENING, "asked: how are you? 你好吗"],
        ["answer: fine, and you? 很好"],
    )


def test_loop_chat(start):
    assert dialogue(
        start, "loop_chat_server.py", "loop_chat_client.py", "hi\n\n你好\nexit\n", interrupt=False, answers="ho\n\nja\n"
    ) == (
        [LISTENING, "client: hi", "client: ", "client: 你好", "client: exit", "the dialogue is over"],
        ["server: ho", "server: (nothing)", "server: ja"],
    )


def test_one_after_another(start):
    server = start("server", "one_after_another_server.py")
    for number in (1, 2):
        client = start("client", "loop_chat_client.py", server.port)
        client.enter(f"I am {number}\nexit\n")
        assert client.end() == [f"server: I AM {number}"]
        server.wait_for("next, please", number)
    assert server.end(interrupt=True) == [
        LISTENING,
        *("client: I am 1", "client: exit", "next, please", "client: I am 2", "client: exit", "next, please"),
        "bye",
    ]


def test_threading_echo(start):
    server = start("server", "echo_server.py")
    clients = [start("client", "echo_client.py", server.port) for _ in range(2)]
    server.wait_for("somebody comes", 2)
    for number, client in enumerate(clients):
        client.enter(f"hello {number}\n")
        client.wait_for(f"hello {number}")
    silent = start("client", "echo_client.py", server.port)
    server.wait_for("somebody comes", 3)
    assert [client.end() for client in clients] == [["hello 0"], ["hello 1"]]
    server.wait_for("somebody goes", 2)
    assert server.end(interrupt=True) == [LISTENING, *["somebody comes"] * 3, *["somebody goes"] * 2, "bye"]
    silent.end()


def test_threading_chat(start):
    server = start("server", "threading_chat_server.py")
    one = start("client", "loop_chat_client.py", server.port)
    server.wait_for("1 is here")
    two = start("client", "loop_chat_client.py", server.port)
    server.wait_for("2 is here")
    one.enter("I am one\n")
    server.wait_for("1: I am one")
    two.enter("I am two\n")
    server.wait_for("2: I am two")
    server.enter("2 for two\n1 for one\n7 for nobody\n")
    one.wait_for("server: for one")
    two.wait_for("server: for two")
    server.wait_for("nobody has the number 7")
    one.enter("exit\n")
    assert one.end() == ["server: for one"]
    server.wait_for("1 has gone")
    server.enter("quit\n")
    server.wait_for("bye")
    two.enter("anybody?\n")
    assert two.end() == ["server: for two", "the server has gone"]
    assert server.end()[-2:] == ["1 has gone", "bye"]


def test_two_accepts(start):
    server = start("server", "two_accepts.py")
    for number in ("first", "second"):
        client = start("client", "echo_client.py", server.port)
        client.enter(f"hello {number}\n")
        assert client.end() == [f"you are the {number}"]
    assert server.end() == [
        LISTENING,
        *("the first says: hello first", "the second says: hello second", "two were enough"),
    ]


def test_the_chat(start):
    server = start("server", "chat_server.py")
    ann, bob = (start("client", "chat_client.py", server.port) for _ in range(2))
    server.wait_for("joins", 2)
    server.enter("who\n")
    server.wait_for("2 clients, ")
    ann.enter("hello\n\nyou\n")
    bob.wait_for(": you")
    bob.enter("quit\n")
    assert bob.end() == ["TIME 127.0.0.1:PORT: hello", "TIME 127.0.0.1:PORT: you", "the chat is over"]
    server.wait_for("quits")
    ann.enter("alone\n")
    ann.wait_for(": alone")
    server.enter("quit\n")
    printed = [line for line in server.end() if "clients," not in line]
    ann.wait_for("the chat is over")
    assert ann.end()[-2:] == ["TIME 127.0.0.1:PORT: alone", "the chat is over"]
    assert printed == [
        LISTENING,
        *["INFO 127.0.0.1 joins"] * 2,
        *("INFO 'hello'", "INFO 'you'", "INFO 127.0.0.1 quits", "INFO 'alone'", "INFO 127.0.0.1 has gone", "stopped"),
    ]


def test_ctrl_c_ends_the_chat_on_either_side(start):
    server = start("server", "chat_server.py")
    ann, bob = (start("client", "chat_client.py", server.port) for _ in range(2))
    server.wait_for("joins", 2)
    # Who has said something reads the console: only there a client expects Ctrl-C.
    bob.enter("here\n")
    ann.wait_for(": here")
    ann.enter("hello\n")
    bob.wait_for(": hello")
    heard = [f"TIME 127.0.0.1:PORT: {text}" for text in ("here", "hello")]
    assert bob.end(interrupt=True) == [*heard, "the chat is over"]
    server.wait_for("quits")
    assert server.end(interrupt=True)[-1] == "stopped"
    ann.wait_for("the chat is over")
    assert "not said" not in ann.end()[-1]


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_time_stamps(start, protocol):
    assert dialogue(start, f"{protocol}_time_server.py", f"{protocol}_time_client.py", "one\n二\n\nnever\n") == (
        [LISTENING, "client: one", "client: 二", "bye"],
        ["server: [TIME] one", "server: [TIME] 二"],
    )


def test_sticky_packets(start):
    assert dialogue(start, "sticky_server.py", "sticky_client.py", "", interrupt=False) == (
        [LISTENING, "recv: b'helloworldend'", "message: b'hello'", "message: b'world'", "message: b'end'"],
        ["sent 3 messages twice"],
    )


def test_the_hmac_check(start, monkeypatch):
    server = start("server", "hmac_server.py")
    client = start("client", "hmac_client.py", server.port)
    assert client.end() == ["welcome"]
    server.wait_for("welcome")
    port = server.port
    stranger = subprocess.run(
        [sys.executable, str(EXAMPLES / "hmac_client.py"), str(port)],
        env={**os.environ, "CHAT_SECRET": "a guess"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (stranger.returncode, stranger.stdout) == (1, "refused\n")
    server.wait_for("refused")
    assert server.end(interrupt=True) == [LISTENING, "welcome: connect success", "refused", "bye"]


def test_socketserver_over_tcp(start):
    server = start("server", "socketserver_tcp.py")
    client = start("client", "echo_client.py", server.port)
    client.enter("one\ntwo\n")
    assert client.end() == ["ONE", "TWO"]
    server.wait_for("finished")
    assert server.end(interrupt=True) == [LISTENING, "from 127.0.0.1 SOCK_STREAM", "finished", "bye"]


def test_socketserver_over_udp(start):
    assert dialogue(start, "socketserver_udp.py", "udp_time_client.py", "one\ntwo\n") == (
        [LISTENING, "client: one", "client: two", "bye"],
        ["server: ONE", "server: TWO"],
    )


def test_every_example_is_tested():
    source = Path(__file__).read_text("utf-8")
    pairs = re.sub(r"\{protocol\}", "tcp", source) + re.sub(r"\{protocol\}", "udp", source)
    for example in EXAMPLES.glob("*.py"):
        assert f'"{example.name}"' in pairs
