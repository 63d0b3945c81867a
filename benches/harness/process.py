"""The processes of a measurement: a server on one core, what measures it on the other."""

import json
import re
import signal
import socket
import subprocess
import tempfile
import time

from harness.machine import LOAD_CORE, SERVER_CORE, TARGET, settle

LISTENING = re.compile(r"listening on ([0-9.]+):(\d+)")
PUBLISHERS = re.compile(r"publishers to ([0-9.]+:\d+)")


class Failed(Exception):
    """A contender did not do what it was asked; the others are measured all the same."""


class Server:
    """A server that runs as long as the `with` block. It prints where it listens; or, if it is no program of ours, its
    command has a word `{port}` and it is waited for until it accepts connections there."""

    def __init__(self, command, core=SERVER_CORE):
        self.command = [str(word) for word in command]
        self.host, self.port, self.publishers, self.given_port = None, None, None, None
        if any("{port}" in word for word in self.command):
            self.given_port = free_port()
            self.command = [word.replace("{port}", str(self.given_port)) for word in self.command]
        self.output = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            preexec_fn=settle(core),
        )

    def __enter__(self):
        try:
            self._wait_until_listening()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.output.close()

    @property
    def pid(self):
        return self.process.pid

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    def said(self):
        """All its output so far."""
        # Reading through our own descriptor would move the offset that the server writes at: it is the same open file.
        with open(f"/proc/self/fd/{self.output.fileno()}", errors="replace") as output:
            return output.read()

    def cpu(self):
        """Its CPU time in seconds, all threads: the process's own clock, which is finer than the ticks of /proc."""
        return time.clock_gettime((~self.pid << 3) | 2)

    def _wait_until_listening(self, deadline=15):
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            if self._is_listening():
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        said = self.said().strip()[-500:] or "nothing"
        raise Failed(f"{' '.join(self.command)} is not listening; it said: {said}")

    def _is_listening(self):
        if self.given_port:
            with socket.socket() as sock:
                self.host, self.port = "127.0.0.1", self.given_port
                return sock.connect_ex((self.host, self.port)) == 0
        said = self.said()
        if found := LISTENING.search(said):
            self.host, self.port = found[1], int(found[2])
            self.publishers = (PUBLISHERS.search(said) or [None, None])[1]
        return found is not None


def free_port():
    """A port that nobody listens at."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Load:
    """The load generator, at work on a server. Options are its command line's, with underscores; True is a flag."""

    binary = TARGET / "release" / "rustchat-bench"

    def __init__(self, server, core=LOAD_CORE, **options):
        words = [self.binary, server.address, "--server-pid", server.pid, "--progress"]
        if server.publishers:
            options["publish"] = server.publishers
        for name, value in options.items():
            words += ["--" + name.replace("_", "-")] + ([] if value is True else [value])
        self.process = subprocess.Popen(
            [str(word) for word in words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=settle(core),
        )

    def wait_for(self, milestone):
        """Returns when the load generator says so, or False when it ended before."""
        return any(line.strip() == milestone for line in self.process.stderr)

    def result(self):
        """Its report. A failed check is `Failed`: figures of a server that loses messages are of no interest."""
        out, err = self.process.communicate()
        if not out:
            raise Failed(f"the load generator said: {err.strip()}")
        report = json.loads(out)
        if not report["ok"]:
            fault = report["faults"][0]
            raise Failed(f"{fault['kind']} (member {fault['member']}): {fault['detail']}")
        return report


def load(server, **options):
    """Runs the load generator to its end."""
    return Load(server, **options).result()


def call(command, core=LOAD_CORE, patience=60):
    """Runs a measuring client to its end; it prints one JSON object."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, preexec_fn=settle(core), timeout=patience)
    except subprocess.TimeoutExpired:
        raise Failed(f"{' '.join(words)} did not end within {patience} s") from None
    if done.returncode != 0:
        raise Failed(f"{' '.join(words)}: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout)
