"""rustchat.multiprocessing and the standard library of every Python on the machine, at either end.

By default a short dialogue with each; `make interop` runs the whole matrix: rustchat on every Python it supports, TCP
and Unix sockets, 10,000 messages each way of up to 64 MiB.
"""

import functools
import glob
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import rustchat

STANDARD = [f"3.{minor}" for minor in range(6, 15)]
OURS = [version for version in STANDARD if int(version[2:]) >= 11]
PEER = str(Path(__file__).with_name("multiprocessing_peer.py"))
PATIENCE = 50.0

short = [(version, "{}.{}".format(*sys.version_info)) for version in STANDARD]
whole = [(version, ours) for version in STANDARD for ours in OURS]


@functools.cache
def interpreter(version: str) -> str:
    """A Python of that version; without one the test is skipped."""
    here = sys.executable if version == "{}.{}".format(*sys.version_info) else None
    root = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    candidates = [here, shutil.which(f"python{version}"), *glob.glob(f"{root}/versions/{version}.*/bin/python")]
    for candidate in filter(None, candidates):
        probe = [candidate, "-c", "import multiprocessing.connection, sys; print('%d.%d' % sys.version_info[:2])"]
        found = subprocess.run(probe, capture_output=True, text=True, timeout=PATIENCE)
        if found.stdout.strip() == version:
            return candidate
    pytest.skip(f"no Python {version} on this machine")


def is_old(version: str) -> bool:
    """Whether it knows nothing but MD5."""
    return int(version[2:]) < 12


def start(python: str, face: str, *arguments: object) -> subprocess.Popen:
    environment = dict(os.environ)
    if face != "standard":
        environment["PYTHONPATH"] = str(Path(rustchat.__file__).parent.parent)
    command = [python, PEER, face, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def dialogue(listening, connecting, address, keys=("key", "key"), count=300, largest=1 << 20) -> list[str]:
    """What the two ends say in the end; each is a Python and a face."""
    with start(*listening, "listen", address, keys[0], count, largest) as server:
        try:
            where = server.stdout.readline().strip()
            with start(*connecting, "connect", where, keys[1], count, largest) as client:
                try:
                    said = client.communicate(timeout=PATIENCE)[0].strip()
                finally:
                    client.kill()
            if server.args[2] != "standard" and said != "ok":
                # Ours does not end with the first stranger.
                server.kill()
            return [server.communicate(timeout=PATIENCE)[0].strip(), said]
        finally:
            server.kill()


def place(transport: str, directory: Path) -> str:
    return "127.0.0.1:0" if transport == "tcp" else str(directory / "socket")


def pytest_generate_tests(metafunc):
    if "theirs" in metafunc.fixturenames:
        matrix = whole if metafunc.config.getoption("interop") else short
        metafunc.parametrize(("theirs", "ours"), matrix, ids=[f"{theirs}-rustchat-{ours}" for theirs, ours in matrix])
        transports = {"listen": "tcp", "connect": "unix"}
        cases = [(role, transport) for role in transports for transport in ("tcp", "unix")]
        if not metafunc.config.getoption("interop"):
            cases = list(transports.items())
        if "transport" in metafunc.fixturenames:
            metafunc.parametrize(("role", "transport"), cases, ids=["-".join(case) for case in cases])
        elif "role" in metafunc.fixturenames:
            metafunc.parametrize("role", list(transports))


def ends(role, theirs, ours, face):
    """The listening and the connecting end if ours has that role."""
    pair = [(interpreter(ours), face), (interpreter(theirs), "standard")]
    return pair if role == "listen" else pair[::-1]


def test_messages_pass_both_ways(theirs, ours, role, transport, tmp_path, pytestconfig):
    face = "rustchat-md5" if is_old(theirs) else "rustchat"
    sizes = {"count": 10_000, "largest": 64 << 20} if pytestconfig.getoption("interop") else {}
    assert dialogue(*ends(role, theirs, ours, face), place(transport, tmp_path), **sizes) == ["ok", "ok"]


def test_the_wrong_key_is_refused(theirs, ours, role):
    said = dialogue(*ends(role, theirs, ours, "rustchat-md5"), "127.0.0.1:0", keys=("right", "wrong"))
    assert said[1].startswith("AuthenticationError")
    assert said[0] == "" if role == "listen" else said[0].startswith("AuthenticationError")


def test_a_python_that_knows_only_md5_is_refused_unless_it_is_allowed(theirs, ours, role):
    if not is_old(theirs):
        pytest.skip("it knows SHA-256")
    said = dialogue(*ends(role, theirs, ours, "rustchat"), "127.0.0.1:0")
    assert said[1].startswith("AuthenticationError")
    assert said[0] == "" if role == "listen" else said[0].startswith("AuthenticationError")
