"""Servers that others have written, as Debian and PyPI have them (see `setup.sh`). Each is told to drop nothing."""

from harness.build import PEERS, need_module, need_program, python
from harness.contender import Contender

REDIS = ["--save", "", "--appendonly", "no", "--maxclients", "15000", "--tcp-backlog", "1024"]
REDIS += ["--client-output-buffer-limit", "pubsub 0 0 0"]

CONTENDERS = [
    Contender(
        name="redis",
        role="chat",
        serve=lambda **_: ["redis-server", "--bind", "127.0.0.1", "--port", "{port}", *REDIS],
        build=lambda: need_program("redis-server"),
        formats={"line": "resp"},
    ),
    Contender(
        name="nats-server",
        role="chat",
        serve=lambda **_: ["nats-server", "-a", "127.0.0.1", "-p", "{port}"],
        build=lambda: need_program("nats-server"),
        formats={"line": "nats"},
        # It promises the order of each publisher, and no order among them.
        load={"order": "sender"},
    ),
    Contender(
        name="ZeroMQ",
        role="chat",
        serve=lambda **_: python(PEERS / "zmq_hub.py"),
        build=lambda: need_module("zmq"),
        formats={"line": "zmtp"},
        # libzmq takes a second and more to accept so many.
        max_members=2000,
    ),
]
