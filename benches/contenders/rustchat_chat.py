"""rustchat's chat server, from Rust and from Python."""

import sys

from harness.contender import Contender, cargo, example, need_file, need_module
from harness.machine import REPO


def build_example():
    need_file(REPO / "examples" / "chat_server.rs")
    cargo("--example", "chat_server")


def serve_example(workers=1, framing="line"):
    return [example("chat_server"), "127.0.0.1:0", "--workers", workers, "--framing", framing]


def serve_python(framing="line", **_):
    return [sys.executable, "-m", "rustchat", "serve", "--host", "127.0.0.1", "--port", "0", "--framing", framing]


CONTENDERS = [
    Contender(name="rustchat", role="chat", serve=serve_example, build=build_example),
    Contender(name="rustchat serve", role="chat", serve=serve_python, build=lambda: need_module("rustchat")),
]
