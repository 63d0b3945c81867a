"""The processes of a measurement: a server on one core, what measures it on the other."""

import json
import re
import signal
import subprocess
import tempfile
import time

from harness.machine import LOAD_CORE, SERVER_CORE, TARGET, settle

LISTENING = re.compile(r"listening on ([0-9.]+):(\d+)")


class Failed(Exception):
    """A contender did not do what it was asked; the others are measured all the same."""


class Server:
    """A server that runs as long as the `with` block."""

    def __init__(self, command, core=SERVER_CORE):
        self.command = [str(word) for word in command]
        self.output = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            preexec_fn=settle(core),
        )
        self.host, self.port = None, None

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
            if found := LISTENING.search(self.said()):
                self.host, self.port = found[1], int(found[2])
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        said = self.said().strip()[-500:] or "nothing"
        raise Failed(f"{' '.join(self.command)} is not listening; it said: {said}")


class Load:
    """The load generator, at work on a server. Options are its command line's, with underscores."""

    binary = TARGET / "release" / "rustchat-bench"

    def __init__(self, server, **options):
        words = [self.binary, server.address, "--server-pid", server.pid, "--progress"]
        for name, value in options.items():
            words += ["--" + name.replace("_", "-"), value]
        self.process = subprocess.Popen(
            [str(word) for word in words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=settle(LOAD_CORE),
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


def call(command):
    """Runs a measuring client on the load's core; it prints one JSON object."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, preexec_fn=settle(LOAD_CORE))
    if done.returncode != 0:
        raise Failed(f"{' '.join(words)}: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout)
