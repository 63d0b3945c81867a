"""A small program over each of the packages that people serve and ask with: the same under Python and on rustchat's
sockets. `make packages` installs them and runs this; the packages that hold sockets by ways of their own are in
tests/python/test_packages.py."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from programs import PROGRAMS

PATIENCE = 50
WAYS = {
    "python": ([sys.executable], ""),
    "install": ([sys.executable], "import rustchat; rustchat.install()\n"),
    "run": ([sys.executable, "-m", "rustchat", "run"], ""),
}
# Who comes too early is refused, or does as before; here none is refused.
LATE = "import logging; logging.disable(); import {package}\nimport rustchat; rustchat.install()\nlogging.disable(0)\n"


def ran(command: list[str], source: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, "-c", source],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("package", PROGRAMS)
def test_it_serves(package, way):
    command, before = WAYS[way]
    done = ran(command, before + PROGRAMS[package])
    assert (done.returncode, done.stdout, done.stderr) == (0, "b'served'\n", "")


@pytest.mark.parametrize("package", PROGRAMS)
def test_it_serves_if_it_was_imported_before(package):
    done = ran([sys.executable], LATE.format(package=package) + PROGRAMS[package])
    assert (done.returncode, done.stdout, done.stderr) == (0, "b'served'\n", "")
