"""Ctrl-C: it ends every blocking call with KeyboardInterrupt, and the program with it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from waiting import wait_until_it_is_asleep

PREPARE = """
import os, rustchat, sys, threading, time, signal
from waiting import wait_until_it_is_asleep, wait_until_it_waits
def ready():
    print("ready", flush=True)
"""


@contextlib.contextmanager
def in_a_call(script, waits=True):
    """A program that has said that it is ready, and waits in the call that stands behind it in the script."""
    process = subprocess.Popen(
        [sys.executable, "-c", PREPARE + script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )
    with process:
        try:
            assert process.stdout.readline() == "ready\n", process.stderr.read()
            if waits:
                wait_until_it_is_asleep(process.pid)
            yield process
        finally:
            process.kill()


BUSY = {"send_many_to_one_that_reads"}
"""Calls that never sleep for long. The signal comes before them or within: either way it ends them."""

CALLS = {
    "accept": "listener = rustchat.listen(('127.0.0.1', 0)); ready(); listener.accept()",
    "accept_with_secret": "listener = rustchat.listen(('127.0.0.1', 0), secret='s'); ready(); listener.accept()",
    "accept_iteration": "listener = rustchat.listen(('127.0.0.1', 0)); ready(); list(listener)",
    "accept_timeout": "listener = rustchat.listen(('127.0.0.1', 0)); ready(); listener.accept(1000)",
    "recv": """
listener = rustchat.listen(('127.0.0.1', 0)); near = rustchat.connect(listener.address); ready(); near.recv()""",
    "recv_timeout": """
listener = rustchat.listen(('127.0.0.1', 0)); near = rustchat.connect(listener.address); ready(); near.recv(1000)""",
    "recv_behind_another": """
listener = rustchat.listen(('127.0.0.1', 0)); near = rustchat.connect(listener.address)
other = threading.Thread(target=near.recv, daemon=True); other.start()
wait_until_it_waits(os.getpid(), other.native_id); ready(); near.recv()""",
    "send": """
listener = rustchat.listen(('127.0.0.1', 0)); near = rustchat.connect(listener.address); ready()
while True: near.send(bytes(1 << 20))""",
    "send_large": """
listener = rustchat.listen(('127.0.0.1', 0), limit=1 << 30); near = rustchat.connect(listener.address, limit=1 << 30)
payload = bytes(256 << 20); ready(); near.send(payload)""",
    "send_many": """
listener = rustchat.listen(('127.0.0.1', 0)); near = rustchat.connect(listener.address)
messages = [bytes(1000)] * 100_000; ready(); near.send_many(messages)""",
    "send_many_timeout": """
listener = rustchat.listen(('127.0.0.1', 0)); near = rustchat.connect(listener.address)
messages = [bytes(1000)] * 100_000; ready(); near.send_many(messages, 1000)""",
    "send_many_to_one_that_reads": """
listener = rustchat.listen(('127.0.0.1', 0)); near = rustchat.connect(listener.address); far = listener.accept()
def read():
    while True: far.recv_many(10_000)
threading.Thread(target=read, daemon=True).start()
messages = [bytes(1000)] * 2_000_000; ready(); near.send_many(messages)""",
    "recv_many": """
listener = rustchat.listen(('127.0.0.1', 0)); near = rustchat.connect(listener.address); ready(); near.recv_many()""",
    "recv_awake": """
listener = rustchat.listen(('127.0.0.1', 0)); far = rustchat.connect(listener.address)
near = rustchat.connect(listener.address, polling=float("inf")); ends = listener.accept(), listener.accept()
def echo():
    while True: ends[1].send(ends[1].recv())
threading.Thread(target=echo, daemon=True).start()
for _ in range(1000): near.send(b"x"); near.recv()
ready(); near.recv()""",
    "connection_iteration": """
listener = rustchat.listen(('127.0.0.1', 0)); near = rustchat.connect(listener.address); ready(); list(near)""",
    "connect_full_backlog": """
import socket, tempfile
path = tempfile.mkdtemp() + "/full"
listening = socket.socket(socket.AF_UNIX); listening.bind(path); listening.listen(0)
others = [rustchat.connect(path)]
ready()
while True: others.append(rustchat.connect(path, timeout=None))""",
    "client_start": """
import socket
listening = socket.create_server(('127.0.0.1', 0))
client = rustchat.ChatClient(*listening.getsockname(), secret='s', timeout=None)
ready(); client.start()""",
    "client_send": """
