"""`rustchat serve --tls` and `rustchat chat --tls`, as people and other programs use them."""

from __future__ import annotations

import re
import shlex
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import rustchat
from certificates import Issued
from commands import PATIENCE, Served, exit_code, run, terminal

SECRET = "what only the two of them know"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "chat.key"
    path.touch(0o600)
    path.write_text(SECRET)
    return path


@pytest.fixture
def secured(key: Path) -> Iterator[Served]:
    server = Served("--tls", "--secret-file", str(key))
    yield server
    server.kill()


@pytest.fixture
def certified(certificate: Issued) -> Iterator[Served]:
    """For everybody who trusts its certificate."""
    server = Served("--tls-cert", str(certificate.cert), "--tls-key", str(certificate.key))
    yield server
    server.kill()


def chat(server: Served, *words: object, said: str = "hello\n") -> subprocess.CompletedProcess[str]:
    return run("chat", "127.0.0.1", str(server.port), *map(str, words), said=said)


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line.rpartition(": ")[2] for line in done.stdout.splitlines()]


def test_a_secret_is_enough(secured: Served, key: Path) -> None:
    done = chat(secured, "--tls", "--secret-file", key, said="hello\nagain\n")
    assert (done.returncode, done.stderr, said(done)) == (0, "", ["hello", "again"])
    with rustchat.ChatClient(port=secured.port, secret=SECRET, tls=True) as client:
        assert client.binding == "tls-exporter"
    assert secured.end() == (0, "stopping\n")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--secret-file", "KEY"], "the server sent a TLS record, and no TLS is set here"),
        (["--tls"], "vouched for by nobody who is trusted here"),
        (["--tls-pin", "00" * 32, "--secret-file", "KEY"], ", expected another (pin)"),
    ],
)
def test_who_does_not_agree_is_told_in_one_line(words: list[str], text: str, secured: Served, key: Path) -> None:
    done = chat(secured, *[key if word == "KEY" else word for word in words])
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("rustchat: ")
    assert text in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_wrong_secret_is_refused(secured: Served) -> None:
    done = run("chat", "127.0.0.1", str(secured.port), "--tls", RUSTCHAT_SECRET="a guess")
    assert (done.returncode, done.stdout) == (1, "")
    assert "authentication failed" in done.stderr


def test_a_server_without_it_is_told_apart(served: Served) -> None:
    done = chat(served, "--tls")
    assert (done.returncode, done.stdout) == (1, "")
    assert "the server does not speak TLS" in done.stderr


def test_a_certificate_is_trusted_by_its_pin_or_its_root(certified: Served, certificate: Issued) -> None:
    assert certified.process.stdout is not None
    assert certified.process.stdout.readline() == f"its public key has the pin {certificate.pin}\n"
    ways: list[list[object]] = [
        ["--tls-pin", certificate.pin],
        ["--tls", "--tls-pin", "00" * 32, "--tls-pin", certificate.pin_in_base64],
        ["--tls-ca", certificate.ca],
    ]
    for words in ways:
        done = chat(certified, *words)
        assert (done.returncode, done.stderr, said(done)) == (0, "", ["hello"])
    for words in (["--tls"], ["--tls-ca", "system"], ["--tls-pin", "00" * 32]):
        done = chat(certified, *words)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["serve", "--tls"], "TLS needs a certificate with its key, or a secret in the profile mutual"),
        (["serve", "--tls-key", "KEY"], "--tls-key needs --tls-cert, the certificate that it is the key of"),
        (["serve", "--tls-cert", "/nonexistent/file"], "/nonexistent/file: No such file"),
        (["serve", "--tls-cert", "CERT"], "no private key in the PEM"),
        (["chat", "--tls-ca", "/nonexistent/file"], "/nonexistent/file: No such file"),
        (["chat", "--tls-pin", "0f"], '"0f" is no pin'),
        (["chat", "--tls-pin", "00" * 32, "--tls-ca", "CERT"], "--tls-pin and --tls-ca are both given"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(words: list[str], text: str, certificate: Issued) -> None:
    files = {"CERT": str(certificate.cert), "KEY": str(certificate.key)}
    done = run(*[files.get(word, word) for word in words], *(["--port", "0"] if words[0] == "serve" else []))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("rustchat: ")
    assert text in done.stderr


def test_a_key_that_others_may_read_is_warned_of(certificate: Issued, tmp_path: Path) -> None:
    open_to_all = tmp_path / "open.key"
    open_to_all.write_bytes(certificate.key.read_bytes())
    open_to_all.chmod(0o644)
    server = Served("--tls-cert", str(certificate.cert), "--tls-key", str(open_to_all))
    assert server.end()[1].startswith(
        f"rustchat: warning: --tls-key {open_to_all}: other users of this machine may read"
    )
    assert stat.S_IMODE(certificate.key.stat().st_mode) == 0o600


def test_the_console_says_how_to_join(key: Path, certificate: Issued) -> None:
    for words, extra in (
        (["--tls", "--secret-file", str(key)], f" --secret-file {re.escape(str(key))} --tls"),
        (["--tls-cert", str(certificate.cert), "--tls-key", str(certificate.key)], f" --tls-pin {certificate.pin}"),
    ):
        console = terminal("serve", "--port", "0", *words)
        console.expect(rf"join with:  (rustchat chat 127\.0\.0\.1 \d+{extra})\r\n")
        assert console.match
        command = shlex.split(console.match[1])
        done = run(*command[1:], said="hello\n")
        assert (done.returncode, said(done)) == (0, ["hello"])
        console.sendline("stats")
        console.expect(r"members_tls +0")
        console.sendline("quit")
        assert exit_code(console) == 0


def test_beyond_this_machine_it_is_advised_once(key: Path) -> None:
    for words, count in ((["--secret-file", str(key)], 1), (["--secret-file", str(key), "--tls"], 0)):
        server = subprocess.Popen(
            [*run("--version").args[:3], "serve", "--host", "0.0.0.0", "--port", "0", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert server.stdout is not None
        assert server.stdout.readline().startswith("listening on 0.0.0.0:")
        server.send_signal(signal.SIGTERM)
        _, errors = server.communicate(timeout=PATIENCE)
        assert errors.count("with tls set at both ends it cannot, and no certificate is needed") == count
        assert len(errors.splitlines()) == count + 1, errors


def test_plain_lines_are_answered_by_an_alert(secured: Served) -> None:
    with secured.dial() as peer:
        peer.sendall(b"hello\n")
        assert peer.recv(100) == bytes.fromhex("15 03 03 00 02 02 0a")
        peer.shutdown(socket.SHUT_WR)
        assert peer.recv(100) == b""
