"""The tutorial's Python chat server."""

from harness.contender import Contender, python

CONTENDERS = [
    Contender(
        name="tutorial server",
        role="chat",
        serve=lambda **_: python("tutorial_server.py"),
        # A thread for each member.
        max_members=2000,
    )
]
