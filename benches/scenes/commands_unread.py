"""A command whose output nobody reads: what it costs the server in memory, and the other commands in time."""

import subprocess
import time
from pathlib import Path

from harness.figures import Bar, Result, figures, median, paired
from harness.machine import LOAD_CORE, settle
from harness.process import Server, call

TITLE = "commands: one whose output nobody reads"
AT_ONCE = 200


def run(bench):
    yield memory(bench)
    yield beside(bench)


def memory(bench):
    """Resident memory before and while 10 GB of output wait behind a reader that has stopped."""
    result = Result("commands: 10 GB of output that nobody reads, memory of the server", ["server", "KiB more"])
    contenders, result.absent = bench.take_part("commands")
    seconds = bench.seconds(4)

    def measure(contender):
        with Server(contender.serve()) as server:
            # What the first connection of all costs is not what is asked for.
            call([*contender.call, server.host, server.port, "first", 0.2])
            before = resident(server.pid)
            words = [*contender.call, server.host, server.port, "unread", seconds]
            with subprocess.Popen(
                [str(word) for word in words], stdout=subprocess.DEVNULL, preexec_fn=settle(LOAD_CORE)
            ) as reader:
                most = before
                while reader.poll() is None:
                    most = max(most, resident(server.pid))
                    time.sleep(0.05)
            return {"more": most - before, "failed": reader.returncode}

    bench.in_turns([one for one in contenders if one.ours], bench.times(3), measure, result)
    for name, runs in result.runs.items():
        more = median(figures(runs, "more"))
        result.rows.append([name, more])
        result.bars.append(Bar(f"{name}: KiB more of memory", more, most=1024))
        result.bars.append(Bar(f"{name}: readers that have failed", sum(figures(runs, "failed")), most=0))
    return result


def beside(bench):
    """200 at once, one of which nobody reads, against as many that are all read."""
    result = Result(
        f"commands: {AT_ONCE} at once, one of them unread: commands a second", ["server", "all read", "one unread"]
    )
    contenders, result.absent = bench.take_part("commands")
    seconds = bench.seconds(2)

    def measure(contender):
        found = {}
        for unread in (0, 1):
            with Server(contender.serve()) as server:
                done = call([*contender.call, server.host, server.port, "many", seconds, AT_ONCE, unread])
            found[str(unread)] = done["commands"] / done["seconds"]
        return found

    bench.in_turns([one for one in contenders if one.ours], bench.times(3), measure, result)
    for name, runs in result.runs.items():
        all_read, one_unread = figures(runs, "0"), figures(runs, "1")
        result.rows.append([name, median(all_read), median(one_unread)])
        result.bars.append(Bar(f"{name}: with one unread, over all read", paired(one_unread, all_read), least=0.9))
    return result


def resident(pid):
    """KiB of memory that a process has."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
