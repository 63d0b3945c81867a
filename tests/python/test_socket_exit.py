"""Daemon threads in calls on sockets that run Python code, while the interpreter goes: nothing may abort."""

import sys

import pytest
from conftest import run_script

PREPARE = """
import os, sys, threading, time, warnings
from rustchat import socket
sys.setswitchinterval(1e-6)
begun = threading.Semaphore(0)
def work(call):
    begun.release()
    while True:
        try:
            call()
        except (OSError, TypeError):
            pass
def run(call, threads=8):
    for _ in range(threads):
        threading.Thread(target=work, args=(call,), daemon=True).start()
    for _ in range(threads):
        begun.acquire()
    time.sleep(SCATTERED)
# Until they are anywhere, some within the call and some between two: no one place is what is wanted.
SCATTERED = 0.02
"""

CALLS = {
    "a name is looked up": """
udp = socket.socket(type=socket.SOCK_DGRAM)
run(lambda: udp.connect(("localhost", 9)))""",
    "a name is encoded": """
udp = socket.socket(type=socket.SOCK_DGRAM)
run(lambda: udp.connect(("\\xfc" * 100, 9)))""",
    "a path is encoded": """
unix = socket.socket(socket.AF_UNIX)
run(lambda: unix.connect("/nowhere/at/all"))""",
    "an audit hook hears of it": """
udp = socket.socket(type=socket.SOCK_DGRAM)
def hook(event, arguments):
    if event.startswith("socket."):
        for _ in range(20): pass
sys.addaudithook(hook)
run(lambda: udp.sendto(b"x", ("127.0.0.1", 9)))""",
    "buffers come from a generator": """
one, other = socket.socketpair()
run(lambda: one.sendmsg((b"" for _ in range(20)), (), socket.MSG_DONTWAIT))""",
    "a socket is not closed": """
warnings.simplefilter("always")
warnings.showwarning = lambda *arguments: None
run(lambda: socket.socket() and None)""",
    "a buffer's class is Python": """
class Lent:
    def __buffer__(self, flags):
        for _ in range(20): pass
        return memoryview(b"x")
    def __release_buffer__(self, view):
        for _ in range(20): pass
udp = socket.socket(type=socket.SOCK_DGRAM)
lent = Lent()
run(lambda: udp.sendto(lent, ("127.0.0.1", 9)))""",
}


@pytest.mark.parametrize("what", CALLS)
def test_daemon_threads_at_the_exit(what: str) -> None:
    if "buffer's class" in what and sys.version_info < (3, 12):
        pytest.skip("3.12 lets Python code lend buffers")
    for _ in range(4):
        done = run_script(PREPARE + CALLS[what])
        assert (done.returncode, done.stderr) == (0, "")
