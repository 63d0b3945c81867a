"""Connections a second with TLS and the proof of a secret in it: one after the other, and several at once."""

from harness.figures import Bar, Chart, Result, figures, median, paired, spread
from harness.process import Server, call
from harness.table import percent

TITLE = "tls_handshake: connections a second with TLS and a proved secret, both ends"
# Enough that neither end's core waits for the other's.
AT_ONCE = 8
WAYS = {"one by one": 1, f"{AT_ONCE} at once": AT_ONCE}
COLUMNS = ["connections", *(column for way in WAYS for column in (way, "spread", "x floor", "CPU us, both sides"))]
FLOOR, PYTHON, RUST = "ssl, multiprocessing's HMAC (floor)", "rustchat Python, TLS", "rustchat Rust, TLS"


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("tls_handshake")

    def measure(contender):
        with Server(contender.serve()) as server:
            return {way: knock(contender, server, bench.seconds(1), at_once) for way, at_once in WAYS.items()}

    bench.in_turns(contenders, bench.times(5), measure, result)
    rates = {way: {name: figures(runs, way, "per_s") for name, runs in result.runs.items()} for way in WAYS}
    for name, runs in result.runs.items():
        cells = []
        for way, found in rates.items():
            over_floor = paired(found[name], found.get(FLOOR, []))
            cpu = median(figures(runs, way, "cpu_us"))
            cells += [median(found[name]), percent(spread(found[name])), over_floor, cpu]
        result.rows.append([name, *cells])
    for way, found in rates.items():
        result.floor_spreads[way] = spread(found.get(FLOOR, []))
        over = paired(found.get(PYTHON, []), found.get(FLOOR, []))
        result.bars.append(Bar(f"{PYTHON}, over ssl with multiprocessing's HMAC, {way}", over, least=2))
        result.compare(f"connections a second, {way},", found, more_is_better=True)
    busy = rates[f"{AT_ONCE} at once"]
    result.bars.append(Bar(f"{RUST}: connections a second, {AT_ONCE} at once", median(busy.get(RUST, [])), least=3500))
    ours = [one.name for one in contenders if one.ours]
    chart = {name: median(found) for name, found in busy.items()}
    result.chart = Chart("connections a second with TLS", chart, ours, FLOOR, True)
    yield result


def knock(contender, server, seconds, at_once):
    cpu = server.cpu()
    found = call([*contender.call, server.host, server.port, seconds, at_once])
    both = server.cpu() - cpu + found["cpu_seconds"]
    count = found["connections"]
    return {**found, "per_s": count / found["seconds"], "cpu_us": both * 1e6 / max(count, 1)}
