"""Who has the interpreter while a socket of the drop-in is at work."""

import threading
import time

from rustchat import socket

PATIENCE = 20


def test_a_thread_that_waits_in_a_call_lets_others_run() -> None:
    one, other = socket.socketpair()
    with one, other:
        for patience in (None, PATIENCE):
            other.settimeout(patience)
            thread = threading.Thread(target=other.recv, args=(10,), daemon=True)
            thread.start()
            one.send(b"x")  # would never be reached
            thread.join(PATIENCE)
            assert not thread.is_alive()


def test_two_threads_make_progress_side_by_side() -> None:
    counts = [0, 0]
    stop = threading.Event()

    def work(index: int) -> None:
        one, other = socket.socketpair()
        with one, other:
            while not stop.is_set():
                one.send(b"x" * 64)
                other.recv(4096)
                counts[index] += 1

    threads = [threading.Thread(target=work, args=(index,), daemon=True) for index in range(2)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + PATIENCE
    while min(counts) < 1000 and time.monotonic() < end:
        time.sleep(0.01)
    stop.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert min(counts) >= 1000


def test_a_busy_thread_and_calls_beside_it_both_make_progress() -> None:
    turns = [0]
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            turns[0] += 1

    thread = threading.Thread(target=spin, daemon=True)
    one, other = socket.socketpair()
    with one, other:
        thread.start()
        count, end = 0, time.monotonic() + PATIENCE
        while (count < 5000 or turns[0] < 100_000) and time.monotonic() < end:
            one.send(b"x" * 64)
            other.recv(4096)
            count += 1
        stop.set()
        thread.join(PATIENCE)
    # How quick they are is measured by the scene `sockets` of the benchmark.
    assert count >= 5000
    assert turns[0] >= 100_000
