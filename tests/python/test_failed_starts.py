"""Starts that fail half-way, for want of descriptors or threads, leave nothing behind."""

import os

import pytest
from conftest import run_script

# `starts` has a name and what starts one thing and ends it again; `limit(n)` leaves room for n more.
SCRIPT = """
import logging, os, resource, socket, sys, tempfile, threading, time
import rustchat
logging.getLogger("rustchat").addHandler(logging.NullHandler())
logging.getLogger("rustchat").propagate = False
directory = tempfile.mkdtemp()
os.chmod(directory, 0o777)
path = directory + "/x.sock"
listener = rustchat.listen(("127.0.0.1", 0), secret="s")
room = rustchat.ChatServer(port=0, workers=1); room.start()

def server(*arguments, **options):
    def start():
        with rustchat.ChatServer(*arguments, workers=2, **options): pass
    return start

def client():
    client = rustchat.ChatClient(*room.address)
    client.start()
    client.fileno()
    client.stop()

class Hooked(rustchat.ChatServer):
    def on_message(self, client, text): return text

def hooked():
    with Hooked(port=0, workers=2): pass

def connect():
    rustchat.connect(listener.address, secret="s").close()
    listener.accept(10).close()

starts = {
    "server": server(port=0),
    "server on a path": server(path),
    "server with hooks": hooked,
    "listener": lambda: rustchat.listen(path).close(),
    "listener with a secret": lambda: rustchat.listen(path, secret="s").close(),
    "client": client,
    "connection": connect,
}

def descriptors():
    found = {}
    for number in os.listdir("/proc/self/fd"):
        try: found[number] = os.readlink(f"/proc/self/fd/{number}")
        except OSError: pass
    return found

def settled(count):
    # What others' ends of connections leave goes a moment later; so do threads.
    end = time.monotonic() + 10
    while not count() and time.monotonic() < end: time.sleep(0.002)
    return count()

def left(before):
    return {number: what for number, what in descriptors().items() if number not in before}

def threads(): return len(os.listdir("/proc/self/task"))

def attempt(name, start, before):
    try:
        start()
    except (OSError, RuntimeError) as error:
        kind = type(error).__name__ if isinstance(error, rustchat.Error) else f"foreign {error!r}"
        if kind not in ("Error", "ConnectionLost", "AuthenticationError", "ConnectionClosed", "TimeoutError"):
            print(name, "raised", kind, error)
        failed = True
    else:
        failed = False
    return failed
"""

DESCRIPTORS = """
def limit(count):
    taken = set(map(int, os.listdir("/proc/self/fd")))
    number = next(number for number in range(10000) if len(set(range(number)) - taken) >= count)
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))

hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
for name, start in starts.items():
    start()
    settled(lambda: not room.clients)
    before = descriptors()
    failures = 0
    for count in range(60):
        limit(count)
        failed = attempt(name, start, before)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        failures += failed
        if not settled(lambda: not left(before)):
            print(name, "with", count, "leaves", left(before))
            before = descriptors()
        if os.path.lexists(path):
            print(name, "with", count, "leaves its file"); os.unlink(path)
        if not failed: break
    if failures == 0 or failed: print(name, "failed", failures, "times, and in the end:", failed)
print("done")
"""

THREADS = """
os.setgid(65534); os.setuid(65534)
def tasks():
    count = 0
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.stat(f"/proc/{process}").st_uid == 65534: count += len(os.listdir(f"/proc/{process}/task"))
        except OSError: pass
    return count

soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
for name, start in starts.items():
    start()
    if name == "connection": continue
    settled(lambda: not room.clients)
    before, running = descriptors(), threads()
    for count in range(12):
        resource.setrlimit(resource.RLIMIT_NPROC, (tasks() + count, hard))
        failed = attempt(name, start, before)
        resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))
        if not settled(lambda: not left(before)):
            print(name, "with", count, "leaves", left(before))
            before = descriptors()
        if not settled(lambda: threads() <= running): print(name, "with", count, "leaves threads")
        if os.path.lexists(path):
            print(name, "with", count, "leaves its file"); os.unlink(path)
        if not failed: break
    if failed or (count == 0 and name != "listener"): print(name, "with", count, "failed:", failed)
print("done")
"""


def test_without_descriptors():
    done = run_script(SCRIPT + DESCRIPTORS)
    assert (done.stdout, done.stderr) == ("done\n", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes a user whose threads can be limited")
def test_without_threads():
    done = run_script(SCRIPT + THREADS)
    assert (done.stdout, done.stderr) == ("done\n", "")
