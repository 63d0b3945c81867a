"""A folder of small files, with and without waiting for the disk: the time for all of them."""

import os

from harness.figures import Bar, Result, figures, median, paired, spread
from harness.moving import Place, move
from harness.table import percent

TITLE = "files: many small ones a second"
WAYS = ("get-all", "put-all")
SIZE = 4096
KINDS = {
    "no fsync": ("C sendfile (floor)", "rustchat", ("rsync", "sftp")),
    "fsync": ("C sendfile, fsync", "rustchat, fsync", ("rsync, fsync", "sftp, fsync")),
}


def run(bench):
    count = 300 if bench.quick else 10_000
    # What the client in C goes by.
    os.environ["FILES"] = str(count)
    for kind, (floor, ours, rivals) in KINDS.items():
        result = Result(f"{count} files of 4 KiB, disk, {kind}: files a second", ["files", *WAYS, "spread"])
        contenders, result.absent = bench.take_part("files")
        contenders = [one for one in contenders if one.name in {floor, ours, *rivals}]
        with Place("disk") as place:
            place.many(count, SIZE)
            bench.in_turns(
                contenders, bench.times(3), lambda one, at=place: {way: move(one, at, way) for way in WAYS}, result
            )
        rates = {
            way: {name: [count / s for s in figures(runs, way, "seconds")] for name, runs in result.runs.items()}
            for way in WAYS
        }
        for name in result.runs:
            result.rows.append(
                [name, *(median(rates[way][name]) for way in WAYS), percent(spread(rates["put-all"][name]))]
            )
        result.floor_spreads = {way: spread(rates[way].get(floor, [])) for way in WAYS}
        for way in WAYS:
            for rival in rivals:
                over = paired(rates[way].get(ours, []), rates[way].get(rival, []))
                result.bars.append(Bar(f"{ours}, {way}, over {rival}", over, least=1))
        yield result
