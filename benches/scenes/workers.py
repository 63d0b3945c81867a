"""Two workers against one, in a room of a thousand, everybody allowed on both cores.

There is no third core for the load, so two things are measured. The latency of a message that comes alone: the load
sleeps while the server is at work and asks the kernel afterwards when each member had received it, which is what
members on machines of their own would see. And the throughput with the load competing, which says less: it takes
its half.
"""

from harness.bench import chat
from harness.contender import Contender
from harness.figures import Bar, Chart, Result, figures, median, paired, spread
from harness.machine import BOTH_CORES
from harness.table import percent

TITLE = "workers: 1000 members, two workers against one and the floor, on two cores"
COLUMNS = [
    "server",
    "whole room p50 ms",
    "spread",
    "x floor",
    "p99 ms",
    "deliveries/s, load beside it",
    "x floor",
    "CPU us",
]
MEMBERS = 1000
# The longest that a lone message may take until the room has it.
REST = 0.02


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("chat", members=MEMBERS, framing="line")
    contenders = [variant for one in contenders if one.floor or one.name == "rustchat" for variant in variants(one)]

    def measure(contender):
        together = {"members": MEMBERS, "warm_up": bench.seconds(0.5), "core": BOTH_CORES}
        rate = 1 / (2 * REST)
        alone = chat(contender, **together, rate=rate, rest=REST, arrivals=True, duration=bench.seconds(3))
        busy = chat(contender, **together, senders=10, in_flight=16, duration=bench.seconds(2))
        return {"alone": alone, "busy": busy}

    bench.in_turns(contenders, bench.times(5), measure, result)
    floor = next((one.name for one in contenders if one.floor), None)
    p50 = {name: figures(runs, "alone", "latency_us", "room", "p50") for name, runs in result.runs.items()}
    rates = {name: figures(runs, "busy", "window", "deliveries_per_s") for name, runs in result.runs.items()}
    for name, runs in result.runs.items():
        result.rows.append(
            [
                name,
                median(p50[name]) / 1000,
                percent(spread(p50[name])),
                paired(p50[name], p50.get(floor, [])),
                median(figures(runs, "alone", "latency_us", "room", "p99")) / 1000,
                median(rates[name]),
                paired(rates[name], rates.get(floor, [])),
                median(figures(runs, "busy", "window", "server_cpu_us_per_delivery")),
            ]
        )
    result.floor_spreads = {"p50": spread(p50.get(floor, []))}
    two, one, hub = (p50.get(name, []) for name in ("rustchat, 2 workers", "rustchat, 1 worker", floor))
    result.bars = [
        Bar("two workers' latency to the whole room over the floor's", paired(two, hub), most=0.65),
        Bar("two workers' latency to the whole room over one worker's", paired(two, one), most=0.8),
    ]
    ours = [one.name for one in contenders if one.ours]
    chart = {name: median(values) / 1000 for name, values in p50.items()}
    result.chart = Chart("p50 until the whole room has a message, ms", chart, ours, floor)
    yield result


def variants(contender):
    """The floor as it is, ours with one and with two workers."""
    if contender.floor:
        return [contender]
    return [
        Contender(
            name=f"{contender.name}, {workers} worker{'s' * (workers > 1)}",
            role=contender.role,
            serve=serve_with(contender, workers),
            ours=True,
        )
        for workers in (1, 2)
    ]


def serve_with(contender, count):
    return lambda workers, framing: contender.serve(workers=count, framing=framing)
