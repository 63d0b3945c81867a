"""From the request for a command to the first byte of its output, one after the other; the floor spawns it itself."""

from harness.commanding import measured

TITLE = "commands: how soon the first byte of the output is there"


def run(bench):
    title = "commands: first bytes of output a second, one command after the other"
    words = ["first", bench.seconds(2)]
    # At most 1.3 times the floor's time.
    yield measured(
        bench, title, "a second", words, lambda found: found["commands"] / found["seconds"], words, least=1 / 1.3
    )
