"""Remote commands from Python: as subprocess, but elsewhere."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import rustchat
from conftest import PATIENCE, run_script
from rustchat import CommandClient, CommandServer, Slot, Template
from waiting import state_of, wait_until

SECRET = "sixteen bytes or more"


@contextlib.contextmanager
def serving(commands=None, **options):
    with (
        CommandServer("127.0.0.1:0", commands, "/bin/sh", secret=SECRET, **options) as server,
        CommandClient(server.address, secret=SECRET) as client,
    ):
        yield server, client


@pytest.fixture
def client():
    with serving() as (_, client):
        yield client


def is_dead(pid):
    try:
        return state_of(Path(f"/proc/{pid}")) in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def await_death(pid):
    wait_until(lambda: is_dead(pid), PATIENCE)


def test_run_is_that_of_subprocess(client):
    done = client.run("cat; echo err >&2; exit 3", shell=True, input=b"in\r\n")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"in\r\n", b"err\n")
    assert (done.exit.kind, done.exit.code, done.exit.success) == ("exited", 3, False)
    assert done.args == "cat; echo err >&2; exit 3"
    text = client.run("cat; echo err >&2", shell=True, input="hä\r\n", text=True, stderr=subprocess.STDOUT)
    assert (text.stdout, text.stderr) == ("hä\nerr\n", "")
    assert client.run("printf '\\344'", shell=True, encoding="latin-1").stdout == "ä"
    assert client.run("kill -9 $$", shell=True).returncode == -9


def test_a_list_of_commands_and_nothing_beside_it():
    commands = {
        "say": ["/usr/bin/printf", b"%s.", Slot.int(1, 9), Slot.choice("a", "b", prefix="=")],
        "many": Template(["/bin/echo"], rest=(Slot.word(5), 2), directory="/usr", input=False),
        "ours": Template(["/bin/true"], keys=["somebody"]),
    }
    with serving(commands) as (server, client):
        assert client.run(["say", "5", "b"], text=True).stdout == "5.=b."
        assert client.run(["many", "x"], text=True).stdout == "x\n"
        for args, refusal in [
            (["nothing"], "unknown command"),
            (["say", "5"], "wrong number of arguments"),
            (["say", "0", "a"], "an argument does not match its pattern"),
            (["say", "5", "a;id"], "an argument is too long"),
            (["many", "-n"], "an argument does not match its pattern"),
            (["ours"], "not permitted for this key"),
        ]:
            with pytest.raises(rustchat.Refused) as caught:
                client.run(args)
            assert caught.value.refusal == refusal
            assert isinstance(caught.value, PermissionError) and caught.value.stdout == b""
        with pytest.raises(rustchat.Refused):
            client.run(["many", "x"], input=b"")
        assert server.stats()["started"] == 2 and server.stats()["refused"] == 7


def test_what_went_wrong_has_what_came_until_then(client):
    with pytest.raises(rustchat.CommandFailed) as failed:
        client.run("echo so far; exit 4", shell=True, check=True, text=True)
    assert (failed.value.returncode, failed.value.stdout, failed.value.exit.code) == (4, "so far\n", 4)
    with pytest.raises(TimeoutError) as late:
        client.run("echo so far; exec sleep 300", shell=True, timeout=2)
    assert (late.value.stdout, late.value.exit.kind) == (b"so far\n", "timed out")
    with pytest.raises(rustchat.QueueOverflow) as much:
        client.run("yes", shell=True, output_limit=10)
    assert much.value.stdout == b"y\n" * 5


def test_what_was_done_stays_in_the_log_whatever_else_is_said(records):
    class Stuck(logging.Handler):
        begun, go_on = threading.Event(), threading.Event()

        def emit(self, record):
            self.begun.set()
            self.go_on.wait(10 * PATIENCE)

    handler = Stuck()
    logger = logging.getLogger("rustchat")
    logger.addHandler(handler)
    try:
        with serving({"x": ["/bin/true"]}) as (_, client):
            assert handler.begun.wait(PATIENCE)
            # More than wait in the queue, of one client that is allowed nothing of it.
            for _ in range(8300):
                with pytest.raises(rustchat.Refused):
                    client.run(["y"])
            client.run(["x"])
            handler.go_on.set()
            records.find('runs ["/bin/true"]')
            records.find("records of refusals were lost")
            records.find("ends: exited (code 0)")
    finally:
        handler.go_on.set()
        logger.removeHandler(handler)


def test_wrong_arguments_are_told(client):
    for args, shell in [("text", False), (["list"], True), ([], False), ([1], False)]:
        with pytest.raises((TypeError, rustchat.InvalidArgument)):
            client.run(args, shell=shell)
    with pytest.raises(rustchat.InvalidArgument, match="encoding"):
        client.run(["x"], encoding="nonsense")
    with pytest.raises(rustchat.InvalidArgument, match="secret"):
        CommandServer("127.0.0.1:0", {"x": ["/bin/true"]}).start()
    with pytest.raises(rustchat.InvalidArgument, match="allow_plaintext"):
        CommandServer("0.0.0.0:0", {"x": ["/bin/true"]}, secret=SECRET).start()
    with pytest.raises(rustchat.InvalidArgument, match="absolute"):
        CommandServer("127.0.0.1:0", {"x": ["true"]}, secret=SECRET).start()
    with pytest.raises(TypeError, match=r"commands\['x'\]|commands\[\"x\"\]"):
        CommandServer("127.0.0.1:0", {"x": "/bin/true"}, secret=SECRET)


def test_popen_has_files(client):
    with client.popen("exec cat", shell=True, stdin=True, text=True) as job:
        for line in ("one\n", "zwei ä\n"):
            job.stdin.write(line)
            assert job.stdout.readline() == line
        assert job.poll() is None and job.id
    assert job.returncode == 0 and job.exit.stdout_bytes == 12
    with client.popen("seq 3; seq 4 >&2", shell=True) as job:
        assert job.stdin is None
        assert (job.stdout.read(), job.stderr.read()) == (b"1\n2\n3\n", b"1\n2\n3\n4\n")
    with client.popen("exec yes", shell=True) as job:
        assert job.stdout.readline() == b"y\n"
    assert job.returncode == -signal.SIGPIPE


def test_popen_raises_for_an_end_that_is_not_its_own(client):
    text = "trap 'exit 0' TERM; echo begun; while :; do sleep 0.01; done"
    # Long enough to have begun by then.
    waited, conversed, left = [client.popen(text, shell=True, timeout=2, text=True) for _ in range(3)]
    with pytest.raises(rustchat.TimeoutError, match="timed out") as late:
        waited.wait(PATIENCE)
    assert late.value.exit == waited.exit and waited.exit.kind == "timed out" and waited.exit.code == 0
    for ask in (waited.poll, lambda: waited.returncode, waited.wait, waited.communicate):
        with pytest.raises(rustchat.TimeoutError):
            ask()
    assert "timed out" in repr(waited)
    with pytest.raises(rustchat.TimeoutError) as late:
        conversed.communicate(timeout=PATIENCE)
    assert (late.value.stdout, late.value.exit.kind) == ("begun\n", "timed out")
    with pytest.raises(rustchat.TimeoutError), left:
        assert left.stdout.read() == "begun\n"
    much = client.popen("yes", shell=True, output_limit=10)
    with pytest.raises(rustchat.QueueOverflow):
        much.stdout.read()
    with pytest.raises(rustchat.QueueOverflow) as caught:
        much.wait(PATIENCE)
    assert caught.value.exit.kind == "output limit"


def test_popen_raises_when_the_server_stops():
    with serving() as (server, client):
        job = client.popen("echo begun; exec sleep 300", shell=True, text=True)
        assert job.stdout.readline() == "begun\n"
        server.stop()
        with pytest.raises(rustchat.ConnectionClosed) as caught:
            job.wait(PATIENCE)
        assert caught.value.exit.kind == job.exit.kind == "server stopping"


def test_misuse_of_stdin_is_the_error_of_that_call_alone(client):
    other = client.popen("exec cat", shell=True, stdin=True)
    job = client.popen("cat; exec sleep 300", shell=True, stdin=True)
    job.stdin.write(b"x")
    job.stdin.close()
    with pytest.raises(ValueError, match="closed"):
        job.stdin.write(b"y")
    with pytest.raises(rustchat.StateError):
        job.communicate(b"y", PATIENCE)
    assert job.stdout.read(1) == b"x"
    with pytest.raises(rustchat.StateError):
        client.popen("exec cat", shell=True).communicate(b"y", PATIENCE)
    assert other.communicate(b"on", PATIENCE).stdout == b"on"
    assert other.stdin.closed and other.communicate(timeout=PATIENCE).returncode == 0
    gone = client.popen("exec 0<&-; echo gone; exec sleep 0.3", shell=True, stdin=True)
    gone.stdin.write(b"x" * 1000)
    assert gone.communicate(b"y" * 1_000_000, PATIENCE).stdout == b"gone\n"


def test_popen_is_signalled_waited_for_and_conversed_with(client):
    job = client.popen("echo ready; exec sleep 300", shell=True)
    assert job.stdout.readline() == b"ready\n"
    with pytest.raises(TimeoutError):
        job.wait(timeout=0.05)
    job.send_signal(signal.SIGINT)
    assert job.wait(PATIENCE) == -signal.SIGINT and job.exit.kind == "client's signal"
    with pytest.raises(rustchat.InvalidArgument):
        client.popen("true", shell=True).send_signal(signal.SIGSTOP)
    done = client.popen("cat; cat >&2 /dev/null", shell=True, stdin=True, text=True).communicate(
        "x" * 300_000, PATIENCE
    )
    assert done.returncode == 0 and len(done.stdout) == 300_000


def test_who_leaves_in_haste_and_what_nobody_holds_is_killed(client):
    job = client.popen("echo $$; exec sleep 300", shell=True, text=True)
    pid = job.stdout.readline().strip()
    with pytest.raises(ZeroDivisionError), job:
        raise ZeroDivisionError
    await_death(pid)
    job = client.popen("echo $$; exec sleep 300", shell=True, text=True)
    pid = job.stdout.readline().strip()
    del job
    await_death(pid)


def test_threads_share_a_connection_and_the_interpreter(client):
    results = [None] * 20

    def run(index):
        results[index] = client.run(f"sleep 0.05; echo {index}", shell=True, text=True).stdout

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(results))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert results == [f"{index}\n" for index in range(len(results))]


def test_ctrl_c_ends_a_run_and_the_command():
    script = f"""
