"""Many members with TLS who hardly ever hear anything: what each costs in memory, and how fast they come."""

from harness.bench import chat
from harness.figures import Bar, Result, figures, median, paired, spread
from harness.machine import open_files
from harness.table import percent

from scenes.idle import MEMBERS, growth

TITLE = f"tls_idle: {MEMBERS:,} members with TLS, then 5 broadcasts one after the other"
COLUMNS = ["server", "KiB a member", "spread", "joins/s", "x plain", "CPU us a join", "broadcast p50 ms", "CPU us"]
PLAIN, TLS = "rustchat, plain (floor)", "rustchat, TLS"


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("tls_chat", members=MEMBERS, framing="line")
    if open_files() < MEMBERS + 200:
        result.absent["everyone"] = f"a process may open {open_files()} files here, {MEMBERS + 200} are needed"
        yield result
        return

    def measure(contender):
        room = {"members": MEMBERS, "senders": 1, "in_flight": 1, "warm_up": 0, "messages": 5}
        return chat(contender, patience=30, **room)

    bench.in_turns(contenders, bench.times(3), measure, result)
    memory = {name: [growth(run) for run in runs] for name, runs in result.runs.items()}
    joins = {name: figures(runs, "join", "members_per_s") for name, runs in result.runs.items()}
    for name, runs in result.runs.items():
        result.rows.append(
            [
                name,
                median(memory[name]),
                percent(spread(memory[name])),
                median(joins[name]),
                paired(joins[name], joins.get(PLAIN, [])),
                median(figures(runs, "join", "server_cpu_us_per_member")),
                median(figures(runs, "latency_us", "room", "p50")) / 1000,
                median(figures(runs, "window", "server_cpu_us_per_delivery")),
            ]
        )
    result.floor_spreads = {"KiB a member": spread(memory.get(PLAIN, []))}
    result.bars = [Bar(f"{TLS}: KiB of resident memory a member", median(memory.get(TLS, [])), most=10)]
    result.compare("KiB a member", memory)
    yield result
