"""Remote commands by TLS, which they speak wherever others could listen."""

import os
import subprocess
import sys

import pytest
import rustchat
from certificates import Issued
from conftest import PATIENCE
from test_commands import SECRET

COMMANDS = {"echo": ["/bin/echo", rustchat.Slot.text(100)]}


def serve(**options):
    return rustchat.CommandServer("0.0.0.0:0", COMMANDS, secret=SECRET, **options)


@pytest.fixture
def address():
    with serve(tls=True) as server:
        yield ("127.0.0.1", server.address[1])


def test_with_tls_a_server_may_be_reached_from_elsewhere(address):
    with rustchat.CommandClient(address, secret=SECRET, tls=True) as client:
        assert client.run(["echo", "hello"], text=True, check=True).stdout == "hello\n"


def test_without_it_the_refusal_says_what_to_set():
    with pytest.raises(rustchat.InvalidArgument, match="set tls"):
        serve().start()


def test_many_run_at_once(address):
    text = "x" * 100
    with rustchat.CommandClient(address, secret=SECRET, tls=True) as client:
        jobs = [client.popen(["echo", text], text=True) for _ in range(50)]
        assert {job.communicate(timeout=PATIENCE).stdout for job in jobs} == {text + "\n"}


@pytest.mark.parametrize("options", [{"secret": "another one, long enough", "tls": True}, {"secret": SECRET}])
def test_who_has_another_secret_or_no_tls_runs_nothing(address, options):
    with pytest.raises((rustchat.AuthenticationError, ConnectionError, rustchat.Error)) as refusal:
        rustchat.CommandClient(address, **options)
    assert "TLS" in str(refusal.value) or "authentication failed" in str(refusal.value)


def test_clients_may_pin_the_key_and_the_certificate_is_renewed_under_them(certificate: Issued, another: Issued):
    def join():
        pins = rustchat.TLS(pin=[certificate.pin, another.pin])
        return rustchat.CommandClient(("127.0.0.1", server.address[1]), secret=SECRET, tls=pins)

    with serve(tls=rustchat.TLS(cert=certificate.cert, key=certificate.key)) as server, join() as early:
        assert (server.pin, early.peer_pin) == (certificate.pin, certificate.pin)
        assert (early.protection, early.binding) == ("tls", "tls-exporter")
        server.replace_certificate(another.cert, another.key)
        with join() as late:
            assert (server.pin, late.peer_pin) == (another.pin, another.pin)
            assert early.run(["echo", "here"], text=True).stdout == late.run(["echo", "here"], text=True).stdout
        wrong = rustchat.TLS(pin=certificate.pin)
        with pytest.raises(rustchat.AuthenticationError, match="pin"):
            rustchat.CommandClient(("127.0.0.1", server.address[1]), secret=SECRET, tls=wrong)
    assert server.pin is None
    with pytest.raises(rustchat.StateError):
        server.replace_certificate(another.cert, another.key)


def test_without_tls_there_is_nothing_to_pin(certificate: Issued):
    with rustchat.CommandServer("127.0.0.1:0", COMMANDS, secret=SECRET) as server:
        assert server.pin is None
        with pytest.raises(rustchat.StateError, match="has no TLS"):
            server.replace_certificate(certificate.cert, certificate.key)
        with rustchat.CommandClient(server.address, secret=SECRET) as client:
            assert (client.protection, client.binding, client.peer_pin) == ("plain", None, None)


def test_the_shell_says_the_pin_of_a_certificate_of_ones_own(tmp_path, certificate: Issued):
    commands = tmp_path / "commands.toml"
    commands.write_text('[commands]\necho = ["/bin/echo", {text = 100}]\n')
    root = tmp_path / "root"
    root.mkdir()
    environment = {**os.environ, "RUSTCHAT_SECRET": SECRET}
    shown = ["--port", "0", "--tls-cert", certificate.cert, "--tls-key", certificate.key]
    for words in (["serve-commands", "--commands", commands], ["serve-files", root]):
        serving = [sys.executable, "-m", "rustchat", *words, *shown]
        with subprocess.Popen(serving, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as server:
            try:
                assert server.stdout is not None
                assert server.stdout.readline().startswith(b"listening on 127.0.0.1:")
                assert server.stdout.readline().decode() == f"its public key has the pin {certificate.pin}\n"
            finally:
                server.terminate()


def test_the_shell_speaks_it(tmp_path):
    commands = tmp_path / "commands.toml"
    commands.write_text('[commands]\necho = ["/bin/echo", {text = 100}]\n')
    environment = {**os.environ, "RUSTCHAT_SECRET": SECRET}
    rustchat_ = [sys.executable, "-m", "rustchat"]
    serving = [*rustchat_, "serve-commands", "--host", "0.0.0.0", "--port", "0", "--commands", commands, "--tls"]
    with subprocess.Popen(serving, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().decode().strip().rpartition(":")[2]
            calling = [*rustchat_, "exec", "--tls", f"127.0.0.1:{port}", "--", "echo", "hello"]
            done = subprocess.run(
                calling, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
            )
            assert (done.returncode, done.stdout) == (0, b"hello\n"), done.stderr
        finally:
            server.terminate()
