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
listener.fileno()  # the first call makes what a wait may need later
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

def drain():
    # A start may fail when the listener has let it in already.
    try:
        while True: listener.accept(0).close()
    except OSError: pass

def settled(count):
    # What others' ends of connections leave goes a moment later; so do threads.
    end = time.monotonic() + 30
    while not count() and time.monotonic() < end:
        drain()
        time.sleep(0.002)
    return count()

def checked(name, count, before):
    # Of what `before` has, some may have been such an end: it may be gone, and is not missed.
    if not settled(lambda: descriptors().keys() <= before.keys()):
        print(name, "with", count, "leaves", {n: w for n, w in descriptors().items() if n not in before})
    return descriptors()

def threads(): return len(os.listdir("/proc/self/task"))

def attempt(name, start):
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
    before = descriptors()
    failures = 0
    for count in range(60):
        limit(count)
        failed = attempt(name, start)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        failures += failed
        before = checked(name, count, before)
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
    running = threads()
    start()
    # A thread that has ended is there for a moment longer.
    if not settled(lambda: threads() <= running): print(name, "leaves threads")
    if name == "connection": continue
    before = descriptors()
    for count in range(12):
        resource.setrlimit(resource.RLIMIT_NPROC, (tasks() + count, hard))
        failed = attempt(name, start)
        resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))
        before = checked(name, count, before)
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
