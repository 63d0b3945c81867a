"""The floor of chat: a featureless hub in C."""

from harness.contender import Contender, compile_c
from harness.machine import BUILD

CONTENDERS = [
    Contender(
        name="C hub (floor)",
        role="chat",
        serve=lambda **_: [BUILD / "hub", "--stamp"],
        build=lambda: compile_c("hub.c"),
        floor=True,
    )
]
