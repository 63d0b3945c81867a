"""Numbers over HTTP: as Prometheus reads them, and whether the server gets on."""

from __future__ import annotations

import re
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
import rustchat
from commands import PATIENCE, Served, run
from rustchat.cli import exposition, metrics
from rustchat.cli.failure import Failure
from waiting import wait_until

# A sample of the text format: a name, labels whose values have no bare quote or line end, a number.
SAMPLE = re.compile(r'(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?:\w+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (?P<value>\S+)')


class Scraped:
    """A server in this process, and who answers for it."""

    def __init__(self) -> None:
        self.server = rustchat.ChatServer(port=0)
        self.listening = metrics.listening_socket("0")
        self.responder = metrics.Responder(self.server, self.listening)
        self.port = self.listening.getsockname()[1]

    def dial(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def ask(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()


@pytest.fixture
def scraped() -> Iterator[Scraped]:
    scraped = Scraped()
    scraped.responder.start()
    with scraped.server:
        yield scraped
    scraped.responder.stop()


def told(peer: socket.socket) -> bytes:
    """Everything up to the end of the stream."""
    return b"".join(iter(lambda: peer.recv(1 << 16), b""))


def values(text: str) -> dict[str, float]:
    """The samples by what stands before their numbers; every line is one, or a comment."""
    found = {}
    for line in text.splitlines():
        if not re.match(r"# (HELP|TYPE) rustchat_\w+ ", line):
            assert SAMPLE.fullmatch(line), line
            name, _, value = line.rpartition(" ")
            found[name] = float(value)
    return found


def test_the_numbers_are_those_of_stats(scraped: Scraped) -> None:
    with rustchat.ChatClient(*scraped.server.address) as member:
        member.send("hello")
        member.recv(PATIENCE)
        wait_until(lambda: scraped.server.stats().latency.count > 0)
        code, text = scraped.ask("/metrics")
        found = values(text)
        assert code == 200
        assert (found["rustchat_members"], found["rustchat_messages_total"], found["rustchat_up"]) == (1, 1, 1)
        names = {*scraped.server.stats().as_dict()}
        assert {re.sub(r"^rustchat_|_total$", "", name) for name in found if "{" not in name} >= names
        for name, times in (("turn", scraped.server.stats().turns), ("delivery", scraped.server.stats().latency)):
            buckets = [value for key, value in found.items() if key.startswith(f"rustchat_{name}_seconds_bucket")]
            assert len(buckets) == len(times.buckets)
            assert buckets == sorted(buckets) and buckets[-1] == found[f"rustchat_{name}_seconds_count"] > 0
            assert 0 < found[f"rustchat_{name}_seconds_sum"] <= times.sum
        assert all(f"# TYPE {name} " in text for name in ("rustchat_members", "rustchat_turn_seconds"))


def test_what_would_end_a_label_is_escaped() -> None:
    assert exposition.labels({"address": 'a\\b"c\nd'}) == '{address="a\\\\b\\"c\\nd"}'
    assert SAMPLE.fullmatch("x" + exposition.labels({"a": '"\\\n', "b": "你好"}) + " 1")


def test_the_path_of_a_socket_may_be_anything(tmp_path) -> None:
    with rustchat.ChatServer(str(tmp_path / 'a "b" \\c.sock')) as server:
        values(exposition.of_server(server))


def test_health_is_that_of_the_server(scraped: Scraped) -> None:
    assert scraped.ask("/health") == (200, "ok\n")
    assert scraped.ask("/health?x=1")[0] == 200
    scraped.server.stop()
    code, text = scraped.ask("/health")
    assert code == 503 and text.strip()
    assert values(scraped.ask("/metrics")[1])["rustchat_up"] == 0


def test_a_server_whose_worker_hangs_is_not_healthy(scraped: Scraped, monkeypatch: pytest.MonkeyPatch) -> None:
    class Hanging:
        def probe(self, timeout: float) -> None:
            raise rustchat.TimeoutError("rustchat-io-0 does not come to an end")

    monkeypatch.setattr(scraped.responder, "_server", Hanging())
    assert scraped.ask("/health") == (503, "rustchat-io-0 does not come to an end\n")


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (b"GET /nowhere HTTP/1.1\r\n\r\n", b"HTTP/1.1 404 "),
        (b"GET / HTTP/1.0\r\n\r\n", b"HTTP/1.1 200 "),
        (b"POST /metrics HTTP/1.1\r\n\r\n", b"HTTP/1.1 405 "),
        (b"\x16\x03\x01\x00\xff\r\n\r\n", b""),
        (b"x" * 100_000, b""),
        (b"hello\r\n\r\n", b""),
    ],
)
def test_others_are_told_or_cut_off(scraped: Scraped, request_: bytes, answer: bytes) -> None:
    with scraped.dial() as peer:
        try:
            peer.sendall(request_)
            peer.shutdown(socket.SHUT_WR)
            heard = told(peer)
        except OSError:
            heard = b""
        assert heard.startswith(answer) and bool(heard) == bool(answer)


