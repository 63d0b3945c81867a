"""The machine: where the repository is, which core does what, what was running on it."""

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

# A floor that differs by more than this between its own repeats says nothing about anybody else.
NOISE_LIMIT = 0.15


def open_files():
    """The most files one process may have open."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def settle(core):
    """For a child before it runs: its core, and as many files as it may have."""

    def preexec():
        os.sched_setaffinity(0, {core})
        hard = open_files()
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    return preexec


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
        "server_core": SERVER_CORE,
        "load_core": LOAD_CORE,
    }


def _cpu_model():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()
