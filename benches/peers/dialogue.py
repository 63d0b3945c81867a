"""The measuring half of the Python programs: the same loops for every library, so that only the library differs.

PROGRAM serve | call HOST PORT SIZE SECONDS
"""

import json
import sys
import threading
import time

# Behind the last message of a stream; the sink answers with how many came before it.
END = b"end"


def main(serve, call, words=None):
    """`serve` takes no argument; `call` takes (host, port), the size and the seconds."""
    match words if words is not None else sys.argv[1:]:
        case ["serve"]:
            serve()
        case ["call", host, port, *numbers]:
            call((host, int(port)), *(int(number) if number.isdigit() else float(number) for number in numbers))
        case _:
            sys.exit(f"usage: {sys.argv[0]} serve | call HOST PORT [SIZE] SECONDS")


def listening(address):
    """What the harness waits for."""
    print(f"listening on {address[0]}:{address[1]}", flush=True)


def serve_each(accept, answer):
    """A thread for each connection, as the threaded servers of the tutorials have it."""
    while True:
        threading.Thread(target=answer, args=(accept(),), daemon=True).start()


def measure(send, recv, size, seconds):
    """Round trips until the time is up, after a tenth of it for warming up; prints them as JSON."""
    message = b"x" * size
    now = time.perf_counter
    end = now() + seconds / 10
    while now() < end:
        send(message)
        answer = recv()
    count = 0
    used = time.process_time()
    begin = finish = now()
    while finish - begin < seconds:
        send(message)
        answer = recv()
        count += 1
        finish = now()
    if bytes(answer) != message:
        sys.exit("the echo differs from what was sent")
    report(round_trips=count, seconds=finish - begin, cpu_seconds=time.process_time() - used)


def pour(send_some, finish, seconds):
    """Streams: `send_some()` sends some messages and says how many, `finish()` sends END and returns the answer."""
    now = time.perf_counter
    count, used, begin = 0, time.process_time(), now()
    while now() - begin < seconds:
        count += send_some()
    answer = int(bytes(finish()))
    took = now() - begin
    if answer != count:
        sys.exit(f"{count} messages sent, {answer} received")
    report(messages=count, seconds=took, cpu_seconds=time.process_time() - used)


def knock(connect_and_close, seconds, at_once=1):
    """Connections a second, one after the other or several at once."""
    now = time.perf_counter
    counts, used, begin = [0] * at_once, time.process_time(), now()

    def knock_on(caller):
        while now() - begin < seconds:
            connect_and_close()
            counts[caller] += 1

    others = [threading.Thread(target=knock_on, args=(caller,)) for caller in range(1, at_once)]
    for other in others:
        other.start()
    knock_on(0)
    for other in others:
        other.join()
    report(connections=sum(counts), seconds=now() - begin, cpu_seconds=time.process_time() - used)


def report(**figures):
    print(json.dumps(figures), flush=True)
