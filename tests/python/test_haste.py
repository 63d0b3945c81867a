"""A program that speaks as fast as it can: memory stays bounded, and no member that reads is cut off."""

import contextlib
import os
import selectors
import signal
import socket
import threading
import time
from pathlib import Path

import pytest
import rustchat
from conftest import PATIENCE, LinePeer, wait_until
from waiting import wait_until_it_waits

LIMIT = 65536

# About the half of it, from which a member is waited for.
BEHIND = LIMIT * 7 // 16

GROWTH = 40 << 20
TEXT = "y" * 8000


class Reasons(rustchat.ChatServer):
    """Notes why members leave."""

    def __init__(self, **options):
        super().__init__(port=0, outbox_limit=LIMIT, **options)
        self.reasons = []

    def on_leave(self, client, reason):
        self.reasons.append(reason)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.fixture
def hasty():
    with Reasons() as server:
        yield server
        for client in server.clients:
            with contextlib.suppress(rustchat.NoSuchPeer):  # it has left by itself
                server.disconnect(client)
        wait_until(lambda: not server.clients)


def repeat(call, *arguments) -> None:
    for _ in range(20_000):
        call(*arguments)


class Readers(threading.Thread):
    """Many members that read a little at a time."""

    def __init__(self, server, count: int):
        super().__init__()
        self.selector = selectors.DefaultSelector()
        self.socks = [socket.create_connection(server.address) for _ in range(count)]
        for sock in self.socks:
            sock.setblocking(False)
            self.selector.register(sock, selectors.EVENT_READ)
        self.stopped = False
        self.ended = 0

    def run(self):
        while not self.stopped:
            for key, _ in self.selector.select(0.05):
                try:
                    data = key.fileobj.recv(4096)
                except ConnectionError:
                    data = b""
                if not data:
                    self.ended += 1
                    self.selector.unregister(key.fileobj)

    def close(self):
        self.stopped = True
        self.join(PATIENCE)
        for sock in self.socks:
            sock.close()


def test_broadcasts_in_a_loop_cut_off_no_reader(hasty):
    readers = Readers(hasty, 200)
    wait_until(lambda: len(hasty.clients) == 200)
    readers.start()
    before, end, said = resident(), time.monotonic() + 1.5, 0
    while time.monotonic() < end:
        assert hasty.broadcast(TEXT) == 200
        said += 1
    growth = resident() - before
    assert said > 0
    assert (len(hasty.clients), readers.ended, hasty.reasons) == (200, 0, [])
    assert growth < GROWTH, f"{growth >> 20} MiB"
    readers.close()


def test_private_words_in_a_loop_all_arrive(hasty, background):
    peer = LinePeer(hasty.address)
    wait_until(lambda: hasty.clients)
    count, before = 2000, resident()
    reading = background(lambda: [peer.text() for _ in range(count)])
    for _ in range(count):
        hasty.send(hasty.clients[0], TEXT)
    assert reading.result() == [TEXT] * count
    assert resident() - before < GROWTH + count * len(TEXT)
    peer.close()


def test_private_words_to_who_never_reads_end_it(hasty):
    deaf = LinePeer(hasty.address)
    wait_until(lambda: hasty.clients)
    client, before = hasty.clients[0], resident()
    with pytest.raises(rustchat.NoSuchPeer):
        repeat(hasty.send, client, TEXT)
    assert resident() - before < GROWTH
    wait_until(lambda: hasty.reasons)
    assert hasty.reasons == ["too slow: outbox over its limit"]
    deaf.close()


def test_who_never_reads_holds_up_nobody_for_long(hasty, background):
    deaf = [LinePeer(hasty.address) for _ in range(5)]
    peer = LinePeer(hasty.address)
    wait_until(lambda: len(hasty.clients) == 6)
    reading = background(lambda: sum(len(peer.text()) for _ in range(500)))
    before = resident()
    for _ in range(500):
        hasty.broadcast(TEXT)
    assert reading.result() == 500 * len(TEXT)
    assert resident() - before < GROWTH
    wait_until(lambda: len(hasty.reasons) == 5)
    assert set(hasty.reasons) == {"too slow: outbox over its limit"}
    for each in (*deaf, peer):
        each.close()


def test_without_patience_it_is_an_overflow(peers):
    with Reasons(send_timeout=0) as server:
        deaf = peers(server)
        with pytest.raises(rustchat.QueueOverflow, match="not sent"):
            repeat(server.broadcast, TEXT)
        deaf.close()


def test_in_a_hook_it_is_an_overflow_at_once(peers):
    class Hasty(Reasons):
        def on_join(self, client):
            try:
                repeat(self.broadcast, TEXT)
            except rustchat.QueueOverflow as error:
                self.error = error

    with Hasty(send_timeout=3600) as server:
        server.error = None
        deaf = peers(server)
        wait_until(lambda: server.error)
        deaf.close()


def test_ctrl_c_ends_the_wait(peers):
    with Reasons(send_timeout=3600) as server:
        deaf = peers(server)
        member = server.clients[0]

        def interrupt():
            wait_until(lambda: member.outbox > BEHIND)
            wait_until_it_waits(os.getpid(), os.getpid())
            signal.raise_signal(signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            repeat(server.broadcast, TEXT)
        thread.join(PATIENCE)
        deaf.close()


def test_stop_ends_the_wait(peers, background):
    with Reasons(send_timeout=3600) as server:
        deaf = peers(server)
        member = server.clients[0]

        def speak():
            with pytest.raises((rustchat.ConnectionClosed, rustchat.StateError)):
                repeat(server.broadcast, TEXT)

        speaking = background(speak)
        wait_until(lambda: member.outbox > BEHIND)
        server.stop(0)
        speaking.result()
        deaf.close()
