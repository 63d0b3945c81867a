"""The machine: where the repository is, which core does what, what else was running on it."""

import datetime
import os
import platform
import resource
import subprocess
from pathlib import Path

BENCHES = Path(__file__).resolve().parent.parent
REPO = BENCHES.parent
BUILD = REPO / "build" / "bench"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", REPO / "target"))

_cores = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = _cores[0], _cores[-1]
BOTH_CORES = {SERVER_CORE, LOAD_CORE}

# Set by --realtime: everybody who takes part goes before everybody else on the machine.
realtime = False

# A floor that differs by more than this between its own repeats says nothing about anybody else.
NOISE_LIMIT = 0.15
# So much of a core may go to programs that take no part.
OTHERS_LIMIT = 0.1


def open_files():
    """The most files one process may have open."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def settle(cores, first=True):
    """For a child before it runs: its core or cores, as many files as it may have; and whether it goes with the others
    before all else, if they do."""

    def preexec():
        os.sched_setaffinity(0, {cores} if isinstance(cores, int) else cores)
        if realtime and first:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        hard = open_files()
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    return preexec


class Others:
    """How much of the machine went to programs that take no part: what all cores did, without our own children."""

    def __init__(self):
        self.begin = self._now()

    def share(self):
        """Cores, on average since the beginning; children must have been waited for."""
        wall, busy, own = (now - before for now, before in zip(self._now(), self.begin, strict=True))
        return max(0.0, (busy - own) / wall)

    @staticmethod
    def _now():
        user, nice, system, _idle, _wait, irq, softirq, steal = (
            int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
        )
        usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        wall = datetime.datetime.now().timestamp()
        busy = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
        return wall, busy, sum(one.ru_utime + one.ru_stime for one in usage)


def describe():
    """What a reader of the figures has to know."""
    commit = subprocess.run(["git", "-C", REPO, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return {
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "cpu": _cpu_model(),
        "cores": len(_cores),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_average": os.getloadavg(),
        "realtime": realtime,
        "server_core": SERVER_CORE,
        "load_core": LOAD_CORE,
    }


def _cpu_model():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()
