"""`rustchat files` and `rustchat serve-files`."""

import contextlib
import os
import signal
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


def test_a_server_from_the_shell(root, tmp_path):
    command = [sys.executable, "-m", "rustchat", "serve-files", str(root), "--port", "0", "--quota", "1M"]
    server = subprocess.Popen(
        command,
        env={**os.environ, "RUSTCHAT_SECRET": SECRET},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with contextlib.ExitStack() as stack:
        stack.callback(server.wait, PATIENCE)
        stack.callback(server.kill)
        address = server.stdout.readline().split()[-1]
        (tmp_path / "file").write_bytes(bytes((1 << 20) + 1))
        assert "over the quota" in files("put", str(tmp_path / "file"), f"{address}:").stderr
        server.send_signal(signal.SIGTERM)
        _, errors = server.communicate(timeout=PATIENCE)
        assert server.returncode == 0
        assert 'stores "file": refused: over the quota' in errors
    assert run("serve-files", str(root), "--port", "0").returncode == 1
    assert run("serve-files", str(root), "--quota", "much").returncode == 2
