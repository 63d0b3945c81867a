"""Scripts that are run under `python` and under `rustchat run`: the fixture `script` for tests of both ways."""

from __future__ import annotations

import socket
import subprocess
import sys
import textwrap

import pytest

PATIENCE = 20
WAYS = {"python": [], "rustchat": ["-m", "rustchat", "run"]}


@pytest.fixture(params=WAYS)
def script(request, tmp_path):
    """Starts a script; it is given time to end, and killed if it does not."""
    started = []

    def begin(source, *arguments):
        path = tmp_path / f"script{len(started)}.py"
        path.write_text(textwrap.dedent(source))
        process = subprocess.Popen(
            [sys.executable, "-u", *WAYS[request.param], path, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def result(process, said=None):
    output, errors = process.communicate(said, timeout=PATIENCE)
    assert process.returncode == 0, errors
    return output


def dial(process):
    return socket.create_connection(("127.0.0.1", int(process.stdout.readline())), PATIENCE)
