"""Several processes that send framed messages into one listener, whose program has a thread for each."""

from concurrent.futures import ThreadPoolExecutor

from harness.figures import Bar, Chart, Result, figures, median, paired, spread
from harness.process import Server, call
from harness.table import percent

TITLE = "fan-in: processes that send into one listener, messages a second in all"
SOURCES = (2, 4)
SIZES = {64: "64 B", 1024: "1 KiB"}
OURS, STANDARD = "rustchat Python", "multiprocessing"
# What can serve several connections at a time.
THREADED = (OURS, "rustchat Python, many", "Python by hand", "Python by hand, batches", STANDARD)
KEYS = {f"{sources} x {text}": (sources, size) for sources in SOURCES for size, text in SIZES.items()}
COLUMNS = ["fan-in", *KEYS, "spread", "CPU ns, 4 x 64 B"]


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("stream")
    contenders = [one for one in contenders if one.name.split(" (")[0] in THREADED]
    seconds = bench.seconds(2)

    def measure(contender):
        with Server(contender.serve()) as server:
            return {key: pour(contender, server, *KEYS[key], seconds) for key in KEYS}

    bench.in_turns(contenders, bench.times(5), measure, result)
    for name, runs in result.runs.items():
        rates = [median(figures(runs, key, "per_s")) for key in KEYS]
        unsteady = percent(spread(figures(runs, "4 x 64 B", "per_s")))
        result.rows.append([name, *rates, unsteady, median(figures(runs, "4 x 64 B", "cpu_ns"))])
    for key in KEYS:
        rate = {name: figures(runs, key, "per_s") for name, runs in result.runs.items()}
        value = paired(rate.get(OURS, []), rate.get(STANDARD, []))
        result.bars.append(Bar(f"{OURS} over {STANDARD}, {key}", value, least=1.3))
        result.compare(f"messages a second, {key},", rate, more_is_better=True)
    medians = {name: median(figures(runs, "4 x 64 B", "per_s")) for name, runs in result.runs.items()}
    result.chart = Chart("messages a second, 4 x 64 B", medians, [OURS], None, True)
    yield result


def pour(contender, server, sources, size, seconds):
    """All sources on one core, the listener on the other."""
    command = [*contender.call, server.host, server.port, size, seconds]
    cpu = server.cpu()
    with ThreadPoolExecutor(sources) as pool:
        found = list(pool.map(lambda _: call(command), range(sources)))
    used = server.cpu() - cpu + sum(one["cpu_seconds"] for one in found)
    count = max(sum(one["messages"] for one in found), 1)
    return {"per_s": count / max(one["seconds"] for one in found), "cpu_ns": used * 1e9 / count}
