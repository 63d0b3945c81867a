"""Event loops: framed round trips between two processes that have one each; what 1000 connections cost in memory; what
`await recv()` costs where the message has come."""

import socket

from harness.figures import Bar, Result, figures, median, paired, spread
from harness.machine import LOAD_CORE
from harness.process import Server, call
from harness.table import percent

from scenes.echo import dialogue, exchange

TITLE = "aio: framed round trips a second between two event loops"
SIZE = 64
CONNECTIONS = 1000
OURS, STREAMS, WEBSOCKETS, ZMQ = "rustchat.aio", "streams and struct", "websockets", "pyzmq.asyncio"


def run(bench):
    yield echo(bench)
    yield memory(bench)
    yield there(bench)


def echo(bench):
    result = Result("aio: round trips a second, 64 B", ["aio", "64 B", "spread", "CPU us"])
    contenders, result.absent = bench.take_part("aio")

    def measure(contender):
        with Server(contender.serve()) as server:
            return {str(SIZE): dialogue(contender, server, SIZE, bench.seconds(1), LOAD_CORE)}

    bench.in_turns(contenders, bench.times(5), measure, result)

    def rate(name):
        return figures(result.runs.get(name, []), str(SIZE), "per_s")

    for name, runs in result.runs.items():
        cpu = median(figures(runs, str(SIZE), "cpu_us"))
        result.rows.append([name, median(rate(name)), percent(spread(rate(name))), cpu])
    ours, fast = f"{OURS}, asyncio", f"{OURS}, uvloop"
    result.bars = [
        Bar(f"{ours}, over {STREAMS}, 64 B", paired(rate(ours), rate(f"{STREAMS}, asyncio")), least=1.3),
        Bar(f"{ours}, over {WEBSOCKETS}, 64 B", paired(rate(ours), rate(f"{WEBSOCKETS}, asyncio")), least=2),
        Bar(f"{fast}, over {ZMQ} there, 64 B", paired(rate(fast), rate(f"{ZMQ}, uvloop")), least=1),
    ]
    return result


def memory(bench):
    """Of a server whose connections have each said one thing."""
    result = Result(f"aio: memory of {CONNECTIONS} connections", ["aio", "KiB a connection"])
    contenders, result.absent = bench.take_part("aio")
    contenders = [one for one in contenders if one.name.split(",")[0] in (OURS, STREAMS)]

    def measure(contender):
        with Server(contender.serve()) as server:
            before, connections = resident(server), []
            for _ in range(CONNECTIONS):
                connections.append(socket.create_connection((server.host, server.port), 5))
                exchange(connections[-1])
            grown = resident(server) - before
            for connection in connections:
                connection.close()
            return {"kib": grown / CONNECTIONS}

    bench.in_turns(contenders, bench.times(3), measure, result)
    cost = {name: median(figures(runs, "kib")) for name, runs in result.runs.items()}
    result.rows = [[name, value] for name, value in cost.items()]
    for kind in ("asyncio", "uvloop"):
        ours, theirs = (figures(result.runs.get(f"{name}, {kind}", []), "kib") for name in (OURS, STREAMS))
        result.bars.append(Bar(f"{OURS}, {kind}: memory of a connection over {STREAMS}", paired(ours, theirs), most=1))
    return result


def resident(server):
    """KiB."""
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def there(bench):
    result = Result("aio: us for a message that has come", ["aio", "await recv()", "recv(0)"])
    contenders, result.absent = bench.take_part("aio")
    contenders = [one for one in contenders if one.ours]

    def measure(contender):
        with Server(contender.serve()) as server:
            return call([*contender.call[:-1], "there", server.host, server.port, bench.seconds(1)], core=LOAD_CORE)

    bench.in_turns(contenders, bench.times(5), measure, result)
    for name, runs in result.runs.items():
        ours, blocking = median(figures(runs, "aio_us")), median(figures(runs, "blocking_us"))
        result.rows.append([name, ours, blocking])
        if ours is not None and blocking is not None:
            result.bars.append(Bar(f"{name}: us that await recv() takes more than recv(0)", ours - blocking, most=1))
    return result
