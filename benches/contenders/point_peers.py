"""Echo, one-way streams and handshakes between two processes: what one would use instead of rustchat."""

from harness.build import PEERS, RUST_PEERS, build_rust_peers, compile_c, need_module, python
from harness.contender import Contender
from harness.machine import BUILD


def c(name, role, program, *words, flags=(), **more):
    """A C program of peers/ that both serves and calls."""
    command = [BUILD / program, *words]
    return Contender(
        name=name,
        role=role,
        serve=lambda **_: [*command, "serve"],
        call=[*command, "call"],
        build=lambda: compile_c(PEERS / f"{program}.c", *flags),
        **more,
    )


def py(name, role, script, *words, module=None, **more):
    """The same in Python."""
    command = python(PEERS / script, *words)
    return Contender(
        name=name,
        role=role,
        serve=lambda **_: [*command, "serve"],
        call=[*command, "call"],
        build=lambda: need_module(module) if module else None,
        **more,
    )


def tokio(role):
    return Contender(
        name="tokio-util",
        role=role,
        serve=lambda **_: [RUST_PEERS, role, "serve"],
        call=[RUST_PEERS, role, "call"],
        build=build_rust_peers,
    )


CONTENDERS = [
    c("C blocking (floor)", "echo", "echo", floor=True),
    c("C spinning", "echo", "echo", "--spin"),
    c("C polling, yielding", "echo", "echo", "--yield"),
    tokio("echo"),
    py("Python by hand", "echo", "echo_byhand.py"),
    py("multiprocessing", "echo", "echo_multiprocessing.py"),
    py("asyncio", "echo", "echo_asyncio.py"),
    py("uvloop", "echo", "echo_asyncio.py", "--uvloop", module="uvloop"),
    py("pyzmq", "echo", "echo_pyzmq.py", module="zmq"),
    c("C batches (floor)", "stream", "stream", floor=True),
    tokio("stream"),
    py("Python by hand", "stream", "stream_byhand.py"),
    py("Python by hand, batches", "stream", "stream_byhand.py", "--many"),
    py("multiprocessing", "stream", "stream_multiprocessing.py"),
    c("C connect and close", "handshake", "handshake", flags=["-lcrypto"]),
    c("C mutual HMAC (floor)", "handshake", "handshake", "--hmac", flags=["-lcrypto"], floor=True),
    py("multiprocessing", "handshake", "handshake_multiprocessing.py"),
]
