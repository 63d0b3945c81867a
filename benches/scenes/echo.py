"""Framed echo: round trips a second between two processes, a core each, both waiting in blocking calls."""

from harness.figures import Bar, Result, median, ratio, spread
from harness.process import Server, call
from harness.table import percent

SIZES = {64: "64 B", 1024: "1 KiB", 65536: "64 KiB"}
TITLE = "echo: round trips a second, two processes on two cores"
COLUMNS = ["echo", *(column for size in SIZES.values() for column in (size, "spread")), "server CPU us, 64 B"]
PAIRS = [("Python rustchat", "Python multiprocessing", 1.0), ("C rustchat", "C blocking (floor)", 0.95)]


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("echo")

    def measure(contender):
        with Server(contender.serve()) as server:
            return {str(size): dialogue(contender, server, size, bench.seconds(1.5)) for size in SIZES}

    result.runs = bench.in_turns(contenders, bench.times(5), measure, result.absent)
    rates = {
        name: {size: [run[str(size)]["per_s"] for run in runs] for size in SIZES} for name, runs in result.runs.items()
    }
    for name, runs in result.runs.items():
        cells = [cell for values in rates[name].values() for cell in (median(values), percent(spread(values)))]
        result.rows.append([name, *cells, median([run["64"]["server_cpu_us"] for run in runs])])
    for contender in contenders:
        if contender.floor and contender.name in rates:
            result.floor_spreads = {label: spread(rates[contender.name][size]) for size, label in SIZES.items()}
    for ours, theirs, least in PAIRS:
        for size, label in SIZES.items():
            mine, other = (median(rates.get(name, {}).get(size, [])) for name in (ours, theirs))
            result.bars.append(Bar(f"{ours} over {theirs}, {label}", ratio(mine, other), least=least))
    return result


def dialogue(contender, server, size, seconds):
    cpu = server.cpu()
    found = call([*contender.call, server.host, server.port, size, seconds])
    cpu = server.cpu() - cpu
    per_s = found["round_trips"] / found["seconds"]
    # The client warms up for a tenth of its time, at the same pace.
    return {**found, "per_s": per_s, "server_cpu_us": cpu * 1e6 / (found["round_trips"] * 1.1)}
