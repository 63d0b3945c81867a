"""Ctrl-C: it ends every blocking call with KeyboardInterrupt, and the program with it."""

import signal
import subprocess
import sys
import time

import pytest

PREPARE = """
import rustchat, sys, threading, time, signal
def ready():
    print("ready", flush=True)
"""

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
threading.Thread(target=lambda: near.recv(), daemon=True).start()
time.sleep(0.2); ready(); near.recv()""",
    "send": """
listener = rustchat.listen(('127.0.0.1', 0)); near = rustchat.connect(listener.address); ready()
while True: near.send(bytes(1 << 20))""",
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
class Server(rustchat.ChatServer):
    def on_join(self, client): time.sleep(2)
server = Server(port=0); server.start()
client = rustchat.ChatClient(*server.address); client.start()
time.sleep(0.2); ready(); server.stop(1000)""",
}


@pytest.mark.parametrize("name", CALLS)
def test_ctrl_c_ends(name):
    script = f"{PREPARE}\ntry:\n" + "\n".join("    " + line for line in CALLS[name].strip().splitlines())
    script += "\nexcept KeyboardInterrupt:\n    print('interrupted', flush=True)\nelse:\n    print('went on')"
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            assert process.stdout.readline() == "ready\n", process.stderr.read()
            # The script is about to enter the call: it may get the signal a little before or within.
            time.sleep(0.2)
            begin = time.monotonic()
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=10)
            assert (output, errors, process.returncode) == ("interrupted\n", "", 0)
            assert time.monotonic() - begin < 5
        finally:
            process.kill()


def test_a_handler_of_the_programs_own_runs_and_the_call_goes_on():
    script = (
        PREPARE
        + """
signal.signal(signal.SIGUSR1, lambda *_: print("signal", flush=True))
listener = rustchat.listen(('127.0.0.1', 0)); near = rustchat.connect(listener.address); far = listener.accept()
ready()
print(near.recv(10))
"""
    )
    script = script.replace("ready()\nprint", "threading.Timer(1, lambda: far.send(b'hello')).start()\nready()\nprint")
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.1)
            process.send_signal(signal.SIGUSR1)
            assert process.communicate(timeout=10)[0] == "signal\nb'hello'\n"
        finally:
            process.kill()


def test_ctrl_c_in_a_with_block_stops_the_server():
    script = (
        PREPARE
        + """
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
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=10)
            assert output == "server stopped\n"
            assert errors.strip().endswith("KeyboardInterrupt")
            assert process.returncode == -signal.SIGINT
        finally:
            process.kill()
