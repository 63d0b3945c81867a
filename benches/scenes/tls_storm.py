"""Hundreds knock at once, again and again, with TLS and a secret to prove: what a room that talks notices of it."""

import json
import subprocess

from harness.bench import chat
from harness.figures import Bar, Result, figures, median, paired, spread
from harness.machine import LOAD_CORE, settle
from harness.process import Failed, Load, Server

MEMBERS, RATE, GUESTS = 100, 500, 500
TITLE = f"tls_storm: {MEMBERS} members with TLS, {RATE} messages a second, {GUESTS} handshakes at once, again and again"
COLUMNS = ["server", "handshakes/s", "p50 ms quiet", "p50 ms", "p99 ms quiet", "p99 ms", "max ms", "server CPU share"]
# When the kernel has received a message: the guests have the core that the load would read on.
ROOM = {"members": MEMBERS, "senders": 10, "rate": RATE, "warm_up": 0.3, "arrivals": True}
TLS = "rustchat, TLS"


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("tls_chat", members=MEMBERS, framing="line")
    contenders = [one for one in contenders if "tls" in one.load]

    def measure(contender):
        quiet = chat(contender, **ROOM, duration=bench.seconds(2))
        with Server(contender.serve(workers=1, framing="line")) as server:
            return {"quiet": quiet, **stormed(server, contender, bench.seconds(3))}

    bench.in_turns(contenders, bench.times(5), measure, result)

    def latency(runs, kind, quantile):
        return figures(runs, kind, "latency_us", "room", quantile)

    for name, runs in result.runs.items():
        latencies = [median(latency(runs, kind, at)) / 1000 for at in ("p50", "p99") for kind in ("quiet", "storm")]
        longest = median(latency(runs, "storm", "max")) / 1000
        share = median(figures(runs, "storm", "window", "server_cpu_share"))
        result.rows.append([name, median(figures(runs, "knocks_per_s")), *latencies, longest, share])
    runs = result.runs.get(TLS, [])
    result.floor_spreads = {"p99 in quiet": spread(latency(runs, "quiet", "p99"))}
    over = paired(latency(runs, "storm", "p99"), latency(runs, "quiet", "p99"))
    result.bars = [Bar(f"{TLS}: p99 of {MEMBERS} members beside {GUESTS} handshakes, over without", over, most=2)]
    yield result


def stormed(server, contender, seconds):
    """The same load; as soon as it is measured the guests come, longer than it lasts, and behind it on its core."""
    at_work = Load(server, **ROOM, **contender.load, duration=seconds)
    if not at_work.wait_for("measuring"):
        return {"storm": at_work.result(), "knocks_per_s": 0}
    words = [Load.binary, server.address, "--knock", GUESTS, "--tls", contender.load["tls"], "--duration", seconds]
    guests = subprocess.Popen(
        [str(word) for word in words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=settle(LOAD_CORE, False),
    )
    try:
        report = at_work.result()
    finally:
        out, err = guests.communicate()
    if guests.returncode != 0:
        raise Failed(f"the guests: {err.decode().strip()}")
    found = json.loads(out)
    return {"storm": report, "knocks_per_s": found["connections"] / found["seconds"]}