def test_head_has_no_body(scraped: Scraped) -> None:
    with scraped.dial() as peer:
        peer.sendall(b"HEAD /health HTTP/1.1\r\n\r\n")
        peer.shutdown(socket.SHUT_WR)
        heard = told(peer)
    assert heard.startswith(b"HTTP/1.1 200 ") and heard.endswith(b"\r\n\r\n")


def test_a_hundred_at_once_and_as_many_who_never_ask_keep_nobody_waiting(scraped: Scraped) -> None:
    silent = [scraped.dial() for _ in range(100)]
    asking = [scraped.dial() for _ in range(100)]
    for peer in asking:
        peer.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
    for peer in asking:
        assert b"rustchat_members" in told(peer)
        peer.close()
    assert scraped.ask("/health")[0] == 200
    with rustchat.ChatClient(*scraped.server.address) as member:
        member.send("hello")
        assert member.recv(PATIENCE).text == "hello"
    for peer in silent:
        peer.close()


def test_more_than_there_may_be_are_turned_away(scraped: Scraped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MOST_SCRAPERS", 3)
    silent = [scraped.dial() for _ in range(3)]
    wait_until(lambda: len(scraped.responder._visits) == 3)
    with scraped.dial() as peer, pytest.raises((ConnectionError, AssertionError)):
        assert peer.recv(1)
    for peer in silent:
        peer.close()
    wait_until(lambda: not scraped.responder._visits)
    assert scraped.ask("/health")[0] == 200


def test_who_is_too_slow_is_cut_off(scraped: Scraped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "PATIENCE", 0.1)
    with scraped.dial() as peer:
        peer.sendall(b"GET ")
        with pytest.raises((ConnectionError, AssertionError)):
            assert peer.recv(1)


@pytest.mark.parametrize("address", ["", "x", "host:", ":", "127.0.0.1:70000", "-1", ":9100"])
def test_what_is_no_address_is_said(address: str) -> None:
    with pytest.raises(Failure, match="expected a port such as 9100"):
        metrics.parsed(address)


def test_a_port_alone_is_one_of_this_machine() -> None:
    assert metrics.parsed("9100") == ("127.0.0.1", 9100)
    assert metrics.parsed("0.0.0.0:9100") == ("0.0.0.0", 9100)
    assert metrics.parsed("[::1]:9100") == ("::1", 9100)


def test_a_port_in_use_is_said_before_the_chat_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", "0", "--metrics", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"rustchat: --metrics {port}: Address already in use")


def test_numbers_are_never_on_the_chats_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = str(found.getsockname()[1])
    done = run("serve", "--port", port, "--metrics", port)
    assert done.returncode == 1
    assert "listen" in done.stderr and port in done.stderr


def test_serve_answers_until_it_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    server = Served("--metrics", str(port))
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
            assert f'address="127.0.0.1:{server.port}"' in answer.read().decode()
    finally:
        assert server.end(signal.SIGTERM) == (0, "stopping\n")
