"""Framed echo through TLS between two processes on two cores: beside what Python has for it, and plain streams."""

from harness.figures import Bar, Chart, Result, figures, median, paired, spread
from harness.machine import LOAD_CORE
from harness.process import Server
from harness.table import percent

from scenes.echo import JUDGED, SIZES, dialogue

TITLE = "tls_echo: framed round trips a second through TLS, between two processes"
COLUMNS = ["echo", *(column for size in SIZES.values() for column in (size, "x floor")), "spread", "CPU us, 64 B"]
FLOOR, ASYNCIO, OURS = "ssl sockets (floor)", "asyncio, ssl", "rustchat Python, TLS"
ASLEEP = f"{OURS}, no polling"


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("tls_echo")

    def measure(contender):
        with Server(contender.serve()) as server:
            return {str(size): dialogue(contender, server, size, bench.seconds(1), LOAD_CORE) for size in SIZES}

    bench.in_turns(contenders, bench.times(5), measure, result)

    def rate(name, size):
        return figures(result.runs.get(name, []), str(size), "per_s")

    for name, runs in result.runs.items():
        cells = [
            cell for size in SIZES for cell in (median(rate(name, size)), paired(rate(name, size), rate(FLOOR, size)))
        ]
        cpu = median(figures(runs, "64", "cpu_us"))
        result.rows.append([name, *cells, percent(spread(rate(name, 64))), cpu])
    result.floor_spreads = {label: spread(rate(FLOOR, size)) for size, label in SIZES.items()}
    for size, label in SIZES.items():
        for name in (OURS, ASLEEP) if size in JUDGED else (OURS,):
            over = paired(rate(name, size), rate(ASYNCIO, size))
            result.bars.append(Bar(f"{name}, over asyncio with ssl, {label}", over, least=2))
            over = paired(rate(name, size), rate(FLOOR, size))
            result.bars.append(Bar(f"{name}, over ssl sockets, {label}", over, least=1))
        rates = {name: rate(name, size) for name in result.runs}
        result.compare(f"round trips a second, {label},", rates, more_is_better=True)
    rates = {name: median(rate(name, 64)) for name in result.runs}
    result.chart = Chart(
        "round trips a second through TLS, 64 B", rates, [one.name for one in contenders if one.ours], FLOOR, True
    )
    yield result
