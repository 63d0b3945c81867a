"""What one delivery costs the server when a room is busy."""

from harness.figures import Bar, Result, median, ratio, spread
from harness.process import Server, load
from harness.table import percent

TITLE = "broadcast: 100 members, 10 senders, 64-byte lines, 32 in flight for each sender"
ROOM = {"members": 100, "senders": 10, "in_flight": 32, "size": 64, "warm_up": 1}
COLUMNS = ["server", "deliveries per CPU s", "spread", "x floor", "CPU us", "deliveries/s", "p50 ms", "p99 ms", "CPU"]


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("chat", members=ROOM["members"])

    def measure(contender):
        with Server(contender.serve(workers=1)) as server:
            return load(server, format=contender.format, duration=bench.seconds(3), **ROOM)

    result.runs = bench.in_turns(contenders, bench.times(5), measure, result.absent)
    per_cpu = {name: figures(runs, "window", "deliveries_per_server_cpu_s") for name, runs in result.runs.items()}
    floor = next((contender.name for contender in contenders if contender.floor), None)
    for name, runs in result.runs.items():
        result.rows.append(
            [
                name,
                median(per_cpu[name]),
                percent(spread(per_cpu[name])),
                ratio(median(per_cpu[name]), median(per_cpu.get(floor, []))),
                median(figures(runs, "window", "server_cpu_us_per_delivery")),
                median(figures(runs, "window", "deliveries_per_s")),
                median(figures(runs, "latency_us", "room", "p50")) / 1000,
                median(figures(runs, "latency_us", "room", "p99")) / 1000,
                percent(median(figures(runs, "window", "server_cpu_share"))),
            ]
        )
    result.floor_spreads = {"deliveries per CPU second": spread(per_cpu.get(floor, []))}
    gain = ratio(median(per_cpu.get("rustchat", [])), median(per_cpu.get("tutorial server", [])))
    result.bars = [Bar("rustchat's deliveries per CPU second over the tutorial server's", gain, least=20)]
    return result


def figures(runs, *path):
    """One figure of every run's report."""
    values = []
    for run in runs:
        for key in path:
            run = run[key]
        values.append(run)
    return values
