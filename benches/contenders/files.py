"""Servers of files and their clients: rustchat's, a pair in C that checks nothing, and what one would use instead."""

from harness.build import PEERS, RUST_OURS, build_rust_ours, compile_c, need_file, need_module, need_program, python
from harness.contender import Contender
from harness.machine import BUILD

KEYS = BUILD / "ssh"


def ours(name, *words, role="files"):
    """Without words: hashes, and the disk is waited for."""
    command = [RUST_OURS, *words, "files"]
    return Contender(
        name=name,
        role=role,
        serve=lambda root="", **_: [*command, "serve", root],
        call=[*command, "call"],
        build=build_rust_ours,
        ours=True,
    )


def c(name, *words, **more):
    command = [BUILD / "files", *words]
    return Contender(
        name=name,
        role="files",
        serve=lambda root="", **_: [*command, "serve", root],
        call=[*command, "call"],
        build=lambda: compile_c(PEERS / "files.c"),
        **more,
    )


def program(kind, name, server, *words, needs=(), modules=(), role="files", **more):
    """A program that one has, and a server of its kind."""

    def build():
        for one in needs:
            need_program(one)
        for one in modules:
            need_module(one)
        need_file(PEERS / "files_call.py")

    return Contender(
        name=name,
        role=role,
        serve=server,
        call=python(PEERS / "files_call.py", *words, kind, KEYS / "key"),
        build=build,
        **more,
    )


def sshd(**_):
    return python(PEERS / "sshd.py", KEYS, "{port}")


def rsyncd(root="", **_):
    return python(PEERS / "rsyncd.py", root, "{port}")


def ftpd(root="", **_):
    return python(PEERS / "files_ftp.py", root)


TUTORIAL = python(PEERS / "files_tutorial.py")
PLAIN = ["--no-verify", "--no-fsync"]
SSH = ("sftp", "scp", "ssh-keygen")

CONTENDERS = [
    c("C sendfile (floor)", floor=True),
    c("C sendfile, fsync", "--fsync"),
    ours("rustchat", "--no-fsync"),
    ours("rustchat, no hashes", *PLAIN),
    ours("rustchat, fsync"),
    Contender(
        name="tutorial",
        role="files",
        serve=lambda root="", **_: [*TUTORIAL, "serve", root],
        call=[*TUTORIAL, "call"],
    ),
    program("rsync", "rsync", rsyncd, needs=("rsync",)),
    program("rsync", "rsync, fsync", rsyncd, "--fsync", needs=("rsync",)),
    program("sftp", "sftp", sshd, needs=SSH),
    program("sftp", "sftp, fsync", sshd, "--fsync", needs=SSH),
    program("ftp", "pyftpdlib", ftpd, modules=("pyftpdlib",)),
    ours("rustchat, TLS", "--tls", "--no-fsync", role="files_tls"),
    program("sftp", "sftp", sshd, needs=SSH, role="files_tls"),
    program("scp", "scp", sshd, needs=SSH, role="files_tls"),
]
