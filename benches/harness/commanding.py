"""What the scenes of remote commands have in common."""

from harness.figures import Bar, Result, figures, median, paired, spread
from harness.machine import BUILD
from harness.process import Server, call
from harness.table import percent

FLOOR, OURS = "C (floor)", "rustchat"
SSH, ASYNCSSH = "ssh, control master", "asyncssh"


def measured(bench, title, column, words, figure, floor_words=None, least=None, over_ssh=1):
    """Everybody does the same; `figure` makes a number of a call's report, of which more is better. The floor may do it
    on its own, without a server."""
    result = Result(title, ["commands", column, "x floor", "spread", "client CPU s"])
    contenders, result.absent = bench.take_part("commands")

    def measure(contender):
        if contender.floor and floor_words:
            found = call([BUILD / "commands", *floor_words])
        else:
            with Server(contender.serve()) as server:
                found = call([*contender.call, server.host, server.port, *words])
        return {**found, "figure": figure(found)}

    bench.in_turns(contenders, bench.times(5), measure, result)
    found = {name: figures(runs, "figure") for name, runs in result.runs.items()}
    for name, runs in result.runs.items():
        over = paired(found[name], found.get(FLOOR, []))
        result.rows.append(
            [name, median(found[name]), over, percent(spread(found[name])), median(figures(runs, "cpu_seconds"))]
        )
    result.floor_spreads = {column: spread(found.get(FLOOR, []))}
    ours = found.get(OURS, [])
    if least:
        result.bars.append(Bar(f"{OURS}, over C", paired(ours, found.get(FLOOR, [])), least=least))
    for rival, wanted in ((SSH, over_ssh), (ASYNCSSH, 1)):
        result.bars.append(Bar(f"{OURS}, over {rival}", paired(ours, found.get(rival, [])), least=wanted))
    return result