import os, signal, sys, threading, rustchat
with rustchat.CommandServer("127.0.0.1:0", None, "/bin/sh", secret={SECRET!r}) as server:
    client = rustchat.CommandClient(server.address, secret={SECRET!r})
    read, write = os.pipe()
    def interrupt():
        print(os.read(read, 100).decode().strip(), flush=True)
        os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=interrupt).start()
    try:
        client.run(f"echo $$ > /proc/{{os.getpid()}}/fd/{{write}}; exec sleep 300", shell=True)
    except KeyboardInterrupt:
        print("interrupted")
"""
    done = run_script(script)
    assert done.returncode == 0, done.stderr
    number, end = done.stdout.split()
    assert end == "interrupted"
    await_death(number)


def test_a_handler_may_use_the_command_that_it_interrupts():
    script = f"""
import os, signal, threading, rustchat
with rustchat.CommandServer("127.0.0.1:0", None, "/bin/sh", secret={SECRET!r}) as server:
    job = rustchat.CommandClient(server.address, secret={SECRET!r}).popen("exec sleep 300", shell=True)
    signal.signal(signal.SIGUSR1, lambda *_: job.terminate())
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1)).start()
    print(job.wait())
"""
    done = run_script(script)
    assert (done.returncode, done.stdout.strip()) == (0, "-15"), done.stderr


def test_commands_have_clean_signals_whatever_python_does():
    """Python ignores SIGPIPE; a program may ignore others, and wait for all children."""
    script = f"""
