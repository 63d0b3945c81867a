"""Framed echo from C: plain blocking sockets (the floor), and rustchat's C library."""

from harness.contender import Contender, cargo, compile_c, need_file
from harness.machine import BUILD, REPO, TARGET


def build_rustchat():
    need_file(REPO / "include" / "rustchat.h")
    need_file(REPO / "benches" / "peers" / "echo_rustchat.c")
    cargo("--lib")
    library = TARGET / "release"
    flags = [f"-I{REPO / 'include'}", f"-L{library}", f"-Wl,-rpath,{library}", "-lrustchat"]
    compile_c("echo_rustchat.c", *flags)


CONTENDERS = [
    Contender(
        name="C blocking (floor)",
        role="echo",
        serve=lambda **_: [BUILD / "echo_blocking", "serve"],
        call=[BUILD / "echo_blocking", "call"],
        build=lambda: compile_c("echo_blocking.c"),
        floor=True,
    ),
    Contender(
        name="C rustchat",
        role="echo",
        serve=lambda **_: [BUILD / "echo_rustchat", "serve"],
        call=[BUILD / "echo_rustchat", "call"],
        build=build_rustchat,
    ),
]
