"""Framed, authenticated echo from Python: the standard library's, and rustchat's."""

from harness.contender import Contender, need_module, python

CONTENDERS = [
    Contender(
        name="Python multiprocessing",
        role="echo",
        serve=lambda **_: python("echo_multiprocessing.py", "serve"),
        call=python("echo_multiprocessing.py", "call"),
    ),
    Contender(
        name="Python rustchat",
        role="echo",
        serve=lambda **_: python("echo_rustchat.py", "serve"),
        call=python("echo_rustchat.py", "call"),
        build=lambda: need_module("rustchat"),
    ),
]
