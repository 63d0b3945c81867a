"""The measuring half of a Python echo: the same loop for every library, so that only the library differs."""

import json
import sys
import time


def measure(send, recv, size, seconds):
    """Round trips until the time is up, after a tenth of it for warming up; prints them as JSON."""
    message = b"x" * size
    now = time.perf_counter
    end = now() + seconds / 10
    while now() < end:
        send(message)
        answer = recv()
    count = 0
    begin = finish = now()
    while finish - begin < seconds:
        send(message)
        answer = recv()
        count += 1
        finish = now()
    if bytes(answer) != message:
        sys.exit("the echo differs from what was sent")
    print(json.dumps({"round_trips": count, "seconds": finish - begin}), flush=True)


def main(serve, call):
    """`serve` takes no argument; `call` takes (host, port), the size and the seconds."""
    match sys.argv[1:]:
        case ["serve"]:
            serve()
        case ["call", host, port, size, seconds]:
            call((host, int(port)), int(size), float(seconds))
        case _:
            sys.exit(f"usage: {sys.argv[0]} serve | call HOST PORT SIZE SECONDS")
