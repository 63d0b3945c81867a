"""Other threads run while a call waits or moves bytes."""

import threading
import time

import pytest
import rustchat
from conftest import PATIENCE


class Counter(threading.Thread):
    """Counts as fast as the interpreter lets it."""

    def __init__(self):
        super().__init__(daemon=True)
        self.count, self.end = 0, False
        self.start()

    def run(self):
        while not self.end:
            self.count += 1


@pytest.fixture
def counter():
    counter = Counter()
    yield counter
    counter.end = True
    counter.join(PATIENCE)


def test_waiting_calls_let_others_run(pair, server, counter):
    near, _ = pair
    with (
        rustchat.listen(("127.0.0.1", 0)) as listener,
        rustchat.listen(("127.0.0.1", 0), secret="s") as guarded,
        rustchat.ChatClient(*server.address) as client,
    ):
        for call in (near.recv, listener.accept, guarded.accept, server.join, client.recv, client.join):
            before = counter.count
            with pytest.raises(TimeoutError):
                call(0.1)
            assert counter.count - before > 1000, call


def test_moving_bytes_lets_others_run(pair, counter, background):
    near, far = pair
    begin, before = time.monotonic(), counter.count
    sending = background(lambda: [near.send(bytes(1 << 20)) for _ in range(100)])
    for _ in range(100):
        far.recv(PATIENCE)
    sending.result()
    rate = (counter.count - before) / (time.monotonic() - begin)
    assert rate > 10_000


def test_hooks_and_calls_from_many_threads_do_not_deadlock(background):
    class Busy(rustchat.ChatServer):
        def on_join(self, client):
            self.clients  # noqa: B018

        def on_message(self, client, text):
            self.send(client, f"{len(self.clients)} {self.stats().members}")
            return text

    with Busy(port=0) as server:

        def chat(name):
            with rustchat.ChatClient(*server.address) as client:
                for number in range(100):
                    client.send(f"{name} {number}")
                    while client.recv(PATIENCE).text != f"{name} {number}":
                        pass

        def look():
            for _ in range(300):
                server.broadcast(f"{len(server.clients)}")
                str(server)

        threads = [background(chat, name) for name in "abcd"] + [background(look) for _ in range(2)]
        for thread in threads:
            thread.join(40)
            thread.result()
