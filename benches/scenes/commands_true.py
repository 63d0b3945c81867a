"""`true`, eight at a time over one connection: commands a second."""

from harness.commanding import measured

TITLE = "commands: `true`, 8 in flight"
IN_FLIGHT = 8


def run(bench):
    words = ["rate", bench.seconds(2), IN_FLIGHT]
    yield measured(
        bench,
        f"{TITLE}: commands a second",
        "a second",
        words,
        lambda found: found["commands"] / found["seconds"],
        words,
        least=0.8,
    )