import socket
listening = socket.create_server(('127.0.0.1', 0))
client = rustchat.ChatClient(*listening.getsockname()); client.start()
ready()
while True: client.send("x" * 8000)""",
    "client_leave": """
import socket
listening = socket.create_server(('127.0.0.1', 0))
client = rustchat.ChatClient(*listening.getsockname()); client.start()
def send():
    while True: client.send("x" * 8000)
other = threading.Thread(target=send, daemon=True); other.start()
wait_until_it_is_asleep(os.getpid(), other.native_id); ready(); client.leave()""",
    "client_stop": """
import socket
listening = socket.create_server(('127.0.0.1', 0))
client = rustchat.ChatClient(*listening.getsockname()); client.start()
ready(); client.stop(1000)""",
    "client_recv_any": """
server = rustchat.ChatServer(port=0); server.start()
client = rustchat.ChatClient(*server.address); client.start(); ready(); client.recv_any()""",
    "multiprocessing_accept": """
from rustchat.multiprocessing import Listener
listener = Listener(("127.0.0.1", 0)); ready(); listener.accept()""",
    "multiprocessing_poll": """
from rustchat.multiprocessing import Client, Listener
listener = Listener(("127.0.0.1", 0)); near = Client(listener.address); ready(); near.poll(None)""",
    "multiprocessing_recv": """
from rustchat.multiprocessing import Client, Listener
listener = Listener(("127.0.0.1", 0)); near = Client(listener.address); ready(); near.recv_bytes()""",
    "multiprocessing_wait": """
from rustchat.multiprocessing import Client, Listener, wait
listener = Listener(("127.0.0.1", 0)); near = Client(listener.address); ready(); wait([near])""",
    "multiprocessing_client": """
import socket
from rustchat.multiprocessing import Client
listening = socket.create_server(('127.0.0.1', 0)); ready()
Client(listening.getsockname(), authkey=b"s", timeout=None)""",
    "socket_recv_frame": """
import rustchat.socket
near, far = rustchat.socket.socketpair(); ready(); near.recv_frame()""",
    "socket_send_frame": """
import rustchat.socket
near, far = rustchat.socket.socketpair(); payload = bytes(16 << 20); ready(); near.send_frame(payload)""",
    "socket_sendall": """
import rustchat.socket
near, far = rustchat.socket.socketpair(); ready(); near.sendall(bytes(64 << 20))""",
    "socket_accept": """
import rustchat.socket
listening = rustchat.socket.create_server(("127.0.0.1", 0)); ready(); listening.accept()""",
    "socketserver": """
import rustchat.socketserver as socketserver
server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler)
ready(); server.serve_forever()""",
    "connect_handshake": """
import socket
listening = socket.create_server(('127.0.0.1', 0)); ready()
rustchat.connect(listening.getsockname(), secret='s', timeout=1000)""",
    "server_join": "server = rustchat.ChatServer(port=0); server.start(); ready(); server.join()",
    "server_wait": "server = rustchat.ChatServer(port=0); server.start(); ready(); server.wait(1000)",
    "client_recv": """
server = rustchat.ChatServer(port=0); server.start()
client = rustchat.ChatClient(*server.address); client.start(); ready(); client.recv()""",
    "client_iteration": """
server = rustchat.ChatServer(port=0); server.start()
client = rustchat.ChatClient(*server.address); client.start(); ready(); list(client)""",
    "client_join": """
server = rustchat.ChatServer(port=0); server.start()
client = rustchat.ChatClient(*server.address); client.start(); ready(); client.join()""",
    "server_stop": """
inside = threading.Event()
class Server(rustchat.ChatServer):
    def on_join(self, client): inside.set(); go_on.wait(20)
server, go_on = Server(port=0), threading.Event(); server.start()
client = rustchat.ChatClient(*server.address); client.start()
inside.wait(20); ready()
try: server.stop(1000)
finally: go_on.set()""",
}


@pytest.mark.parametrize("name", CALLS)
def test_ctrl_c_ends(name):
    script = "\ntry:\n" + "\n".join("    " + line for line in CALLS[name].strip().splitlines())
    script += "\nexcept KeyboardInterrupt:\n    print('interrupted', flush=True)\nelse:\n    print('went on')"
    with in_a_call(script, waits=name not in BUSY) as process:
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=10)
        assert (output, errors, process.returncode) == ("interrupted\n", "", 0)
        assert time.monotonic() - begin < 9


def test_a_handler_of_the_programs_own_runs_and_the_call_goes_on():
    script = """
