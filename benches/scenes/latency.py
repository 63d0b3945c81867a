"""How long the whole room waits for a message that comes at a fixed rate, whatever the server does with it."""

from harness.bench import chat
from harness.figures import Chart, Result, figures, median, paired, spread
from harness.table import percent

TITLE = "latency: until the whole room has a message, at a fixed rate"
COLUMNS = ["server", "p50 ms", "spread", "x floor", "p99 ms", "x floor", "max ms", "CPU us a delivery"]
# Members, messages a second: about a third of what the floor's core can do.
ROOMS = [(100, 1000), (1000, 100)]


def run(bench):
    for members, rate in ROOMS:
        result = Result(f"latency: {members} members, {rate} messages a second, 64-byte lines", COLUMNS)
        contenders, result.absent = bench.take_part("chat", members=members, framing="line")
        wanted = {"members": members, "rate": rate, "warm_up": bench.seconds(0.5), "duration": bench.seconds(3)}
        bench.in_turns(contenders, bench.times(3), lambda one, wanted=wanted: chat(one, **wanted), result)
        floor = next((one.name for one in contenders if one.floor), None)
        p50, p99, longest = ({name: found(runs, key) for name, runs in result.runs.items()} for key in KEYS)
        for name, runs in result.runs.items():
            result.rows.append(
                [
                    name,
                    median(p50[name]),
                    percent(spread(p50[name])),
                    paired(p50[name], p50.get(floor, [])),
                    median(p99[name]),
                    paired(p99[name], p99.get(floor, [])),
                    median(longest[name]),
                    median(figures(runs, "window", "server_cpu_us_per_delivery")),
                ]
            )
        result.floor_spreads = {"p50": spread(p50.get(floor, []))}
        ours = [one.name for one in contenders if one.ours]
        result.chart = Chart("p50, ms", {name: median(values) for name, values in p50.items()}, ours, floor)
        yield result


KEYS = ("p50", "p99", "max")


def found(runs, key):
    return [value / 1000 for value in figures(runs, "latency_us", "room", key)]
