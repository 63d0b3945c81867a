"""A large file with the hash of each block and of the whole, against what one would use instead, which has none."""

from harness.figures import Bar, paired
from harness.moving import FLOOR, TUTORIAL, WAYS, measured

TITLE = "files with hashes: bytes a second of one large file"
OURS, RIVALS = "rustchat", ("rsync", "sftp", "pyftpdlib")


def run(bench):
    size = 64 << 20 if bench.quick else 1 << 30
    for where in ("tmpfs", "disk"):
        names = {FLOOR, OURS, TUTORIAL, *RIVALS}
        result, rates = measured(bench, "files with hashes", "files", names, where, size)
        for way in WAYS:
            for rival, least in [(TUTORIAL, 3), *((rival, 1) for rival in RIVALS)]:
                over = paired(rates[way].get(OURS, []), rates[way].get(rival, []))
                result.bars.append(Bar(f"{OURS}, {way}, {where}, over {rival}", over, least=least))
        yield result
