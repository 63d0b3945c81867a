"""Remote commands: rustchat's, what they cost in C with nothing around them, and ssh."""

from harness.build import PEERS, RUST_OURS, build_rust_ours, compile_c, need_module, need_program, python
from harness.contender import Contender
from harness.machine import BUILD

KEYS = BUILD / "ssh"


def ours(name, *words):
    command = [RUST_OURS, *words, "commands"]
    return Contender(
        name=name,
        role="commands",
        serve=lambda **_: [*command, "serve"],
        call=[*command, "call"],
        build=build_rust_ours,
        ours=True,
    )


def ssh(name, kind, need):
    def build():
        for program in ("ssh", "ssh-keygen"):
            need_program(program)
        need()

    return Contender(
        name=name,
        role="commands",
        serve=lambda **_: python(PEERS / "sshd.py", KEYS, "{port}"),
        call=python(PEERS / "commands_ssh.py", kind, KEYS / "key"),
        build=build,
    )


CONTENDERS = [
    Contender(
        name="C (floor)",
        role="commands",
        serve=lambda **_: [BUILD / "commands", "serve"],
        call=[BUILD / "commands", "call"],
        build=lambda: compile_c(PEERS / "commands.c"),
        floor=True,
    ),
    ours("rustchat"),
    ours("rustchat, TLS", "--tls"),
    ssh("ssh, control master", "ssh", lambda: None),
    ssh("asyncssh", "asyncssh", lambda: need_module("asyncssh")),
]
