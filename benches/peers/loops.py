"""The measuring half of programs in an event loop, beside dialogue.py.

PROGRAM [--uvloop] serve | call HOST PORT SIZE SECONDS | there HOST PORT SECONDS
"""

import asyncio
import sys
import time

import dialogue


def main(serve, call, there=None):
    """`serve`, `call` and `there` are async functions; `there` takes (host, port) and the seconds."""
    words, run = sys.argv[1:], asyncio.run
    if words[0] == "--uvloop":
        import uvloop

        words, run = words[1:], uvloop.run
    if words[0] == "there":
        _, host, port, seconds = words
        run(there((host, int(port)), float(seconds)))
    else:
        dialogue.main(lambda: run(serve()), lambda *arguments: run(call(*arguments)), words)


async def measure(send, recv, size, seconds):
    """Round trips until the time is up, as dialogue.measure() makes them; both are async functions."""
    message = b"x" * size
    now = time.perf_counter
    end = now() + seconds / 10
    while now() < end:
        await send(message)
        answer = await recv()
    count = 0
    used = time.process_time()
    begin = finish = now()
    while finish - begin < seconds:
        await send(message)
        answer = await recv()
        count += 1
        finish = now()
    if bytes(answer) != message:
        sys.exit("the echo differs from what was sent")
    dialogue.report(round_trips=count, seconds=finish - begin, cpu_seconds=time.process_time() - used)
