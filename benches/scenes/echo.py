"""Framed echo between two processes: round trips a second and CPU time of each, on two cores and on one; and what a
connection costs that has nothing to say after a brisk dialogue."""

import socket
import struct
import time

from harness.figures import Bar, Chart, Result, figures, median, paired, spread
from harness.machine import LOAD_CORE, SERVER_CORE
from harness.process import Failed, Server, call
from harness.table import percent

TITLE = "echo: framed round trips a second between two processes"
SIZES = {64: "64 B", 1024: "1 KiB", 65536: "64 KiB"}
# What the bars are about.
JUDGED = (64, 1024)
FLOOR, C, PYTHON, STANDARD = "C blocking (floor)", "rustchat C", "rustchat Python", "multiprocessing"
RIVALS = ("uvloop", "pyzmq", "asyncio")
COLUMNS = ["echo", *(column for size in SIZES.values() for column in (size, "x floor")), "spread", "CPU us, 64 B"]
# On one core spinning would only show that it stands in its own way, at ten round trips a second.
SENSELESS_ON_ONE_CORE = "C spinning"


def run(bench):
    yield on_cores(bench, "two cores", LOAD_CORE)
    yield on_cores(bench, "one core", SERVER_CORE)
    yield idle(bench)


def on_cores(bench, where, client_core):
    result = Result(f"echo on {where}: round trips a second", COLUMNS)
    contenders, result.absent = bench.take_part("echo")
    if client_core == SERVER_CORE:
        contenders = [one for one in contenders if one.name != SENSELESS_ON_ONE_CORE]

    def measure(contender):
        with Server(contender.serve()) as server:
            return {
                str(size): dialogue(contender, server, size, bench.seconds(1), client_core)
                for size in (SIZES if client_core == LOAD_CORE else JUDGED)
            }

    bench.in_turns(contenders, bench.times(5), measure, result)
    floor = result.runs.get(FLOOR, [])
    for name, runs in result.runs.items():
        cells = []
        for size in map(str, SIZES):
            if size in runs[0]:
                per_s = figures(runs, size, "per_s")
                cells += [median(per_s), paired(per_s, figures(floor, size, "per_s")) if floor else None]
            else:
                cells += [None, None]
        unsteady = percent(spread(figures(runs, "64", "per_s")))
        result.rows.append([name, *cells, unsteady, median(figures(runs, "64", "cpu_us"))])
    if floor:
        result.floor_spreads = {SIZES[size]: spread(figures(floor, str(size), "per_s")) for size in JUDGED}
    judge = bars_on_two if client_core == LOAD_CORE else bars_on_one
    result.bars = [bar for size in JUDGED for bar in judge(result.runs, str(size), SIZES[size])]
    for size in JUDGED:
        rate = {name: figures(runs, str(size), "per_s") for name, runs in result.runs.items()}
        result.compare(f"round trips a second, {SIZES[size]},", rate, more_is_better=True)
    ours = [one.name for one in contenders if one.ours]
    rates = {name: median(figures(runs, "64", "per_s")) for name, runs in result.runs.items()}
    result.chart = Chart("round trips a second, 64 B", rates, ours, FLOOR, True)
    return result


def dialogue(contender, server, size, seconds, core):
    cpu = server.cpu()
    found = call([*contender.call, server.host, server.port, size, seconds], core=core)
    cpu = server.cpu() - cpu
    trips = found["round_trips"]
    # The client warms up for a tenth of its time, at the same pace.
    both = found["cpu_seconds"] + cpu / 1.1
    return {**found, "per_s": trips / found["seconds"], "server_cpu_seconds": cpu, "cpu_us": both * 1e6 / max(trips, 1)}


def bars_on_two(runs, size, label):
    def rate(name):
        return figures(runs.get(name, []), size, "per_s")

    def cpu(name):
        return figures(runs.get(name, []), size, "cpu_us")

    asleep = {name: f"{name}, no polling" for name in (C, PYTHON)}
    best = max((name for name in RIVALS if name in runs), key=lambda name: median(rate(name)), default="")
    yield Bar(f"{asleep[C]}, over C blocking, {label}", paired(rate(asleep[C]), rate(FLOOR)), least=0.97)
    over = paired(rate(asleep[PYTHON]), rate(STANDARD))
    yield Bar(f"{asleep[PYTHON]}, over multiprocessing.connection, {label}", over, least=1.05)
    over = paired(rate(asleep[PYTHON]), rate(best))
    yield Bar(f"{asleep[PYTHON]}, over the best of {', '.join(RIVALS)} ({best}), {label}", over, least=1)
    for name in (C, PYTHON):
        yield Bar(f"{name}, polling, over C blocking, {label}", paired(rate(name), rate(FLOOR)), least=4)
        spent = paired(cpu(name), cpu(FLOOR))
        yield Bar(f"{name}, polling: CPU a round trip over C blocking's, {label}", spent, most=1)


def bars_on_one(runs, size, label):
    floor = figures(runs.get(FLOOR, []), size, "per_s")
    for name in (C, PYTHON):
        ours, asleep = (figures(runs.get(one, []), size, "per_s") for one in (name, f"{name}, no polling"))
        where = "both ends on one core"
        yield Bar(f"{name}, polling, {where}, over C blocking there, {label}", paired(ours, floor), least=0.97)
        yield Bar(f"{name}, polling, {where}, over the same without polling, {label}", paired(ours, asleep), least=0.97)


def idle(bench):
    """CPU time of a server whose one connection has been brisk and is silent now."""
    seconds = bench.seconds(2)
    result = Result("echo: what an idle connection costs after a brisk dialogue", ["echo", "CPU us a second"])
    contenders, result.absent = bench.take_part("echo")
    contenders = [one for one in contenders if one.floor or (one.ours and "no polling" not in one.name)]

    def measure(contender):
        with Server(contender.serve()) as server, socket.create_connection((server.host, server.port)) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(5)
            for _ in range(500):
                exchange(sock)
            time.sleep(0.2)
            cpu = server.cpu()
            time.sleep(seconds)
            return {"us_per_s": (server.cpu() - cpu) * 1e6 / seconds}

    bench.in_turns(contenders, bench.times(2), measure, result)
    result.rows = [[name, median(figures(runs, "us_per_s"))] for name, runs in result.runs.items()]
    for name in (C, PYTHON):
        cost = median(figures(result.runs.get(name, []), "us_per_s"))
        result.bars.append(Bar(f"{name}: CPU of an idle connection, us a second", cost, most=100))
    return result


def exchange(sock):
    """One round trip of a framed message, in Python: brisk enough to be polled for."""
    frame = struct.pack(">I", 64) + b"x" * 64
    sock.sendall(frame)
    got = 0
    while got < len(frame):
        count = len(sock.recv(4096))
        if not count:
            raise Failed("the server closed the connection")
        got += count
