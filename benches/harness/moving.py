"""Files that are moved in a measurement: where they lie, what is in them, and whether they arrive as they are."""

import filecmp
import os
import shutil
import tempfile
from pathlib import Path

from harness.figures import Result, figures, median, paired, spread
from harness.machine import BUILD
from harness.process import Failed, Server, call
from harness.table import percent

FLOOR, TUTORIAL = "C sendfile (floor)", "tutorial"
WAYS = ("get", "put")
# Whoever takes longer than that for one of them is left out.
PATIENCE = 300


class Place:
    """A folder for both ends on a disk, or in memory, which goes with its measurement."""

    def __init__(self, where):
        parent = Path("/dev/shm") if where == "tmpfs" else BUILD / "moved"
        parent.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="rustchat-bench-", dir=parent))
        self.root, self.local = self.folder / "root", self.folder / "local"
        self.root.mkdir()
        self.local.mkdir()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def one(self, size):
        """A large file at both ends."""
        with open(self.local / "source", "wb") as file:
            for _ in range(size >> 20):
                file.write(os.urandom(1 << 20))
        shutil.copyfile(self.local / "source", self.root / "source")

    def many(self, count, size):
        """A folder of small ones at both ends, called 0, 1, 2 and so on."""
        (self.local / "source").mkdir()
        for number in range(count):
            (self.local / "source" / str(number)).write_bytes(os.urandom(size))
        shutil.copytree(self.local / "source", self.root / "source")

    def target(self, way, is_folder):
        """Where the next one goes, which is not there yet."""
        target = (self.local if way.startswith("get") else self.root) / "target"
        if target.is_dir():
            shutil.rmtree(target)
        target.unlink(missing_ok=True)
        if is_folder:
            target.mkdir()
        return target


def move(contender, place, way):
    """One file, or all of a folder, from one end to the other: the call's report."""
    target = place.target(way, way.endswith("all"))
    ends = ("source", target) if way.startswith("get") else (place.local / "source", "target")
    with Server(contender.serve(root=place.root)) as server:
        # What a program has to know that has no root of its own.
        root = [place.root] if "files_call.py" in " ".join(map(str, contender.call)) else []
        found = call([*contender.call, *root, server.host, server.port, way, *ends], patience=PATIENCE)
    check(place.local / "source", target)
    return {
        **found,
        "per_s": found["bytes"] / found["seconds"],
        "cpu_per_gb": found["cpu_seconds"] * 1e9 / found["bytes"],
    }


def check(source, target):
    """A file that is not what it was gets no figure."""
    if source.is_dir():
        wrong = [name for name in os.listdir(source) if not filecmp.cmp(source / name, target / name, shallow=False)]
    else:
        wrong = [] if filecmp.cmp(source, target, shallow=False) else [target.name]
    if wrong:
        raise Failed(f"{len(wrong)} files are not what they were, {wrong[0]} for one")


def measured(bench, title, role, names, where, size, floor=FLOOR):
    """Everybody moves a large file in both directions; the result, and bytes a second by way and name."""
    result = Result(
        f"{title}, {where}: MB a second",
        ["files", *(c for way in WAYS for c in (way, "x floor")), "spread", "client CPU s/GB"],
    )
    contenders, result.absent = bench.take_part(role)
    contenders = [one for one in contenders if one.name in names]
    with Place(where) as place:
        place.one(size)
        bench.in_turns(contenders, bench.times(5), lambda one: {way: move(one, place, way) for way in WAYS}, result)
    rates = {way: {name: figures(runs, way, "per_s") for name, runs in result.runs.items()} for way in WAYS}
    for name, runs in result.runs.items():
        cells = []
        for way in WAYS:
            cells += [median(rates[way][name]) / 1e6, paired(rates[way][name], rates[way].get(floor, []))]
        result.rows.append(
            [name, *cells, percent(spread(rates["get"][name])), median(figures(runs, "get", "cpu_per_gb"))]
        )
    result.floor_spreads = {way: spread(rates[way].get(floor, [])) for way in WAYS}
    return result, rates
