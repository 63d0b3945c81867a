"""Chat servers written by us for comparison: what one would write instead of using rustchat, done well."""

from harness.build import PEERS, RUST_PEERS, build_rust_peers, compile_c, need_module, python
from harness.contender import Contender
from harness.machine import BUILD

CONTENDERS = [
    Contender(
        name="C hub (floor)",
        role="chat",
        serve=lambda **_: [BUILD / "hub", "--stamp"],
        build=lambda: compile_c(PEERS / "hub.c"),
        floor=True,
    ),
    Contender(
        name="tokio broadcast",
        role="chat",
        serve=lambda **_: [RUST_PEERS, "chat-tokio"],
        build=build_rust_peers,
    ),
    Contender(
        name="Rust threads",
        role="chat",
        serve=lambda **_: [RUST_PEERS, "chat-threads"],
        build=build_rust_peers,
        casual=True,
        max_members=2000,
    ),
    Contender(
        name="asyncio",
        role="chat",
        serve=lambda **_: python(PEERS / "chat_asyncio.py"),
        casual=True,
    ),
    Contender(
        name="uvloop",
        role="chat",
        serve=lambda **_: python(PEERS / "chat_asyncio.py", "--uvloop"),
        build=lambda: need_module("uvloop"),
        casual=True,
    ),
    Contender(
        name="tutorial server",
        role="chat",
        serve=lambda **_: python(PEERS / "tutorial_server.py"),
        casual=True,
        # A thread for each member.
        max_members=2000,
    ),
]
