"""What one delivery costs the server: rooms of several sizes, one and ten senders, quiet and busy. By default the rooms
that a bar is about, with `--full` all of them."""

import itertools

from harness.bench import chat
from harness.figures import Bar, Chart, Result, figures, median, paired, spread
from harness.table import percent

TITLE = "broadcast: CPU time and latency of a delivery, in rooms of several kinds"
COLUMNS = ["server", "CPU us", "spread", "x floor", "deliveries/s", "p50 ms", "p99 ms", "CPU share", "bytes"]
# Members, senders, in flight for each sender, bytes of text.
ROOMS = [
    (100, 1, 16, 64),
    (1000, 1, 16, 64),
    (100, 10, 16, 64),
    (1000, 10, 16, 64),
    (100, 10, 16, 1024),
    (10, 1, 1, 64),
    (100, 1, 1, 64),
    (1000, 1, 1, 64),
]
ALL_ROOMS = list(itertools.product((10, 100, 1000), (1, 10), (1, 16, 64), (64, 1024)))
JSON_ROOMS = [(100, 1, 16, 64), (100, 10, 16, 64)]
SERVERS = ("redis", "nats-server", "ZeroMQ")
OURS = "rustchat"


def run(bench):
    rooms = ROOMS + [room for room in ALL_ROOMS if room not in ROOMS] if bench.full else ROOMS
    for room in rooms:
        yield lines(bench, room)
    for room in JSON_ROOMS:
        yield messages(bench, room)


def title(room, framing="lines"):
    members, senders, in_flight, size = room
    return (
        f"broadcast, {framing}: {members} members, {senders} sender{'s' * (senders > 1)}, "
        f"{in_flight} in flight, {size} B"
    )


def options(bench, room):
    members, senders, in_flight, size = room
    # Enough for a room of a thousand to be in its stride.
    return {
        "members": members,
        "senders": senders,
        "in_flight": in_flight,
        "size": size,
        "warm_up": bench.seconds(0.5),
        "duration": bench.seconds(2),
    }


def lines(bench, room):
    result = Result(title(room), COLUMNS)
    contenders, result.absent = bench.take_part("chat", members=room[0], framing="line")
    bench.in_turns(contenders, bench.times(5), lambda one: chat(one, **options(bench, room)), result)
    fill(result, contenders)
    result.bars += bars(result, room)
    return result


def messages(bench, room):
    """JSON events against the floor's lines; and against a floor whose lines are as long as the events."""
    result = Result(title(room, "JSON messages against lines"), COLUMNS)
    contenders, result.absent = bench.take_part("chat", members=room[0])
    contenders = [one for one in contenders if one.floor or "u32be" in one.formats]
    wanted = options(bench, room)
    longest = {"bytes": 0}

    def measure(contender):
        if not contender.floor:
            report = chat(contender, framing="u32be", **wanted)
            longest["bytes"] = round(report["window"]["bytes_per_delivery"])
            return report
        return chat(contender, **wanted)

    bench.in_turns(contenders, bench.times(5), measure, result)
    floor = next((one for one in contenders if one.floor), None)
    fill(result, contenders)
    if floor and longest["bytes"]:
        short = median(figures(result.runs[floor.name], "window", "bytes_per_delivery"))
        longer = {**wanted, "size": wanted["size"] + longest["bytes"] - round(short)}
        result.rows.append(row(f"C hub, lines of {longest['bytes']} B", [chat(floor, **longer)], None))
    ours, theirs = (cost(result.runs.get(name, [])) for name in (OURS, floor.name if floor else ""))
    if room[1] == 1:
        result.bars += [Bar(f"{OURS}: CPU of a JSON delivery over the floor's line", paired(ours, theirs), most=1.6)]
    return result


def fill(result, contenders):
    """Rows, spreads and chart out of the runs."""
    floor = next((one.name for one in contenders if one.floor), None)
    theirs = cost(result.runs.get(floor, []))
    result.rows = [row(name, runs, theirs) for name, runs in result.runs.items()]
    result.floor_spreads = {"CPU per delivery": spread(theirs)}
    costs = {name: median(cost(runs)) for name, runs in result.runs.items()}
    result.compare("CPU per delivery", {name: cost(runs) for name, runs in result.runs.items()})
    ours = [one.name for one in contenders if one.ours]
    result.chart = Chart("server CPU per delivery, us", costs, ours, floor)


def row(name, runs, theirs):
    return [
        name,
        median(cost(runs)),
        percent(spread(cost(runs))),
        paired(cost(runs), theirs) if theirs else None,
        median(figures(runs, "window", "deliveries_per_s")),
        median(figures(runs, "latency_us", "room", "p50")) / 1000,
        median(figures(runs, "latency_us", "room", "p99")) / 1000,
        percent(median(figures(runs, "window", "server_cpu_share"))),
        f"{median(figures(runs, 'window', 'bytes_per_delivery')):.0f}",
    ]


def cost(runs):
    return figures(runs, "window", "server_cpu_us_per_delivery")


def latency(runs, quantile):
    return figures(runs, "latency_us", "room", quantile)


def bars(result, room):
    members, senders, in_flight, _ = room
    runs = result.runs
    floor = result.chart.floor
    ours, theirs = runs.get(OURS, []), runs.get(floor, [])
    over_floor = paired(cost(ours), cost(theirs))
    if in_flight == 1 and senders == 1:
        return [Bar(f"{OURS}: CPU per delivery over the floor's", over_floor, most=1.1)] + [
            Bar(f"{OURS}: {name} over the floor's", paired(latency(ours, name), latency(theirs, name)), most=1.1)
            for name in ("p50", "p99")
        ]
    if in_flight != 16 or members == 10:
        return []
    peers = {name: paired(cost(found), cost(ours)) for name, found in runs.items() if not is_ours(name, floor)}
    if senders == 1:
        cheapest = min((value for value in peers.values() if value), default=None)
        return [
            Bar(f"{OURS}: CPU per delivery over the floor's", over_floor, most=1.15),
            Bar(f"the cheapest peer over {OURS}", cheapest, least=1),
        ]
    servers = [value for name, value in peers.items() if name in SERVERS and value]
    return [
        Bar(f"{OURS}: CPU per delivery over the floor's", over_floor, most=1.2),
        Bar(f"the cheapest of {', '.join(SERVERS)} over {OURS}", min(servers, default=None), least=1.6),
        Bar(f"stretch: {OURS}: CPU per delivery over the floor's", over_floor, most=1),
        Bar(f"stretch: {OURS}: p99 over the floor's", paired(latency(ours, "p99"), latency(theirs, "p99")), most=1),
    ]


def is_ours(name, floor):
    return name == floor or name.startswith(OURS)
