"""Guests nobody wants come into a busy room: do the honest members notice, and does the server's memory hold?"""

import subprocess
import sys
import time

from harness.build import PEERS
from harness.figures import Bar, Chart, Result, median, ratio, spread
from harness.machine import LOAD_CORE, settle
from harness.process import Load, Server, load
from harness.table import percent

SILENT, NEVER_READ, HALF_A_LINE = 200, 1, 1
TITLE = f"hostile: one never reads, one stalls in a line, one resets, {SILENT} are silent; 100 honest members"
COLUMNS = ["server", "p99 ms quiet", "p99 ms hostile", "x quiet", "spread", "throughput x quiet", "memory MiB"]
ROOM = {"members": 100, "senders": 10, "in_flight": 4, "size": 64, "warm_up": 1, "patience": 8}
# Of design.md: what a member may leave unread before it is disconnected.
OUTBOX_MIB = 1
# None of these reads; without a secret, each of them is a member.
STALLED = SILENT + NEVER_READ + HALF_A_LINE


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("chat", members=ROOM["members"] + STALLED, framing="line")
    # The guests are mute: they know no protocol in which one has to introduce oneself.
    contenders = [one for one in contenders if one.formats["line"] == "stamp2"]

    def measure(contender):
        options = {"format": contender.formats["line"], "duration": bench.seconds(6), **ROOM}
        with Server(contender.serve(workers=1, framing="line")) as server:
            quiet = load(server, **options)
        with Server(contender.serve(workers=1, framing="line")) as server:
            return {"quiet": quiet, "hostile": disturbed(server, options)}

    bench.in_turns(contenders, bench.times(3), measure, result)
    for name, runs in result.runs.items():
        quiet, hostile = (median([p99(run[kind]) for run in runs]) for kind in ("quiet", "hostile"))
        rates = [ratio(rate(run["hostile"]), rate(run["quiet"])) for run in runs]
        unsteady = percent(spread([p99(run["hostile"]) / p99(run["quiet"]) for run in runs]))
        row = [name, quiet, hostile, ratio(hostile, quiet), unsteady, median(rates), max(map(growth, runs))]
        result.rows.append(row)
    floor = next((contender.name for contender in contenders if contender.floor), None)
    result.floor_spreads = {"quiet p99": spread([p99(run["quiet"]) for run in result.runs.get(floor, [])])}
    ours = next((row for row in result.rows if row[0] == "rustchat"), [None] * len(COLUMNS))
    result.bars = [
        Bar("rustchat: the honest members' p99 over the undisturbed run's", ours[3], most=2),
        Bar("rustchat: growth of memory, MiB", ours[6], most=OUTBOX_MIB * STALLED + 32),
    ]
    ratios = {row[0]: row[3] for row in result.rows}
    names = [one.name for one in contenders if one.ours]
    result.chart = Chart("p99 of the honest members, times the undisturbed run's", ratios, names, floor)
    yield result


def disturbed(server, options):
    """The same load; soon after the measured window opens the guests arrive."""
    at_work = Load(server, **options)
    if not at_work.wait_for("measuring"):
        return at_work.result()
    time.sleep(0.5)
    words = [sys.executable, PEERS / "hostile.py", server.host, server.port]
    words += ["--silent", SILENT, "--never-read", NEVER_READ]
    guests = subprocess.Popen(
        [str(word) for word in words],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=settle(LOAD_CORE),
    )
    try:
        return at_work.result()
    finally:
        guests.communicate()


def p99(report):
    """Milliseconds until the whole room had a message."""
    return report["latency_us"]["room"]["p99"] / 1000


def rate(report):
    """Deliveries a second to the honest members."""
    return report["window"]["deliveries_per_s"]


def growth(run):
    """MiB that the server grew by at its worst, counted from the room of honest members."""
    memory = run["hostile"]["server_memory_kib"]
    return (memory["after"]["peak"] - memory["joined"]["resident"]) / 1024
