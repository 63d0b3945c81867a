"""Secrets that others may read or guess: warned of, and made so that they cannot."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from commands import COMMAND, PATIENCE, Served, run


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "chat.key"
    done = run("key", "--output", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return path


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666, 0o660, 0o602])
def test_a_file_for_others_is_warned_of_and_taken(key: Path, mode: int) -> None:
    server = Served("--secret-file", str(key))
    key.chmod(mode)
    try:
        done = run("chat", "127.0.0.1", str(server.port), "--secret-file", str(key), said="hello\n")
        assert done.returncode == 0
        warning, *rest = done.stderr.splitlines()
        assert warning.startswith(f"rustchat: warning: --secret-file {key}: other users")
        assert f"mode {mode:o}" in warning and f"chmod 600 {key}" in warning
        assert rest == []
    finally:
        code, errors = server.end()
        assert (code, errors) == (0, "stopping\n")


def test_the_server_warns_once(key: Path) -> None:
    key.chmod(0o644)
    server = Served("--secret-file", str(key))
    assert server.end()[1].count("warning") == 1


def test_a_secret_out_of_a_pipe_is_nobody_elses_to_read(served: Served) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"a secret of more than 16 bytes\n")
    os.close(writing)
    os.set_inheritable(reading, True)
    done = subprocess.run(
        [*COMMAND, "serve", "--port", str(served.port), "--secret-file", f"/dev/fd/{reading}"],
        pass_fds=[reading],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
    )
    os.close(reading)
    # The port is taken: what was said before is what counts here.
    assert done.returncode == 1
    assert b"warning" not in done.stderr


def test_a_key_that_is_redirected_into_a_file_for_others_is_warned_of(tmp_path: Path) -> None:
    for mode, warned in ((0o644, True), (0o600, False)):
        path = tmp_path / f"{mode:o}.key"
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)
            done = subprocess.run([*COMMAND, "key"], stdout=file, stderr=subprocess.PIPE, timeout=PATIENCE)
        assert done.returncode == 0
        assert (b"rustchat key --output FILE" in done.stderr) == warned
        assert len(path.read_text().strip()) == 64


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["key", "--output", "/nowhere/x"], "rustchat: --output /nowhere/x: No such file or directory\n"),
        (["serve", "--secret-file", "/nowhere/x"], "rustchat: --secret-file /nowhere/x: No such file or directory\n"),
        (["serve", "--secret-file", "/"], "rustchat: --secret-file /: Is a directory\n"),
        (["serve", "--secret-file", "/dev/null"], "rustchat: --secret-file /dev/null: the file is empty; make a"),
    ],
)
def test_errors_of_files_are_told_in_one_style(words: list[str], said: str) -> None:
    done = run(*words)
    assert done.returncode == 1
    assert done.stderr.startswith(said)
