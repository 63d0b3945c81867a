"""Many members who hardly ever hear anything: what each costs in memory, and whether a broadcast reaches all."""

from harness.bench import chat
from harness.figures import Bar, Chart, Result, figures, median, paired, spread
from harness.machine import open_files
from harness.table import percent

MEMBERS = 10_000
TITLE = f"idle: {MEMBERS:,} line-mode members, then 5 broadcasts one after the other"
COLUMNS = ["server", "KiB a member", "spread", "joins/s", "x floor", "broadcast p50 ms", "CPU us", "reached"]


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("chat", members=MEMBERS, framing="line")
    if open_files() < MEMBERS + 200:
        result.absent["everyone"] = f"a process may open {open_files()} files here, {MEMBERS + 200} are needed"
        yield result
        return

    def measure(contender):
        options = {"members": MEMBERS, "senders": 1, "in_flight": 1, "warm_up": 0, "messages": 5}
        return chat(contender, patience=20, **options)

    bench.in_turns(contenders, bench.times(3), measure, result)
    floor = next((one.name for one in contenders if one.floor), None)
    memory = {name: [growth(run) for run in runs] for name, runs in result.runs.items()}
    joins = {name: figures(runs, "join", "members_per_s") for name, runs in result.runs.items()}
    for name, runs in result.runs.items():
        result.rows.append(
            [
                name,
                median(memory[name]),
                percent(spread(memory[name])),
                median(joins[name]),
                paired(joins[name], joins.get(floor, [])),
                median(figures(runs, "latency_us", "room", "p50")) / 1000,
                median(figures(runs, "window", "server_cpu_us_per_delivery")),
                min(figures(runs, "window", "deliveries")) / 5,
            ]
        )
    result.floor_spreads = {"joins a second": spread(joins.get(floor, []))}
    for name in ("rustchat", "rustchat Python"):
        faster = paired(joins.get(name, []), joins.get(floor, []))
        result.bars += [
            Bar(f"{name}: KiB of resident memory a member", median(memory.get(name, [])), most=3),
            Bar(f"{name}: joins a second over the floor's", faster, least=0.8),
        ]
    result.compare("KiB a member", memory)
    result.compare("joins a second", joins, more_is_better=True)
    ours = [one.name for one in contenders if one.ours]
    chart = {name: median(values) for name, values in memory.items()}
    result.chart = Chart("resident KiB a member", chart, ours, floor)
    yield result


def growth(run):
    """Resident KiB for each member, once all have joined and have heard something."""
    memory = run["server_memory_kib"]
    return max(memory["joined"]["resident"], memory["after"]["resident"]) / MEMBERS - (
        memory["before"]["resident"] / MEMBERS
    )
