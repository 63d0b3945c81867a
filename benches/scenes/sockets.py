"""Single calls on sockets from Python, ours beside the standard library's."""

from contenders.sockets import OURS, STANDARD
from harness.figures import Bar, Chart, Result, median, paired, spread
from harness.machine import BOTH_CORES
from harness.process import call
from harness.table import percent

TITLE = "sockets: calls on rustchat.socket and on the standard socket"
COLUMNS = ["call", "standard ns", "spread", "rustchat ns", "spread", "ratio"]
BESIDE, PACE = "beside a busy thread", "pace of the busy thread"
# Both make the same system calls: "at most 1.0" is this much of noise.
NOISE = 1.05


def run(bench):
    result = Result(TITLE, COLUMNS)
    contenders, result.absent = bench.take_part("sockets")

    def measure(contender):
        return call([*contender.call, bench.seconds(0.2)], core=BOTH_CORES)

    bench.in_turns(contenders, bench.times(7), measure, result)
    runs = [result.runs.get(name, []) for name in (STANDARD, OURS)]
    for name in runs[0][0] if all(runs) else []:
        standard, ours = ([one[name] for one in side] for side in runs)
        ratio = paired(ours, standard)
        result.rows.append(
            [name, median(standard), percent(spread(standard)), median(ours), percent(spread(ours)), ratio]
        )
        if name.startswith(PACE):
            result.bars.append(Bar(f"{name}: what it keeps", median(ours), least=0.5))
        else:
            most = 0.1 if name.startswith(BESIDE) else NOISE
            result.bars.append(Bar(f"{name}: rustchat over the standard library", ratio, most=most))
    if all(runs):
        chart = {row[0]: row[5] for row in result.rows if not row[0].startswith(PACE)}
        result.chart = Chart("share of the standard library's time", chart)
    yield result
