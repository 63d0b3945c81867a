"""All that a call of rustchat's may need, imported before it is called.

Imports in functions are for programs that are started by `rustchat run`, which begin without what they do not use.
"""

# What Python's own calls import when they are first used: names of hosts, iteration over enumerations' members, logs.
import encodings.idna
import importlib.util
import logging
import operator

from rustchat import _early, _imports, _standard, auth, drop_in, errors, frame, multiprocessing, socket, socketserver

__all__ = [
    "_early",
    "_imports",
    "_standard",
    "auth",
    "drop_in",
    "encodings",
    "errors",
    "frame",
    "importlib",
    "logging",
    "multiprocessing",
    "operator",
    "socket",
    "socketserver",
]

# Ours stand for them after install().
for _name in _imports.NAMES:
    _standard.standard(_name)
