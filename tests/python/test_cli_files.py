"""`rustchat files` and `rustchat serve-files`."""

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys

import pytest
import rustchat
from commands import PATIENCE, exit_code, run, terminal

SECRET = "sixteen bytes or more"


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    return root


@pytest.fixture
def where(root):
    with rustchat.FileServer("127.0.0.1:0", root, secret=SECRET, disk_reserve=0) as server:
        host, port = server.address
        yield f"{host}:{port}:"


def files(*words):
    return run("files", *words, RUSTCHAT_SECRET=SECRET)


def test_files_go_there_and_back(where, root, tmp_path):
    (tmp_path / "file").write_bytes(bytes(2 << 20))
    assert files("put", str(tmp_path / "file"), f"{where}file").returncode == 0
    assert (root / "file").stat().st_size == 2 << 20
    again = files("put", str(tmp_path / "file"), where)
    assert (again.returncode, again.stderr) == (1, "rustchat: 'file': exists already\n")
    assert files("put", "-f", str(tmp_path / "file"), where).returncode == 0
    assert files("put", "-p", "--no-verify", str(tmp_path / "file"), f"{where}new/folder/").returncode == 0
    assert files("get", f"{where}new/folder/file", str(tmp_path / "back")).returncode == 0
    assert (tmp_path / "back").stat().st_size == 2 << 20
    assert files("mkdir", "-p", f"{where}a/b").returncode == 0
    assert files("mv", f"{where}file", "a/other").returncode == 0
    listed = files("ls", f"{where}a")
    assert listed.stdout == "b\nother\n"
    assert "file   6" in files("ls", "-l", f"{where}a").stdout
    assert files("rm", f"{where}a/other").returncode == 0
    assert files("rm", "-d", f"{where}a/b").returncode == 0
    assert files("rm", f"{where}a/none").stderr == "rustchat: 'none': not found\n"


def test_folders_go_there_and_back(where, root, tmp_path):
    (tmp_path / "tree/deep").mkdir(parents=True)
    (tmp_path / "tree/deep/file").write_text("x")
    (tmp_path / "tree/link").symlink_to("deep")
    done = files("put", "-r", str(tmp_path / "tree"), where)
    assert (done.returncode, done.stderr) == (0, f"rustchat: left out: {tmp_path}/tree/link\n")
    assert files("get", "-r", f"{where}tree", str(tmp_path / "back")).returncode == 0
    assert (tmp_path / "back/deep/file").read_text() == "x"


def test_names_command_no_terminal(where, root):
    (root / "a\n\x1b[2J").write_text("x")
    (root / os.fsdecode(b"\xff")).write_text("x")
    assert files("ls", where).stdout == "a\\n\\x1b[2J\n\\udcff\n"


def test_what_names_no_file_is_wrong_usage():
    for wrong in ("localhost", "localhost:x:y", ":7001:x"):
        done = files("ls", wrong)
        assert done.returncode == 2 and "expected HOST:PORT:PATH" in done.stderr


def test_a_person_sees_how_far_it_has_come(where, root, tmp_path, monkeypatch):
    monkeypatch.setenv("RUSTCHAT_SECRET", SECRET)
    (root / "big").write_bytes(bytes(5 << 20))
    person = terminal("files", "get", f"{where}big", str(tmp_path / "big"), kind="xterm")
    person.expect("5.0 MiB of 5.0 MiB")
    assert exit_code(person) == 0
    assert (tmp_path / "big").stat().st_size == 5 << 20


@contextlib.contextmanager
def served(*words, secret=SECRET):
    """A server from the shell, and its address."""
    environment = {**os.environ, "RUSTCHAT_SECRET": secret}
    command = [sys.executable, "-m", "rustchat", "serve-files", *words, "--port", "0"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with contextlib.ExitStack() as stack:
        stack.callback(server.wait, PATIENCE)
        stack.callback(server.kill)
        yield server, server.stdout.readline().split()[-1]


def stopped(server):
    """What it has logged, after an end in good order."""
    server.send_signal(signal.SIGTERM)
    _, errors = server.communicate(timeout=PATIENCE)
    assert server.returncode == 0
    return errors


def test_a_server_from_the_shell(root, tmp_path):
    with served(str(root), "--quota", "1M") as (server, address):
        (tmp_path / "file").write_bytes(bytes((1 << 20) + 1))
        assert "over the quota" in files("put", str(tmp_path / "file"), f"{address}:").stderr
        assert 'stores "file": refused: over the quota' in stopped(server)
    assert run("serve-files", str(root), "--port", "0").returncode == 1
    assert run("serve-files", str(root), "--quota", "much").returncode == 2


def test_a_server_for_the_tutorials_upload_client(root):
    """Its headers are JSON behind a length of four bytes, then the file comes; nothing is answered."""
    headers = [{"operate": "upload", "user": "ada"}, {"filename": "film", "filesize": 5}]
    said = b"".join(struct.pack("i", len(text)) + text for text in (json.dumps(one).encode() for one in headers))
    with served(str(root), "--profile", "tutorial", "--allow-anonymous", secret="") as (server, address):
        host, port = address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), PATIENCE) as client:
            client.sendall(said + b"bytes")
            assert client.recv(1) == b"", "it closes when the file is stored"
        assert (root / "ada/film").read_bytes() == b"bytes"
        assert 'stores "ada/film"' in stopped(server)
    without = run("serve-files", str(root), "--port", "0", "--profile", "tutorial")
    assert without.returncode == 1 and "allow_anonymous" in without.stderr
    assert run("serve-files", str(root), "--profile", "multiprocessing").returncode == 2