def handle(*_):
    print("signal", flush=True)
    threading.Thread(target=far.send, args=(b"hello",)).start()
signal.signal(signal.SIGUSR1, handle)
listener = rustchat.listen(('127.0.0.1', 0)); near = rustchat.connect(listener.address); far = listener.accept()
ready()
print(near.recv(10))
"""
    with in_a_call(script) as process:
        process.send_signal(signal.SIGUSR1)
        assert process.communicate(timeout=10)[0] == "signal\nb'hello'\n"


def test_ctrl_c_in_a_with_block_stops_the_server():
    script = """
class Server(rustchat.ChatServer):
    def on_leave(self, client, reason):
        print(reason, flush=True)
with Server(port=0) as server:
    client = rustchat.ChatClient(*server.address); client.start()
    while not server.clients:
        pass
    ready()
    server.join()
"""
    with in_a_call(script) as process:
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=10)
        assert output == "server stopped\n"
        assert errors.strip().endswith("KeyboardInterrupt")
        assert process.returncode == -signal.SIGINT


NESTED = {
    "recv": ("near.recv()", "near.recv()"),
    "recv_with_timeout": ("near.recv(10)", "near.recv(0)"),
    "recv_many": ("near.recv_many()", "near.recv(10)"),
    "send": ("near.send(large)", "near.send(b'x')"),
    "send_many": ("near.send_many([large])", "near.send_many([b'x'], 10)"),
    "recv_frame": ("one.recv_frame()", "one.recv_frame()"),
    "send_frame": ("one.send_frame(large)", "one.send_frame(b'x')"),
    "multiprocessing": ("peer.recv_bytes()", "peer.poll(10)"),
    "client_send": ("client.send('x' * 8000)", "client.send('x')"),
}


@pytest.mark.parametrize("name", NESTED)
def test_a_call_in_a_handler_that_interrupted_its_like_does_not_wait_for_itself(name):
    outer, inner = NESTED[name]
    script = f"""
import rustchat.socket, socket
from rustchat.multiprocessing import Client
listener = rustchat.listen(("127.0.0.1", 0)); near = rustchat.connect(listener.address); far = listener.accept()
one, other = rustchat.socket.socketpair(); large = bytes(16 << 20)
plain = socket.create_server(("127.0.0.1", 0)); peer = Client(plain.getsockname())
client = rustchat.ChatClient(*plain.getsockname()); client.start()
class Done(Exception): pass
def handle(*_):
    try:
        {inner}
    except rustchat.StateError as error:
        print(error)
    raise Done
signal.signal(signal.SIGUSR1, handle)
ready()
try:
    while True: {outer}
except Done:
    print("done")
"""
    with in_a_call(script) as process:
        process.send_signal(signal.SIGUSR1)
        output, errors = process.communicate(timeout=10)
        assert (output.splitlines()[1:], errors) == (["done"], "")
        assert "would wait for itself" in output


def test_two_receives_of_a_client_one_in_a_handler_that_interrupted_the_other():
    """They wait for a queue, which nobody holds while he waits."""
    script = """
server = rustchat.ChatServer(port=0); server.start()
client = rustchat.ChatClient(*server.address); client.start()
while not server.clients: pass
def handle(*_):
    server.broadcast("one"); print(client.recv(10).text, flush=True); server.broadcast("two")
signal.signal(signal.SIGUSR1, handle)
ready()
print(client.recv(10).text)
"""
    with in_a_call(script) as process:
        process.send_signal(signal.SIGUSR1)
        assert process.communicate(timeout=10)[0] == "one\ntwo\n"


def test_a_second_stop_in_a_handler_ends_the_first_one_sooner():
    script = """
import socket
server = rustchat.ChatServer(port=0, outbox_limit=1 << 30); server.start()
slow = socket.create_connection(server.address)
while not server.clients: pass
while server.clients[0].outbox < 100_000: server.broadcast("x" * 8000)
signal.signal(signal.SIGUSR1, lambda *_: server.stop(0))
ready()
server.stop(1000)
print("stopped")
"""
    with in_a_call(script) as process:
        process.send_signal(signal.SIGUSR1)
        assert process.communicate(timeout=10)[0] == "stopped\n"
