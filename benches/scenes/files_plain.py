"""A large file without hashes, against a pair in C that sends with sendfile and checks nothing."""

from harness.figures import Bar, paired
from harness.moving import FLOOR, WAYS, measured

TITLE = "files without hashes: bytes a second of one large file"
OURS = "rustchat, no hashes"


def run(bench):
    size = 64 << 20 if bench.quick else 1 << 30
    for where in ("tmpfs", "disk"):
        result, rates = measured(bench, "files without hashes", "files", {FLOOR, OURS}, where, size)
        for way in WAYS:
            over = paired(rates[way].get(OURS, []), rates[way].get(FLOOR, []))
            result.bars.append(Bar(f"{OURS}, {way}, {where}, over C sendfile", over, least=0.9))
        yield result
