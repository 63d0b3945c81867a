"""What a hook in Python costs for each message, beside servers that see every message in Python anyway."""

from harness.bench import chat
from harness.build import OURS, python
from harness.contender import Contender
from harness.figures import Chart, Result, figures, median, spread
from harness.table import percent

MEMBERS = 10
TITLE = f"hooks: {MEMBERS} members, one sender, 16 in flight: server CPU for each message, with and without on_message"
COLUMNS = ["server", "CPU us a message", "spread", "us more than without", "messages/s", "p50 ms", "p99 ms"]
PLAIN, HOOK = "rustchat Python", "rustchat Python, on_message"
OTHERS = ("asyncio", "uvloop", "tutorial server")


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("chat", members=MEMBERS, framing="line")
    contenders = [one for one in contenders if one.floor or one.name in (PLAIN, *OTHERS)]
    if any(one.name == PLAIN for one in contenders):
        command = python(OURS / "chat.py", "--hook")
        contenders.append(Contender(name=HOOK, role="chat", serve=lambda **_: command, ours=True))
    wanted = {"members": MEMBERS, "in_flight": 16, "warm_up": 0.3, "duration": bench.seconds(2)}
    bench.in_turns(contenders, bench.times(3), lambda one: chat(one, **wanted), result)
    costs = {name: [per_message(run) for run in runs] for name, runs in result.runs.items()}
    without = median(costs.get(PLAIN, []))
    for name, runs in result.runs.items():
        more = median(costs[name]) - without if name == HOOK and without else None
        result.rows.append(
            [
                name,
                median(costs[name]),
                percent(spread(costs[name])),
                more,
                median([rate / MEMBERS for rate in figures(runs, "window", "deliveries_per_s")]),
                median(figures(runs, "latency_us", "room", "p50")) / 1000,
                median(figures(runs, "latency_us", "room", "p99")) / 1000,
            ]
        )
    floor = next((one.name for one in contenders if one.floor), None)
    result.floor_spreads = {"CPU a message": spread(costs.get(floor, []))}
    ours = [one.name for one in contenders if one.ours]
    chart = {name: median(found) for name, found in costs.items()}
    result.chart = Chart("server CPU a message, us", chart, ours, floor)
    yield result


def per_message(run):
    """Server CPU for each message, its deliveries included."""
    return run["window"]["server_cpu_us_per_delivery"] * MEMBERS
