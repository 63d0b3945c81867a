"""People come and go all the time while others talk: how many the server gets through, and what the others notice."""

import json
import subprocess

from harness.bench import chat
from harness.build import PEERS, NotBuilt, compile_c
from harness.figures import Chart, Result, figures, median, ratio, spread
from harness.machine import BUILD, LOAD_CORE, settle
from harness.process import Failed, Load, Server
from harness.table import percent

MEMBERS, RATE, GUESTS = 100, 500, 50
TITLE = f"storm: {MEMBERS} members, {RATE} messages a second, {GUESTS} guests who hear one and leave, again and again"
COLUMNS = ["server", "joins/s", "spread", "x floor", "p50 ms quiet", "p50 ms", "p99 ms quiet", "p99 ms"]
ROOM = {"members": MEMBERS, "senders": 10, "rate": RATE, "warm_up": 0.3}


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("chat", members=MEMBERS + GUESTS, framing="line")
    # The guests are mute: they know no protocol in which one has to introduce oneself.
    contenders = [one for one in contenders if one.formats["line"] == "stamp2"]
    try:
        compile_c(PEERS / "storm.c")
    except NotBuilt as reason:
        result.absent["everyone"] = str(reason)
        contenders = []

    def measure(contender):
        quiet = chat(contender, **ROOM, duration=bench.seconds(2))
        with Server(contender.serve(workers=1, framing="line")) as server:
            return {"quiet": quiet, **stormed(server, bench.seconds(3))}

    bench.in_turns(contenders, bench.times(3), measure, result)
    floor = next((one.name for one in contenders if one.floor), None)
    joins = {name: figures(runs, "joins") for name, runs in result.runs.items()}
    for name, runs in result.runs.items():
        latencies = [
            median(figures(runs, kind, "latency_us", "room", quantile)) / 1000
            for quantile in ("p50", "p99")
            for kind in ("quiet", "storm")
        ]
        over_floor = ratio(median(joins[name]), median(joins.get(floor, [])))
        result.rows.append([name, median(joins[name]), percent(spread(joins[name])), over_floor, *latencies])
    result.floor_spreads = {"joins a second": spread(joins.get(floor, []))}
    ours = [one.name for one in contenders if one.ours]
    result.chart = Chart("joins a second", {name: median(values) for name, values in joins.items()}, ours, floor, True)
    yield result


def stormed(server, seconds):
    """The same load; as soon as it is measured the guests come, and they stay longer than it."""
    at_work = Load(server, **ROOM, duration=seconds)
    if not at_work.wait_for("measuring"):
        return {"storm": at_work.result(), "joins": 0}
    words = [BUILD / "storm", server.host, server.port, GUESTS, seconds * 0.9]
    guests = subprocess.Popen(
        [str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=settle(LOAD_CORE)
    )
    try:
        report = at_work.result()
    finally:
        out, err = guests.communicate()
    if guests.returncode != 0:
        raise Failed(f"the guests: {err.decode().strip()}")
    return {"storm": report, "joins": joins_per_s(out)}


def joins_per_s(out):
    found = json.loads(out)
    return found["joins"] / found["seconds"]
