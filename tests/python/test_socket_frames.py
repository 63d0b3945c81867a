"""Whole messages and handshakes on sockets of the drop-in."""

import os
import threading
from collections.abc import Callable, Iterator

import pytest
import rustchat
from rustchat import socket

PATIENCE = 20
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    one, other = socket.socketpair()
    for sock in (one, other):
        sock.settimeout(PATIENCE)
    with one, other:
        yield one, other


def in_thread(work: Callable[[], object]) -> Callable[[], object]:
    answers: list[object] = []

    def run() -> None:
        try:
            answers.append(work())
        except Exception as error:
            answers.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def join() -> object:
        thread.join(PATIENCE)
        return answers[0]

    return join


@pytest.mark.parametrize("framing", rustchat.frame.FRAMINGS)
def test_messages_arrive_whole_and_leave_the_stream_where_they_end(pair: Pair, framing: str) -> None:
    one, other = pair
    for message in (b"first", b"", b"x" * 5000):
        one.send_frame(message, framing)
        one.sendall(b"between")
        assert other.recv_frame(framing) == message
        assert other.recv(100) == b"between"


def test_sticky_packets_are_told_apart(pair: Pair) -> None:
    one, other = pair
    for number in range(100):
        one.send_frame(b"%d" % number)
    assert [other.recv_frame() for _ in range(100)] == [b"%d" % number for number in range(100)]


def test_what_one_sends_a_connection_of_the_core_receives(pair: Pair) -> None:
    one, other = pair
    one.sendall(rustchat.frame.encode(b"abc"))
    assert other.recv_frame() == b"abc"
    one.send_frame(b"abc")
    assert other.recv(100) == rustchat.frame.encode(b"abc")


def test_a_long_message_passes_and_one_over_the_limit_does_not(pair: Pair) -> None:
    one, other = pair
    data = os.urandom(4 << 20)
    join = in_thread(lambda: one.send_frame(data))
    assert other.recv_frame() == data
    assert join() is None
    with pytest.raises(rustchat.MessageTooLong):
        one.send_frame(b"12345", limit=4)
    one.send_frame(b"12345")
    for _ in range(2):  # it is final
        with pytest.raises(rustchat.MessageTooLong, match="4"):
            other.recv_frame(limit=4)


def test_the_end_between_messages_and_within_one_are_two_things(pair: Pair) -> None:
    one, other = pair
    one.send_frame(b"last")
    one.sendall(b"\0\0\0\5ab")
    one.close()
    assert other.recv_frame() == b"last"
    with pytest.raises(rustchat.ConnectionLost, match="2 of 5 bytes"):
        other.recv_frame()
    one, other = socket.socketpair()
    one.close()
    with other, pytest.raises(rustchat.ConnectionClosed) as caught:
        other.recv_frame()
    assert isinstance(caught.value, EOFError)


def test_after_a_timeout_the_message_goes_on_where_it_was(pair: Pair) -> None:
    one, other = pair
    other.settimeout(0.01)
    for piece in (b"\0\0", b"\0\4", b"ab"):
        one.sendall(piece)
        with pytest.raises(TimeoutError, match=r"^timed out$"):
            other.recv_frame()
    one.sendall(b"cd")
    assert other.recv_frame() == b"abcd"
    other.setblocking(False)
    with pytest.raises(BlockingIOError):
        other.recv_frame()
    with pytest.raises(ValueError, match="non-blocking"):
        other.send_frame(b"x")


def test_a_message_cut_by_a_timeout_is_not_followed_by_another(pair: Pair) -> None:
    one, other = pair
    one.settimeout(0.01)
    with pytest.raises(TimeoutError):
        one.send_frame(b"x" * (8 << 20))
    with pytest.raises(BrokenPipeError):
        one.send_frame(b"next")
    with pytest.raises(rustchat.ConnectionLost, match="of 8388608 bytes"):
        other.recv_frame()


def test_messages_of_many_threads_do_not_mix(pair: Pair) -> None:
    one, other = pair
    senders = [in_thread(lambda n=n: [one.send_frame(bytes([n]) * 100_000) for _ in range(20)]) for n in range(4)]
    for _ in range(80):
        message = other.recv_frame()
        assert len(message) == 100_000 and len(set(message)) == 1
    for join in senders:
        assert isinstance(join(), list)


@pytest.mark.parametrize("profile", ["mutual", "tutorial"])
def test_both_sides_prove_the_secret_and_no_byte_behind_is_lost(pair: Pair, profile: str) -> None:
    one, other = pair

    def serve() -> object:
        key_id = one.authenticate("secret of both", side="server", profile=profile)
        one.sendall(b"welcome")
        return key_id

    join = in_thread(serve)
    assert other.authenticate("secret of both", side="client", profile=profile) == ""
    assert other.recv(100) == b"welcome"
    assert join() == ""


def test_a_server_learns_whose_key_it_was(pair: Pair) -> None:
    one, other = pair
    join = in_thread(lambda: one.authenticate(keys={"ada": "the secret of ada"}, side="server"))
    assert other.authenticate("the secret of ada", side="client", key_id="ada") == "ada"
    assert join() == "ada"


def test_a_wrong_secret_is_refused_on_both_sides(pair: Pair) -> None:
    one, other = pair
    join = in_thread(lambda: one.authenticate("the right secret", side="server"))
    with pytest.raises(rustchat.AuthenticationError):
        other.authenticate("the wrong secret", side="client")
    assert isinstance(join(), rustchat.AuthenticationError)


def test_a_silent_peer_and_one_that_leaves_end_the_handshake(pair: Pair) -> None:
    one, other = pair
    with pytest.raises(TimeoutError):
        one.authenticate("a long secret", side="server", timeout=0.05)
    one.settimeout(0.05)
    with pytest.raises(TimeoutError):
        one.authenticate("a long secret", side="server", timeout=None)
    other.close()
    with pytest.raises(rustchat.AuthenticationError):
        one.authenticate("a long secret", side="server")


@pytest.mark.parametrize(
    "wrong", [{"side": "both"}, {"side": "client", "server_id": "x"}, {"side": "server", "key_id": "x"}]
)
def test_a_wrong_side_is_named(pair: Pair, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(reversed(wrong.values())) if "both" in wrong.values() else "nothing for"):
        pair[0].authenticate("a long secret", **wrong)  # type: ignore[arg-type]
