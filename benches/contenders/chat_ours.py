"""rustchat's chat server, from Rust and from Python."""

from harness.build import OURS, cargo, example, need_file, need_module, python
from harness.contender import Contender
from harness.machine import REPO

FORMATS = {"line": "stamp2", "u32be": "json"}


def build_example():
    need_file(REPO / "examples" / "chat_server.rs")
    cargo("--example", "chat_server")


def serve_example(workers=1, framing="line"):
    return [example("chat_server"), "127.0.0.1:0", "--workers", workers, "--framing", framing]


def serve_python(workers=1, framing="line"):
    return python(OURS / "chat.py", "--workers", workers, "--framing", framing)


CONTENDERS = [
    Contender(name="rustchat", role="chat", serve=serve_example, build=build_example, formats=FORMATS, ours=True),
    Contender(
        name="rustchat Python",
        role="chat",
        serve=serve_python,
        build=lambda: need_module("rustchat"),
        formats=FORMATS,
        ours=True,
        casual=True,
    ),
]
