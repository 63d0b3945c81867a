"""`rustchat exec` and `rustchat serve-commands`."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest
import rustchat
from conftest import PATIENCE
from test_commands import SECRET, await_death

RUSTCHAT = [sys.executable, "-m", "rustchat"]
LIST = """
[commands]
echo = ["/bin/echo", {text = 100}]
unpack = ["/bin/cat"]

[commands.count]
argv = ["/usr/bin/seq", {int = [1, 100000]}]
input = false
[commands.missing]
argv = ["/nowhere"]
"""


@pytest.fixture
def server():
    commands = {"echo": ["/bin/echo", rustchat.Slot.text(100)], "cat": ["/bin/cat"], "missing": ["/nowhere"]}
    with rustchat.CommandServer("127.0.0.1:0", commands, "/bin/sh", secret=SECRET, kill_grace=0.3) as server:
        yield server


def exec_(server, *words, **options):
    host, port = server.address
    environment = {**os.environ, "RUSTCHAT_SECRET": SECRET}
    options.setdefault("stdin", subprocess.DEVNULL)
    if "input" in options:
        del options["stdin"]
    call = [*RUSTCHAT, "exec", *words[:-1], f"{host}:{port}", "--", *words[-1]]
    return subprocess.run(call, env=environment, capture_output=True, timeout=PATIENCE, check=False, **options)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((["echo", "hello"],), 0),
        (("--shell", ["exit 7"]), 7),
        (("--shell", ["kill -9 $$"]), 137),
        (("--shell", "--timeout", "0.3", ["sleep 300"]), 124),
        ((["echo", "a\nb"],), 125),
        ((["missing"],), 126),
        ((["nothing"],), 127),
        (("--shell", "--timeout", "0.3", ["trap 'exit 0' TERM; while :; do sleep 0.01; done"]), 124),
    ],
)
def test_the_exit_code_tells_of_the_end(server, words, code):
    done = exec_(server, *words)
    assert done.returncode == code, done.stderr


def test_no_connection_is_255(server):
    server.stop()
    done = exec_(server, ["echo", "x"])
    assert done.returncode == 255 and b"rustchat: " in done.stderr


def test_input_and_both_outputs_go_through(server):
    data = os.urandom(500_000)
    assert exec_(server, ["cat"], input=data).stdout == data
    done = exec_(server, "--shell", ["echo out; echo err >&2"])
    assert (done.stdout, done.stderr) == (b"out\n", b"err\n")
    assert exec_(server, "-n", ["cat"], input=b"unread").stdout == b""
    with open("/dev/zero", "rb") as zeros:
        assert exec_(server, "--shell", ["exec head -c 5"], stdin=zeros).stdout == bytes(5)


def test_who_takes_no_input_says_what_helps(tmp_path):
    commands = {"time": rustchat.Template(["/bin/echo", "noon"], input=False)}
    with rustchat.CommandServer("127.0.0.1:0", commands, secret=SECRET) as server:
        done = exec_(server, ["time"], input=b"")
        assert done.returncode == 125 and b"-n gives it none" in done.stderr, done.stderr
        assert exec_(server, "-n", ["time"], input=b"").stdout == b"noon\n"


def test_more_output_than_allowed_is_told():
    with rustchat.CommandServer("127.0.0.1:0", None, "/bin/sh", secret=SECRET, output_limit=1000) as server:
        done = exec_(server, "--shell", ["yes"])
        assert (done.returncode, len(done.stdout)) == (125, 1000)
        assert done.stderr == b"rustchat: the command has written more than it may\n"


def test_what_nobody_reads_here_nobody_reads_there(server):
    host, port = server.address
    call = f"{sys.executable} -m rustchat exec --shell {host}:{port} -- yes | head -n 1; echo ${{PIPESTATUS[0]}}"
    environment = {**os.environ, "RUSTCHAT_SECRET": SECRET}
    done = subprocess.run(["bash", "-c", call], env=environment, capture_output=True, timeout=PATIENCE, check=False)
    assert done.stdout == b"y\n141\n", done.stderr


@contextlib.contextmanager
def started(server, text):
    host, port = server.address
    call = [*RUSTCHAT, "exec", "--shell", f"{host}:{port}", "--", text]
    environment = {**os.environ, "RUSTCHAT_SECRET": SECRET}
    with subprocess.Popen(
        call, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process, process.stdout.readline().strip()


def test_ctrl_c_reaches_the_remote_group(server):
    with started(server, "echo $$; exec sleep 300") as (process, pid):
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        await_death(pid)


def test_a_second_ctrl_c_kills(server):
    with started(server, "trap 'echo caught' INT; echo $$; while :; do sleep 0.01; done") as (process, pid):
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "caught\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 137
        await_death(pid)


def test_a_client_that_is_killed_takes_the_command_with_it(server):
    with started(server, "trap '' TERM; echo $$; while :; do sleep 0.01; done") as (process, pid):
        process.kill()
        process.wait()
        await_death(pid)


def test_a_list_of_commands_is_served(tmp_path):
    (tmp_path / "commands.toml").write_text(LIST)
    (tmp_path / "key").write_text(SECRET)
    (tmp_path / "key").chmod(0o600)
    words = ["serve-commands", "--port", "0", "--secret-file", "key", "--commands", "commands.toml"]
    call, pipe = [*RUSTCHAT, *words], subprocess.PIPE
    with subprocess.Popen(call, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True) as process:
        port = process.stdout.readline().split()[-1].rpartition(":")[2]
        with rustchat.CommandClient(("127.0.0.1", int(port)), secret=SECRET) as client:
            assert client.run(["count", "3"], text=True).stdout == "1\n2\n3\n"
            with pytest.raises(rustchat.Refused):
                client.run(["count", "3"], input=b"")
            job = client.popen(["unpack"], stdin=True)
            process.send_signal(signal.SIGTERM)
            with pytest.raises(rustchat.ConnectionClosed) as ended:
                job.wait(PATIENCE)
            assert ended.value.exit.kind == "server stopping"
        assert process.wait(PATIENCE) == 0
        log = process.stderr.read()
        assert 'runs ["/usr/bin/seq","3"]' in log and "refused: " in log


def test_a_list_that_is_wrong_is_told(tmp_path):
    for text, said in [
        ("nonsense", "Expected"),
        ("[commands]\nx = 5", "5 is no command"),
        ("[commands]\nx = ['/x', {nothing = 1}]", "no place for an argument"),
        ("[commands]\nx = ['x']", "no absolute path"),
        ("[command]\nx = ['/bin/true']", "has command, expected one table, commands"),
        ("commands = 5", "expected one table, commands"),
        ("[commands]\n[commands.x]\nargv = '/bin/true'", "is no command"),
        (
            "[commands]\n[commands.x]\nargv = ['/bin/true']\nkeys = ['deploy']",
            "a table of argv, directory, input, rest",
        ),
        ("[commands]\nx = ['/bin/true', {int = 5}]", "x: "),
        ("[commands]\n[commands.x]\nargv = ['/bin/true']\nrest = [1]", "x: "),
    ]:
        (tmp_path / "list").write_text(text)
        done = subprocess.run(
            [*RUSTCHAT, "serve-commands", "--port", "0", "--commands", str(tmp_path / "list")],
            env={**os.environ, "RUSTCHAT_SECRET": SECRET},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 1 and said in done.stderr, done.stderr


def test_a_list_that_is_no_text_is_told(tmp_path):
    (tmp_path / "list").write_bytes(b"\xff")
    call = [*RUSTCHAT, "serve-commands", "--port", "0", "--commands", str(tmp_path / "list")]
    done = subprocess.run(call, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1 and f"--commands {tmp_path / 'list'}: " in done.stderr, done.stderr


def test_help_names_nothing_that_is_not_there():
    for command, words in [("serve-commands", ("--secret-file", "--allow-plaintext")), ("exec", ("--key-id",))]:
        done = subprocess.run(
            [*RUSTCHAT, command, "--help"], capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        assert all(word in done.stdout for word in words) and "keys =" not in done.stdout


def test_without_a_secret_it_does_not_start():
    environment = {name: value for name, value in os.environ.items() if name != "RUSTCHAT_SECRET"}
    begin = time.monotonic()
    call = [*RUSTCHAT, "serve-commands", "--port", "0", "--shell", "/bin/sh"]
    done = subprocess.run(call, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1 and "needs a secret" in done.stderr
    assert time.monotonic() - begin < PATIENCE
