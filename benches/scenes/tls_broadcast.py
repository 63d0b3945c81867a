"""What a delivery costs the server when all members have TLS, beside the same room without. With one message on the way
the load never sleeps: how often the server would have to wake it depends on its own speed, and it has to decrypt."""

from harness.bench import chat
from harness.figures import Bar, Result, figures, median, paired

from scenes.broadcast import cost, fill, options

TITLE = "tls_broadcast: CPU time and latency of a delivery to members with TLS, beside plain ones"
COLUMNS = ["server", "CPU us", "spread", "x plain", "deliveries/s", "p50 ms", "p99 ms", "CPU share", "bytes"]
# Members, senders, in flight for each sender, bytes of text.
ROOMS = [(100, 1, 1, 64), (1000, 1, 1, 64), (100, 10, 16, 64), (1000, 10, 16, 64), (100, 10, 16, 1024)]
PLAIN, TLS = "rustchat, plain (floor)", "rustchat, TLS"


def run(bench):
    for room in ROOMS:
        members, senders, in_flight, size = room
        title = f"{members} members, {senders} sender{'s' * (senders > 1)}, {in_flight} in flight, {size} B"
        result = Result(f"tls_broadcast: {title}", COLUMNS)
        contenders, result.absent = bench.take_part("tls_chat", members=members, framing="line")
        wanted = options(bench, room) | ({"awake": True} if in_flight == 1 else {})
        bench.in_turns(contenders, bench.times(5), lambda one, wanted=wanted: chat(one, **wanted), result)
        fill(result, contenders)
        judge(result, room, title)
        yield result


def judge(result, room, title):
    plain, tls = (cost(result.runs.get(name, [])) for name in (PLAIN, TLS))
    if room[1:3] == (1, 1):
        result.bars.append(Bar(f"{TLS}: CPU per delivery over plain's, {title}", paired(tls, plain), most=1.15))
        for quantile in ("p50", "p99"):
            latency = [figures(result.runs.get(name, []), "latency_us", "room", quantile) for name in (TLS, PLAIN)]
            result.bars.append(Bar(f"{TLS}: {quantile} over plain's, {title}", paired(*latency), most=1.15))
    elif room[3] == 64:
        result.bars.append(Bar(f"{TLS}: CPU us per delivery, {title}", median(tls), most=0.12))
