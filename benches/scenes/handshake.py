"""Authenticated connections a second: connect, prove, close, one after the other."""

from harness.figures import Bar, Chart, Result, figures, median, paired, spread
from harness.process import Server, call
from harness.table import percent

TITLE = "handshake: authenticated connections a second, one after the other"
COLUMNS = ["connections", "a second", "spread", "x floor", "CPU us, both sides"]
FLOOR, STANDARD, PYTHON = "C mutual HMAC (floor)", "multiprocessing", "rustchat Python"


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("handshake")

    def measure(contender):
        with Server(contender.serve()) as server:
            cpu = server.cpu()
            found = call([*contender.call, server.host, server.port, bench.seconds(1)])
            both = server.cpu() - cpu + found["cpu_seconds"]
            count = found["connections"]
            return {**found, "per_s": count / found["seconds"], "cpu_us": both * 1e6 / max(count, 1)}

    bench.in_turns(contenders, bench.times(5), measure, result)
    rates = {name: figures(runs, "per_s") for name, runs in result.runs.items()}
    for name, runs in result.runs.items():
        over_floor = paired(rates[name], rates.get(FLOOR, []))
        cpu = median(figures(runs, "cpu_us"))
        result.rows.append([name, median(rates[name]), percent(spread(rates[name])), over_floor, cpu])
    result.floor_spreads = {"connections a second": spread(rates.get(FLOOR, []))}
    ours = rates.get(PYTHON, [])
    result.bars = [
        Bar(f"{PYTHON} over multiprocessing.connection", paired(ours, rates.get(STANDARD, [])), least=2),
        Bar(f"{PYTHON} over the plain C program", paired(ours, rates.get(FLOOR, [])), least=0.95),
    ]
    result.compare("connections a second", rates, more_is_better=True)
    names = [one.name for one in contenders if one.ours]
    chart = {name: median(found) for name, found in rates.items()}
    result.chart = Chart("connections a second", chart, names, FLOOR, True)
    yield result
