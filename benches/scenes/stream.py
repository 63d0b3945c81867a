"""One-way streams of framed messages: source and sink of one kind, and each sink fed by the C source, which no sink can
keep up with, so that the sink alone is measured."""

from harness.figures import Bar, Chart, Result, figures, median, paired, spread
from harness.process import Server, call
from harness.table import percent

TITLE = "stream: framed messages one way, a second"
SIZES = {64: "64 B", 1024: "1 KiB", 65536: "64 KiB", 1 << 20: "1 MiB"}
FLOOR, TOKIO = "C batches (floor)", "tokio-util"
BY_HAND, BY_HAND_MANY = "Python by hand", "Python by hand, batches"
FED = "C source, 64 B"
COLUMNS = ["stream", "64 B", "spread", FED, "spread", "1 KiB", "64 KiB", "1 MiB", "MiB/s, 1 MiB", "CPU ns, 64 B"]


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("stream")
    source = next((one for one in contenders if one.floor), None)
    seconds = bench.seconds(1)

    def measure(contender):
        with Server(contender.serve()) as server:
            found = {str(size): pour(contender, server, size, seconds) for size in SIZES}
            if source and contender.name != "multiprocessing":
                found[FED] = pour(source, server, 64, seconds)
            return found

    bench.in_turns(contenders, bench.times(5), measure, result)
    own, fed = ({name: rates(runs, key) for name, runs in result.runs.items()} for key in ("64", FED))
    for name, runs in result.runs.items():
        result.rows.append(
            [
                name,
                median(own[name]),
                percent(spread(own[name])),
                median(fed[name]),
                percent(spread(fed[name])),
                *(median(rates(runs, str(size))) for size in list(SIZES)[1:]),
                median(rates(runs, str(1 << 20))),
                median(figures(runs, "64", "cpu_ns")),
            ]
        )
    result.floor_spreads = {"64 B": spread(own.get(FLOOR, []))}
    result.bars = [*bars(own, fed)]
    result.compare("messages a second, 64 B,", own, more_is_better=True)
    ours = [one.name for one in contenders if one.ours]
    medians = {name: median(found) for name, found in own.items()}
    result.chart = Chart("messages a second, 64 B", medians, ours, FLOOR, True)
    yield result


def pour(contender, server, size, seconds):
    cpu = server.cpu()
    found = call([*contender.call, server.host, server.port, size, seconds])
    both = server.cpu() - cpu + found["cpu_seconds"]
    count = max(found["messages"], 1)
    return {**found, "per_s": found["messages"] / found["seconds"], "cpu_ns": both * 1e9 / count}


def rates(runs, key):
    return figures([run for run in runs if key in run], key, "per_s")


def bars(own, fed):
    def over(found, ours, theirs):
        return paired(found.get(ours, []), found.get(theirs, []))

    for ours in ("rustchat Rust, many", "rustchat C, many"):
        yield Bar(f"{ours}, over tokio-util, 64 B", over(own, ours, TOKIO), least=1.5)
    yield Bar(
        "rustchat Python, message by message, over Python by hand, sinks fed by C",
        over(fed, "rustchat Python", BY_HAND),
        least=1,
    )
    yield Bar(
        "rustchat Python, message by message, over Python by hand, source and sink",
        over(own, "rustchat Python", BY_HAND),
        least=1,
    )
    for found, what in ((fed, "sinks fed by C"), (own, "source and sink")):
        best = max((BY_HAND, BY_HAND_MANY), key=lambda name: median(found.get(name, [])) or 0)
        value = over(found, "rustchat Python, many", best)
        yield Bar(f"rustchat Python, recv_many and send_many, over the best by hand ({best}), {what}", value, least=3)
