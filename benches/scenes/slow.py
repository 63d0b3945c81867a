"""Members who never read, among those who do: what the others notice while the server's patience with them lasts, and
when it ends."""

from harness.bench import chat
from harness.figures import Bar, Chart, Result, figures, median, spread
from harness.table import percent

READING, DEAF = 950, 50
TITLE = f"slow: {READING} members read, {DEAF} never do; 10 senders, 16 in flight"
COLUMNS = ["server", "deliveries/s quiet", "x quiet", "spread", "p99 ms quiet", "x quiet", "spread", "memory MiB"]
ROOM = {"members": READING, "senders": 10, "in_flight": 16, "warm_up": 0.2}


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("chat", members=READING + DEAF, framing="line")

    def measure(contender):
        quiet = chat(contender, **ROOM, duration=bench.seconds(4))
        return {"quiet": quiet, "slow": chat(contender, **ROOM, deaf=DEAF, duration=bench.seconds(4))}

    bench.in_turns(contenders, bench.times(3), measure, result)
    floor = next((one.name for one in contenders if one.floor), None)
    rates = {name: compared(runs, "window", "deliveries_per_s") for name, runs in result.runs.items()}
    p99s = {name: compared(runs, "latency_us", "room", "p99") for name, runs in result.runs.items()}
    for name, runs in result.runs.items():
        result.rows.append(
            [
                name,
                median(figures(runs, "quiet", "window", "deliveries_per_s")),
                median(rates[name]),
                percent(spread(rates[name])),
                median(figures(runs, "quiet", "latency_us", "room", "p99")) / 1000,
                median(p99s[name]),
                percent(spread(p99s[name])),
                max(map(growth, runs)),
            ]
        )
    result.floor_spreads = {"quiet throughput": spread(floor_rates(result.runs.get(floor, [])))}
    throughput, p99 = (median(found.get("rustchat", [])) for found in (rates, p99s))
    result.bars = [
        Bar("rustchat: the others' throughput over the undisturbed run's", throughput, least=0.95),
        Bar("rustchat: the others' p99 over the undisturbed run's", p99, most=1.2),
    ]
    ours = [one.name for one in contenders if one.ours]
    chart = {name: median(values) for name, values in p99s.items()}
    result.chart = Chart("p99 of the others, times the undisturbed run's", chart, ours, floor)
    yield result


def compared(runs, *path):
    """With the deaf over without them, for each repeat."""
    return [a / b for a, b in zip(figures(runs, "slow", *path), figures(runs, "quiet", *path), strict=True)]


def floor_rates(runs):
    return figures(runs, "quiet", "window", "deliveries_per_s")


def growth(run):
    """MiB that the server grew by at its worst, counted from the room before the load."""
    memory = run["slow"]["server_memory_kib"]
    return (memory["after"]["peak"] - memory["joined"]["resident"]) / 1024
