"""A large file with hashes through TLS, against those that encrypt as well."""

from harness.figures import Bar, paired
from harness.moving import WAYS, measured

TITLE = "files with hashes and TLS: bytes a second of one large file"
OURS, RIVALS = "rustchat, TLS", ("sftp", "scp")


def run(bench):
    size = 64 << 20 if bench.quick else 1 << 30
    result, rates = measured(
        bench, "files with hashes and TLS", "files_tls", {OURS, *RIVALS}, "tmpfs", size, floor="sftp"
    )
    for way in WAYS:
        for rival in RIVALS:
            over = paired(rates[way].get(OURS, []), rates[way].get(rival, []))
            result.bars.append(Bar(f"{OURS}, {way}, over {rival}", over, least=1))
    yield result
