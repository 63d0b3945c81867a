"""The same calls on the standard library's sockets and on rustchat's."""

from harness.build import PEERS, need_module, python
from harness.contender import Contender

STANDARD, OURS = "the standard library's", "rustchat's"

CONTENDERS = [
    Contender(name=STANDARD, role="sockets", call=python(PEERS / "sockets.py", "socket"), floor=True),
    Contender(
        name=OURS,
        role="sockets",
        call=python(PEERS / "sockets.py", "rustchat.socket"),
        build=lambda: need_module("rustchat"),
        ours=True,
    ),
]
