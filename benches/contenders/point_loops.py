"""Echo between two processes with an event loop each."""

from harness.build import OURS, PEERS, need_module, python
from harness.contender import Contender


def loops(name, script, module, ours=False):
    """On asyncio's own loop, and on uvloop."""
    for word, kind in ((), "asyncio"), (("--uvloop",), "uvloop"):
        command = python(script, *word)

        def build(kind=kind):
            for needed in {module, kind}:
                need_module(needed)

        yield Contender(
            name=f"{name}, {kind}",
            role="aio",
            serve=lambda command=command, **_: [*command, "serve"],
            call=[*command, "call"],
            build=build,
            ours=ours,
        )


CONTENDERS = [
    *loops("rustchat.aio", OURS / "echo_aio.py", "rustchat", ours=True),
    *loops("streams and struct", PEERS / "echo_streams.py", "struct"),
    *loops("websockets", PEERS / "echo_websockets.py", "websockets"),
    *loops("pyzmq.asyncio", PEERS / "echo_zmq_asyncio.py", "zmq"),
]
