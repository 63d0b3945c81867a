"""What a call through the C ABI costs over the same call from Rust."""

from harness.figures import Bar, Chart, Result, figures, median, spread
from harness.process import call
from harness.table import percent

TITLE = "abi: nanoseconds a call, from C and from Rust"
# What is measured, and how many calls of the library's it takes.
CALLS = {"handle": 1, "encode": 1, "decode": 1, "broadcast": 1, "send and receive": 2}
EVENT = "event"
COLUMNS = ["call", "from Rust ns", "spread", "from C ns", "spread", "over Rust, a call"]


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("abi")
    bench.in_turns(contenders, bench.times(5), lambda contender: call(contender.call), result)
    over, chart = {}, {}
    for runs in result.runs.values():
        for what in [*CALLS, EVENT]:
            found = [figures(runs, what, face) for face in ("rust", "c")]
            cells = [cell for values in found for cell in (median(values), percent(spread(values)))]
            # Within a process and a turn of it, both faces have met the same machine.
            over[what] = median(figures(runs, what, "over")) / CALLS.get(what, 1)
            result.rows.append([f"{what}, of a batch of 64" if what == EVENT else what, *cells, over[what]])
        result.floor_spreads = {what: spread(figures(runs, what, "rust")) for what in ("decode", "send and receive")}
        chart = {what: max(value, 0.1) for what, value in over.items()}
    result.bars = [Bar(f"{what}: ns a call over Rust", over.get(what), most=30) for what in CALLS]
    result.bars.append(Bar("an event of a batch of 64: ns over Rust", over.get(EVENT), most=10))
    result.chart = Chart("ns a call through C over Rust", chart, list(chart))
    yield result
