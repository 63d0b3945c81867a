"""The interpreter's exit with everything still alive: code 0 and nothing on stderr."""

import time

import pytest
from conftest import run_script

PREPARE = """
import os, rustchat, sys, threading, time, logging, atexit
from waiting import wait_until_it_waits
class Server(rustchat.ChatServer):
    def on_join(self, client): pass
    def on_message(self, client, text): return text.upper()
    def on_leave(self, client, reason): pass
class Client(rustchat.ChatClient):
    heard = threading.Event()
    def on_message(self, message): self.heard.set()
    def on_disconnect(self, reason): pass
def run(call):
    threads.append(threading.Thread(target=call, daemon=True))
    threads[-1].start()
def let_them_wait():
    for thread in threads: wait_until_it_waits(os.getpid(), thread.native_id)
threads = []
"""

SCRIPTS = {
    "nothing": "",
    "server": "server = rustchat.ChatServer(port=0); server.start()",
    "hooked_server": "server = Server(port=0); server.start()",
    "server_and_clients": """
server = Server(port=0); server.start()
clients = [rustchat.ChatClient(*server.address) for _ in range(5)] + [Client(*server.address) for _ in range(5)]
for client in clients:
    client.start(); client.send("hi")
Client.heard.wait(10)""",
    "clients_first": """
server = Server(port=0)
client = Client("127.0.0.1", 0)
server.start()
client.__init__(*server.address); client.start(); client.send("x")""",
    "listener_and_connections": """
listener = rustchat.listen(("127.0.0.1", 0), secret="s")
near = rustchat.connect(listener.address, secret="s"); far = listener.accept()""",
    "daemon_threads_that_wait": """
listener = rustchat.listen(("127.0.0.1", 0)); near = rustchat.connect(listener.address); far = listener.accept()
server = Server(port=0); server.start()
import socket
silent = socket.create_server(("127.0.0.1", 0))
client = rustchat.ChatClient(*silent.getsockname()); client.start()
run(listener.accept); run(listener.accept); run(near.recv); run(near.recv); run(server.join); run(client.recv)
run(lambda: list(client))
let_them_wait()
silent.detach()""",
    "daemon_threads_that_work": """
server = Server(port=0); server.start()
def chat():
    client = rustchat.ChatClient(*server.address); client.start()
    try:
        for number in range(10**9):
            client.send(str(number)); client.recv()
    except rustchat.Error:
        pass
for _ in range(4): run(chat)
while server.stats().messages < 100: pass""",
    "stop_under_way": """
import socket
server = rustchat.ChatServer(port=0, outbox_limit=1 << 30); server.start()
slow = socket.create_connection(server.address)
while not server.clients: pass
while server.clients[0].outbox < 100_000: server.broadcast("x" * 8000)
run(lambda: server.stop(1000))
while server.running: pass
slow.detach()""",
    "start_under_way": """
import socket
silent = socket.create_server(("127.0.0.1", 0))
client = Client(*silent.getsockname(), secret="s", timeout=None)
run(client.start)
silent.accept()[0].detach(); silent.detach()""",
    "daemon_threads_that_send": """
import socket
listener = rustchat.listen(("127.0.0.1", 0)); near = rustchat.connect(listener.address); far = listener.accept()
other = rustchat.connect(listener.address)
silent = socket.create_server(("127.0.0.1", 0))
client = rustchat.ChatClient(*silent.getsockname()); client.start()
def say():
    while True: client.send("x" * 8000)
run(lambda: near.send_many([bytes(1000)] * 100_000)); run(lambda: other.send(bytes(16 << 20))); run(say)
let_them_wait()
silent.detach()""",
    "a_client_with_a_full_queue": """
server = rustchat.ChatServer(port=0); server.start()
client = rustchat.ChatClient(*server.address, event_limit=10); client.start()
while not server.clients: pass
for number in range(100): server.broadcast(str(number))
while client.stats().messages_in <= 10: pass""",
    "stop_in_a_hook": """
class Stopping(Server):
    def on_join(self, client): self.stop(); stopped.set()
stopped = threading.Event()
server = Stopping(port=0); server.start()
client = Client(*server.address); client.start()
stopped.wait(10)""",
    "logging": """
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
server = Server(port=0); server.start()
client = rustchat.ChatClient(*server.address); client.start(); client.send("hi"); client.recv(10)""",
    "sys_exit_in_the_middle": """
with Server(port=0) as server:
    client = Client(*server.address); client.start()
    sys.exit(0)""",
    "stop_in_atexit": """
server = Server(port=0); server.start()
atexit.register(server.stop)""",
    "start_in_atexit": """
def late():
    server = Server(port=0); server.start()
    globals()["kept"] = server
atexit.register(late)""",
    "a_cycle": """
server = Server(port=0); server.start(); server.me = server""",
    "in_a_module_that_goes": """
import types
module = types.ModuleType("gone"); module.server = Server(port=0); module.server.start()
sys.modules["gone"] = module; del module""",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_exit(name):
    done = run_script(PREPARE + SCRIPTS[name])
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "hang", ["while True: pass", "while True: time.sleep(0.001)", "time.sleep(60)", "lock.acquire()"]
)
def test_a_hook_that_does_not_return_is_left_behind(hang):
    begin = time.monotonic()
    done = run_script(
        PREPARE
        + f"""
class Slow(Server):
    def on_join(self, client):
        joined.set()
        {hang}
lock = threading.Lock(); lock.acquire()
joined = threading.Event()
server = Slow(port=0); server.start()
client = rustchat.ChatClient(*server.address); client.start()
joined.wait(10)"""
    )
    assert done.returncode == 0
    assert "waiting for the server to stop timed out" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert time.monotonic() - begin < 20