import os, signal, threading, rustchat
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
with rustchat.CommandServer("127.0.0.1:0", None, "/bin/sh", secret={SECRET!r}) as server:
    client = rustchat.CommandClient(server.address, secret={SECRET!r})
    print(client.run("grep -E '^Sig(Blk|Ign)' /proc/self/status", shell=True, text=True).stdout)
    try:
        print(client.run("exit 3", shell=True).returncode)
    except rustchat.Error as error:
        print(error.exit.kind)
"""
    lines = run_script(script).stdout.split()
    assert lines[:4] == ["SigBlk:", "0" * 16, "SigIgn:", "0" * 16]
    assert lines[4:] in (["3"], ["status", "lost"])


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_leaves_its_parents_commands_alone():
    with serving() as (server, client):
        job = client.popen("exec cat", shell=True, stdin=True)
        if (pid := os.fork()) == 0:
            code = 1
            with contextlib.suppress(rustchat.StateError):
                client.run("true", shell=True)
            try:
                job.kill()
            except rustchat.StateError:
                code = 0
            del job
            os._exit(code)
        assert os.waitpid(pid, 0)[1] == 0
        job.stdin.write(b"still here\n")
        job.stdin.flush()
        assert job.stdout.readline() == b"still here\n"
        assert server.running


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_keeps_no_pipe_of_a_command(client):
    reads = client.popen("exec cat", shell=True, stdin=True)
    writes = client.popen("exec yes", shell=True)
    assert writes.stdout.readline() == b"y\n"
    ours, theirs = os.pipe()
    if (pid := os.fork()) == 0:
        os.close(theirs)
        os.read(ours, 1)
        os._exit(0)
    os.close(ours)
    try:
        # The child lives, and neither the end of the input nor that nobody reads waits for its own.
        reads.stdin.close()
        assert reads.wait(PATIENCE) == 0
        writes.stdout.close()
        assert writes.wait(PATIENCE) == -signal.SIGPIPE
    finally:
        os.close(theirs)
        os.waitpid(pid, 0)


def test_a_server_is_stopped_and_started_again():
    server = CommandServer("127.0.0.1:0", {"x": ["/bin/echo", "x"]}, secret=SECRET)
    for _ in range(2):
        with server, CommandClient(server.address, secret=SECRET) as client:
            assert client.run(["x"]).stdout == b"x\n"
            job = client.popen(["x"])
            assert job.wait(PATIENCE) == 0
        assert not server.running
        with pytest.raises(rustchat.ConnectionClosed):
            client.run(["x"])


def test_an_interpreter_that_ends_takes_its_commands_with_it():
    script = f"""
import rustchat
server = rustchat.CommandServer("127.0.0.1:0", None, "/bin/sh", secret={SECRET!r})
server.start()
client = rustchat.CommandClient(server.address, secret={SECRET!r})
job = client.popen("echo $$; exec sleep 300", shell=True, text=True)
print(job.stdout.readline().strip())
"""
    done = run_script(script)
    assert done.returncode == 0, done.stderr
    await_death(done.stdout.strip())


def test_the_module_is_typed_and_named():
    assert rustchat.command.RunningCommand.__module__ == "rustchat.command"
    assert "CommandServer" in rustchat.__all__ and sys.modules["rustchat.command"]
