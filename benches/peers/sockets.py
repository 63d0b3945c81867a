"""Calls on sockets, one row after the other: sockets.py MODULE SECONDS

MODULE is `socket` or one that is like it. Prints nanoseconds for each row: of a send and its receive, of a connection,
or of a round trip, whatever the row is named after; with several threads, of the wall clock over what all of them did.
"""

import importlib
import json
import sys
import threading
import time

MODULE, SECONDS = importlib.import_module(sys.argv[1]), float(sys.argv[2])
SMALL, LARGE = b"x" * 64, b"x" * 65536
ROUND = 50


def tcp_pair():
    with MODULE.create_server(("127.0.0.1", 0)) as listener:
        one = MODULE.create_connection(listener.getsockname())
        other, _ = listener.accept()
    for sock in (one, other):
        sock.setsockopt(MODULE.IPPROTO_TCP, MODULE.TCP_NODELAY, 1)
    return one, other


PAIRS = {"unix": lambda: MODULE.socketpair(), "tcp": tcp_pair}


def timed(step, seconds=SECONDS):
    """Nanoseconds of one step, which is done ROUND times a look at the clock."""
    for _ in range(ROUND):
        step()
    count, begin = 0, time.perf_counter_ns()
    end = begin + int(seconds * 1e9)
    while (now := time.perf_counter_ns()) < end:
        for _ in range(ROUND):
            step()
        count += ROUND
    return (now - begin) / count


def there_and_back(pair, data=SMALL, size=4096):
    one, other = pair

    def step():
        one.send(data)
        other.recv(size)

    return step


def into(pair):
    one, other = pair
    buffer = bytearray(4096)

    def step():
        one.send(SMALL)
        other.recv_into(buffer)

    return step


def large(pair):
    one, other = pair
    one.setsockopt(MODULE.SOL_SOCKET, MODULE.SO_SNDBUF, 1 << 20)
    other.setsockopt(MODULE.SOL_SOCKET, MODULE.SO_RCVBUF, 1 << 20)

    def step():
        one.sendall(LARGE)
        left = len(LARGE)
        while left:
            left -= len(other.recv(65536))

    return step


def datagrams():
    one, other = (MODULE.socket(MODULE.AF_INET, MODULE.SOCK_DGRAM) for _ in range(2))
    for sock in (one, other):
        sock.bind(("127.0.0.1", 0))
    address = other.getsockname()

    def step():
        one.sendto(SMALL, address)
        other.recvfrom(2048)

    return step


def connections():
    listener = MODULE.create_server(("127.0.0.1", 0), backlog=128)
    address = listener.getsockname()

    def step():
        client = MODULE.socket()
        client.connect(address)
        server, _ = listener.accept()
        # Whoever closes first keeps the port for a minute: with a reset nobody does.
        client.setsockopt(MODULE.SOL_SOCKET, MODULE.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        server.close()

    return step


def ping_pong(pair):
    one, other = pair

    def echo():
        while data := other.recv(4096):
            other.send(data)

    threading.Thread(target=echo, daemon=True).start()

    def step():
        one.send(SMALL)
        one.recv(4096)

    return step


def together(threads, pair):
    """So many threads with a pair of their own each."""
    counts = [0] * threads
    begin = threading.Barrier(threads + 1)
    stop = threading.Event()

    def work(index):
        step = there_and_back(pair())
        begin.wait()
        while not stop.is_set():
            for _ in range(ROUND):
                step()
            counts[index] += ROUND

    workers = [threading.Thread(target=work, args=(index,)) for index in range(threads)]
    for worker in workers:
        worker.start()
    begin.wait()
    start = time.perf_counter_ns()
    time.sleep(SECONDS * 3)
    done, taken = sum(counts), time.perf_counter_ns() - start
    stop.set()
    for worker in workers:
        worker.join()
    return taken / max(done, 1)


def spin(counter, stop):
    while not stop.is_set():
        counter[0] += 1


def beside_busy(pair):
    """A send with its receive, and what share of its pace a busy thread keeps beside them."""
    counter, stop = [0], threading.Event()
    threading.Thread(target=spin, args=(counter, stop), daemon=True).start()
    before, start = counter[0], time.perf_counter()
    time.sleep(SECONDS * 2)
    alone = (counter[0] - before) / (time.perf_counter() - start)
    step, count = there_and_back(pair), 0
    before, start = counter[0], time.perf_counter()
    while (taken := time.perf_counter() - start) < SECONDS * 8:
        step()
        count += 1
    pace = (counter[0] - before) / taken / alone
    stop.set()
    return taken * 1e9 / count, pace


def rows():
    for name, pair in PAIRS.items():
        yield f"64 B, {name}", timed(there_and_back(pair()))
        waiting = pair()
        for sock in waiting:
            sock.settimeout(5)
        yield f"64 B, {name}, settimeout(5)", timed(there_and_back(waiting))
        yield f"64 B, {name}, recv_into", timed(into(pair()))
        for size in (65536, 1048576):
            yield f"64 B, {name}, recv({size})", timed(there_and_back(pair(), size=size))
        yield f"sendall of 64 KiB, {name}", timed(large(pair()))
    yield "UDP, sendto and recvfrom", timed(datagrams())
    yield "connect, accept and close", timed(connections())
    for name, pair in PAIRS.items():
        yield f"ping-pong of two threads, {name}", timed(ping_pong(pair()), SECONDS * 3)
        for threads in (2, 8):
            yield f"{threads} threads, a pair each, {name}", together(threads, pair)
    for name, pair in PAIRS.items():
        each, pace = beside_busy(pair())
        yield f"beside a busy thread, {name}", each
        yield f"pace of the busy thread, {name}", pace


print(json.dumps(dict(rows())))