def test_a_log_handler_that_does_not_return_is_left_behind():
    done = run_script(
        PREPARE
        + """
class Slow(logging.Handler):
    def handle(self, record):
        emitting.set()
        while True: pass
emitting = threading.Event()
logging.getLogger("rustchat").addHandler(Slow())
logging.getLogger("rustchat").setLevel(logging.INFO)
server = Server(port=0); server.start()
emitting.wait(10)"""
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.timeout(180)
def test_daemon_threads_that_wake_while_the_interpreter_goes():
    """Each is about to raise when its interpreter is taken away; that must not unwind through Rust."""
    for _ in range(8):
        done = run_script(
            PREPARE
            + """
sys.setswitchinterval(1e-6)
listener = rustchat.listen(("127.0.0.1", 0))
pairs = [(rustchat.connect(listener.address), listener.accept()) for _ in range(100)]
def wait(connection):
    try:
        connection.recv()
    except rustchat.Error:
        pass
for near, _ in pairs:
    threading.Thread(target=wait, args=(near,), daemon=True).start()
for near, _ in pairs:
    near.close()"""
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_what_a_call_needs_is_loaded_with_the_module():
    """Reading a module's file lets other threads run: a daemon thread that does so at the exit would be unwound."""
    done = run_script(
        PREPARE
        + """
class Refuse:
    def find_spec(self, name, path=None, target=None):
        raise AssertionError(f"{name} is imported in the midst of a call")
sys.meta_path.insert(0, Refuse())
with rustchat.ChatServer(port=0) as server, rustchat.ChatClient(*server.address) as client:
    client.send("hi")
    message = client.recv(timeout=10)
    print(message.text, message.time.year > 2000, message, server.clients[0].joined)
    try:
        client.send("\\0")
    except rustchat.InvalidText as error:
        print(type(error).__name__)"""
    )
    assert done.stderr == ""
    assert done.stdout.startswith("hi True ")
    assert done.stdout.endswith("InvalidText\n")


def test_records_of_the_last_moment_are_written():
    done = run_script(PREPARE + SCRIPTS["logging"])
    assert "INFO:rustchat:listening on 127.0.0.1:" in done.stdout
    assert "joined as 1" in done.stdout
    assert "left: " in done.stdout


def test_the_module_is_not_taken_for_the_c_library():
    """The loader goes by names: a library of that name which is loaded serves whoever asks for the C library."""
    done = run_script("""
import ctypes, os, rustchat
try:
    ctypes.CDLL("librustchat.so.0", mode=os.RTLD_LAZY | os.RTLD_NOLOAD)
except OSError:
    print("not loaded")
""")
    assert done.stdout == "not loaded\n"


def test_import_alone_starts_nothing():
    done = run_script("import os, sys, rustchat; print(len(os.listdir('/proc/self/task')), 'logging' in sys.modules)")
    assert done.stdout.split()[0] == "1"
    assert done.stderr == ""
