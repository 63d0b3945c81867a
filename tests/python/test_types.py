"""Programs as people write them, under type checkers: mypy, and pyright where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import rustchat
import rustchat.socket
import rustchat.aio
import rustchat.socketserver
from rustchat import socket
from rustchat.testing import Guest, Recorders, Servers, World, chat_server, pair, recorder

a, b = rustchat.socket.socketpair()
a.send_frame(b"x")
message: bytes = b.recv_frame()
dialled = socket.create_connection(("127.0.0.1", 1))
dialled.send_frame(b"x")
accepted, address = socket.create_server(("", 0)).accept()
accepted.send_frame(b"")
own = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
key_id: str = own.authenticate("secret", side="client")
own.dup().send_frame(b"")
with socket.fromfd(3, socket.AF_INET, socket.SOCK_STREAM) as copy:
    copy.send_frame(b"")
name: str = socket.gethostname()
try:
    own.recv(1)
except (socket.timeout, socket.gaierror, socket.error):
    pass

server = rustchat.ChatServer("127.0.0.1:0")
host, port = server.address
rustchat.ChatClient(*server.address)
rustchat.ChatClient(server.address)
rustchat.ChatClient(host, port)
listener = rustchat.listen(("127.0.0.1", 0))
rustchat.connect(listener.address)
for client in server.clients:
    ip, number = client.address
    word: str = client.protection
shown = rustchat.TLS(cert="chain.pem", key=b"-----BEGIN")
rustchat.ChatServer("127.0.0.1:0", tls=shown).replace_certificate(shown)
rustchat.ChatClient(server.address, tls=rustchat.TLS(pin=[bytes(32), server.pin or ""], server_name="localhost"))
is_bound: bool = rustchat.connect(listener.address, secret="open sesame", tls=True).binding == "tls-exporter"


class Framed(rustchat.socketserver.ThreadingFramedServer):
    tls = True


async def chat() -> None:
    async with rustchat.aio.ChatServer("127.0.0.1", 0, framing="u32be", rate=(5, 1.0), mode=0o600) as server:
        async with rustchat.aio.ChatClient(*server.address, framing="u32be", name="ann", timeout=None) as ann:
            await ann.send("hello")
    async with rustchat.aio.listen(("127.0.0.1", 0), secret="open sesame") as listener:
        async with rustchat.aio.connect(listener.address, secret=b"open sesame", limit=100) as near:
            await near.send(b"x")


def test_it(chat_server: Servers, recorder: Recorders) -> None:
    ann = recorder(chat_server(rustchat.ChatServer, idle_timeout=60))
    said: str = ann.wait_for("hello").text
    with World(rustchat.ChatServer(), begins=0.0) as world:
        ben: Guest = world.join(("192.0.2.1", 4711))
        words: list[str] = ben.heard
    near, far = pair("line")
    near.send(far.recv())
"""


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_programs_pass(checker: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    if checker == "mypy":
        words = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", str(program)]
    elif found := shutil.which("pyright"):
        words = [found, "--pythonpath", sys.executable, str(program)]
    else:
        pytest.skip("pyright is not installed")
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, timeout=55)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ('from rustchat import socket\n\nsocket.socketpair()[0].send_frame("text")\n', 'Argument 1 to "send_frame"'),
        ("from rustchat import aio\n\naio.ChatServer(idle_timeot=5)\n", 'Unexpected keyword argument "idle_timeot"'),
        ("from rustchat import aio\n\naio.ChatClient(name=5)\n", 'Argument "name" to "ChatClient"'),
        ('from rustchat import aio\n\naio.connect("x.sock", limit="5")\n', 'Argument "limit" to "connect"'),
        ('from rustchat import aio\n\naio.listen("x.sock", backlog=None)\n', 'Argument "backlog" to "listen"'),
    ],
)
def test_a_wrong_argument_is_found(source: str, complaint: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(source)
    words = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", str(program)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, timeout=55)
    assert complaint in done.stdout, done.stdout + done.stderr
