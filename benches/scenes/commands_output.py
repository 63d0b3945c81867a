"""The output of one command, against a pipe that is read, sent and received."""

from harness.commanding import measured

TITLE = "commands: the output of one command"


def run(bench):
    size = 50_000_000 if bench.quick else 1_000_000_000
    title = f"{TITLE}, {size // 1_000_000} MB: MB a second"
    yield measured(
        bench,
        title,
        "MB a second",
        ["output", size],
        lambda found: found["bytes"] / found["seconds"] / 1e6,
        least=0.9,
        over_ssh=3,
    )
