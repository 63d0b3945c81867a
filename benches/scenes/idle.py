"""Many members who hardly ever hear anything: what each costs in memory, and whether a broadcast reaches all."""

from harness.figures import Bar, Result, median, spread
from harness.machine import open_files
from harness.process import Server, load
from harness.table import percent

MEMBERS = 10_000
TITLE = f"idle: {MEMBERS:,} line-mode members, then 5 broadcasts one after the other"
COLUMNS = ["server", "KiB a member", "spread", "joins/s", "broadcast p50 ms", "CPU us", "reached"]


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("chat", members=MEMBERS)
    if open_files() < MEMBERS + 200:
        result.absent["everyone"] = f"a process may open {open_files()} files here, {MEMBERS + 200} are needed"
        return result

    def measure(contender):
        with Server(contender.serve(workers=1)) as server:
            options = {"members": MEMBERS, "senders": 1, "in_flight": 1, "warm_up": 0, "messages": 5}
            return load(server, format=contender.format, patience=20, **options)

    result.runs = bench.in_turns(contenders, bench.times(3), measure, result.absent)
    memory = {name: [growth(run) for run in runs] for name, runs in result.runs.items()}
    for name, runs in result.runs.items():
        result.rows.append(
            [
                name,
                median(memory[name]),
                percent(spread(memory[name])),
                median([run["join"]["members_per_s"] for run in runs]),
                median([run["latency_us"]["room"]["p50"] for run in runs]) / 1000,
                median([run["window"]["server_cpu_us_per_delivery"] for run in runs]),
                min(run["window"]["deliveries"] for run in runs) / 5,
            ]
        )
    result.bars = [
        Bar(f"{name}: KiB of resident memory a member", median(memory.get(name, [])), most=6)
        for name in ("rustchat", "rustchat serve")
    ]
    return result


def growth(run):
    """Resident KiB for each member, once all have joined and have heard something."""
    memory = run["server_memory_kib"]
    return max(memory["joined"]["resident"], memory["after"]["resident"]) / MEMBERS - (
        memory["before"]["resident"] / MEMBERS
    )
