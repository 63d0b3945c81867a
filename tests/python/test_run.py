"""``rustchat run``: a program behaves as under `python`, to the last byte of what it prints."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

PATIENCE = 30
PYTHON = [sys.executable]
RUSTCHAT = [sys.executable, "-m", "rustchat", "run"]
SCRIPT = [str(Path(sys.executable).with_name("rustchat")), "run"]


def run(command, *words, cwd, said="", **environment):
    done = subprocess.run(
        [*command, *map(str, words)],
        input=said,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=cwd,
        env={**os.environ, **environment},
    )
    return done.returncode, done.stdout, done.stderr


def same(tmp_path, *words, said="", **environment):
    """What all ways to run it have in common."""
    expected = run(PYTHON, *words, cwd=tmp_path, said=said, **environment)
    for command in (RUSTCHAT, SCRIPT):
        assert run(command, *words, cwd=tmp_path, said=said, **environment) == expected
    return expected


def write(tmp_path, name, source):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(source))
    return path


SELF = """
import inspect, pickle, sys
import __main__
class Thing: pass
def function(): pass
print(sys.argv, sys.path[0], __name__, __file__, __package__, __spec__ and __spec__.name, type(__loader__).__name__)
print(sorted(vars(__main__)))
print(type(pickle.loads(pickle.dumps(Thing()))) is Thing, __main__.Thing is Thing)
print(inspect.getsource(function))
"""


def test_a_script_knows_itself(tmp_path):
    write(tmp_path, "folder/script.py", SELF)
    code, output, _ = same(tmp_path, "folder/script.py", "-m", "--help", "--", "a b", "-x=1")
    assert code == 0
    assert output.startswith("['folder/script.py', '-m', '--help', '--', 'a b', '-x=1'] " + str(tmp_path / "folder"))
    (tmp_path / "link.py").symlink_to("folder/script.py")
    same(tmp_path, "link.py")
    same(tmp_path, tmp_path / "folder/script.py")


def test_a_module_knows_itself(tmp_path):
    write(tmp_path, "package/__init__.py", "")
    write(tmp_path, "package/__main__.py", SELF)
    write(tmp_path, "package/part.py", SELF)
    for name in ("package", "package.part"):
        code, output, _ = same(tmp_path, "-m", name, "-c", "-h")
        assert code == 0
        assert name in output
    assert same(tmp_path, "-mpackage.part")[0] == 0
    assert same(tmp_path, "-m", "package.none")[0] == 1
    assert same(tmp_path, "-m", "nothing_of_that_name")[0] == 1


def test_folders_and_zip_files(tmp_path):
    source = "import sys, socket; print(sys.argv, sys.path[0], __name__, __package__); 1 / 0"
    write(tmp_path, "folder/__main__.py", source)
    with zipfile.ZipFile(tmp_path / "program.zip", "w") as archive:
        archive.writestr("__main__.py", source)
    assert same(tmp_path, "folder", "x")[0] == 1
    assert same(tmp_path, "program.zip", "x")[0] == 1
    write(tmp_path, "empty/other.py", source)
    assert same(tmp_path, "empty")[0] == 1


def test_code_on_the_command_line(tmp_path):
    same(tmp_path, "-c", "import sys; print(sys.argv, repr(sys.path[0]), sorted(globals()), __name__)", "-c", "x")
    same(tmp_path, "-cprint(1)")
    code, output, _ = run(RUSTCHAT, "-c", "import socket, socketserver; print(socket, socketserver)", cwd=tmp_path)
    assert code == 0
    assert "rustchat.socket'" in output and "rustchat.socketserver'" in output


LOADED = "import sys; print(*sys.modules)"
HEAVY = {"argparse", "asyncio", "enum", "gc", "inspect", "logging", "re", "rustchat._rustchat", "selectors", "select"}
HEAVY |= {"socket", "_socket", "socketserver", "ssl", "threading", "typing", "collections", "runpy", "contextlib"}


def test_only_what_the_program_asks_for_is_loaded_when_it_asks(tmp_path):
    plain = set(run(PYTHON, "-c", LOADED, cwd=tmp_path)[1].split())
    script = write(tmp_path, "loaded.py", LOADED)
    for words in (("-c", LOADED), (script,)):
        # As the command: what `-m` wants of the interpreter comes before anything of ours.
        command = write(tmp_path, "bin/rustchat", "from rustchat.__main__ import main; main()")
        new = set(run([*PYTHON, command, "run"], *words, cwd=tmp_path)[1].split()) - plain
        assert not new & HEAVY, new & HEAVY
        assert len(new) <= 13, new


@pytest.mark.parametrize(
    "words", [["-m", "rustchat"], ["-mrustchat"], ["-Bm", "rustchat"], ["-B", "-X", "dev", "-m", "rustchat"]]
)
def test_it_is_known_by_its_command_line(words, tmp_path):
    code = "import sys; print('rustchat._rustchat' in sys.modules, *sys.argv[1:])"
    assert run([sys.executable, *words, "run"], "-c", code, "run", cwd=tmp_path) == (0, "False run\n", "")
    write(tmp_path, "run.py", "import rustchat, sys; print('rustchat._rustchat' in sys.modules)")
    for other in (["run.py", "run"], ["-m", "run", "run"], ["-c", "import run", "run"]):
        assert run([sys.executable, *other], cwd=tmp_path) == (0, "True\n", "")


NAMES = """
import inspect
import rustchat
assert set(rustchat.__all__) <= set(dir(rustchat))
for name in rustchat.__all__:
    value = getattr(rustchat, name)
    print(name, value.__module__ if callable(value) else type(value).__name__)
try:
    rustchat.nothing
except AttributeError as error:
    print(error)
from rustchat import *
assert ChatServer is rustchat.ChatServer and errors.Error is Error and inspect.ismodule(frame)
with ChatServer(port=0) as server, ChatClient(*server.address) as client:
    client.send("hello")
    print(client.recv(timeout=20).text)
"""


def test_a_program_finds_everything_of_rustchat(tmp_path):
    """Here its names are loaded one by one, elsewhere at once."""
    assert same(tmp_path, write(tmp_path, "script.py", NAMES))[0] == 0


def test_a_program_may_patch_what_sockets_are_built_on(tmp_path):
    """As gevent and eventlet do, before anything has taken it."""
    code = """
        import select, selectors
        class Mine(selectors.SelectSelector): pass
        selectors.PollSelector = selectors.DefaultSelector = Mine
        import socketserver, asyncio
        print(socketserver._ServerSelector is Mine, socketserver.selectors.DefaultSelector is Mine)
    """
    script = write(tmp_path, "script.py", code)
    assert same(tmp_path, script) == (0, "True True\n", "")


def test_a_program_on_the_standard_input(tmp_path):
    assert same(tmp_path, "-", "x", said="import sys\nprint(sys.argv, repr(sys.path[0]))\n")[0] == 0


ENDINGS = {
    "normal": "print('done')",
    "exit": "raise SystemExit",
    "none": "raise SystemExit(None)",
    "number": "import sys; sys.exit(7)",
    "large": "raise SystemExit(2**40 + 3)",
    "negative": "raise SystemExit(-1)",
    "true": "raise SystemExit(True)",
    "tuple": "raise SystemExit(1, 2)",
    "derived": "class Leave(SystemExit): pass\nraise Leave(5)",
    "in_finally": "try:\n    1 / 0\nfinally:\n    raise SystemExit(4)",
    "in_thread": "import threading, sys\nthread = threading.Thread(target=sys.exit, args=(3,))\n"
    "thread.start(); thread.join()",
    "at_once": "import os; os._exit(9)",
    "text": "import sys; sys.exit('what went wrong')",
    "error": "def inner():\n    raise ValueError('oops')\ninner()",
    "chained": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise OSError('second') from error",
    "group": "raise ExceptionGroup('several', [ValueError(1), OSError(2)])",
    "refused": "import socket\nsocket.create_connection(('127.0.0.1', 1), 5)",
    "ours": "import rustchat\nraise rustchat.StateError('not now')",
    "value": "raise ValueError('no argument of the command line')",
    "syntax": "print('never')\nx = = 1",
    "indentation": "if True:\nprint('never')",
    "imported_syntax": "import bad",
    "base": "class Own(BaseException): pass\nraise Own('neither error nor exit')",
    "null": "compile(chr(0), 'here', 'exec')",
    "broken_repr": "class Own(Exception):\n    def __str__(self): 1 / 0\nraise Own",
    "broken_pipe": "import os, sys\nread, write = os.pipe()\nos.close(read)\nos.write(write, b'x')",
    "interrupt": "raise KeyboardInterrupt",
    "signal": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "hook": "import sys\nsys.excepthook = lambda *what: print('hook', what[0], what[2].tb_lineno)\n1 / 0",
    "atexit": "import atexit; atexit.register(print, 'bye'); 1 / 0",
    "thread": "import threading, time\n"
    "threading.Thread(target=lambda: (threading.main_thread().join(), print('later'))).start()\n1 / 0",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_end_is_the_same(tmp_path, ending):
    write(tmp_path, "script.py", ENDINGS[ending])
    write(tmp_path, "bad.py", "def half(:")
    code, _, errors = same(tmp_path, "script.py")
    assert "rustchat/" not in errors
    if ending == "interrupt":
        assert code == -signal.SIGINT


def test_a_missing_script(tmp_path):
    assert same(tmp_path, "missing.py")[0] == 2


def test_stdin_is_the_programs(tmp_path):
    write(tmp_path, "script.py", "print([input('> '), input()])\nimport sys\nprint(sys.stdin.read())")
    assert same(tmp_path, "script.py", said="one\ntwo\nthree\nfour")[0] == 0


def test_modules_beside_the_script_are_found(tmp_path):
    write(tmp_path, "folder/script.py", "import helper\nprint(helper.__file__)\nhelper.fail()")
    write(tmp_path, "folder/helper.py", "def fail():\n    raise RuntimeError('here')")
    assert same(tmp_path, "folder/script.py")[0] == 1
    assert same(tmp_path, "folder/script.py", PYTHONSAFEPATH="1")[0] == 1


def test_a_script_named_socket_beside_it_does_not_get_in_the_way(tmp_path):
    write(tmp_path, "socket.py", "raise RuntimeError('the script beside')")
    write(tmp_path, "sub/x.py", "")
    write(tmp_path, "script.py", "import socket; print(socket.socket)")
    assert run(RUSTCHAT, tmp_path / "script.py", cwd=tmp_path / "sub")[:2] == (0, "<class 'socket.socket'>\n")


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_finds_main(tmp_path, method):
    write(
        tmp_path,
        "script.py",
        """
        import multiprocessing, sys
        class Thing:
            def __init__(self, value): self.value = value
        def work(thing): return Thing(thing.value * 2)
        if __name__ == "__main__":
            with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
                print([thing.value for thing in pool.map(work, [Thing(1), Thing(2)])])
        """,
    )
    assert same(tmp_path, "script.py", method) == (0, "[2, 4]\n", "")


def test_wrong_use_is_said_in_one_line(tmp_path):
    for words, said in [((), "SCRIPT"), (("-m",), "-m"), (("-c",), "-c"), (("-z", "x"), "-z")]:
        code, _, errors = run(RUSTCHAT, *words, cwd=tmp_path)
        assert code == 2
        assert said in errors.splitlines()[-1]
    assert "rustchat run SCRIPT" in run(RUSTCHAT, "--help", cwd=tmp_path)[1]


def test_ctrl_c_while_it_waits(tmp_path):
    write(
        tmp_path,
        "script.py",
        """
        import socket
        with socket.create_server(("127.0.0.1", 0)) as server:
            print("waiting", flush=True)
            server.accept()
        """,
    )
    ends = []
    for command in (PYTHON, RUSTCHAT):
        process = subprocess.Popen(
            [*command, "script.py"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, text=True
        )
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
        ends.append((process.returncode, errors.splitlines()[-1]))
    assert ends == [(-signal.SIGINT, "KeyboardInterrupt")] * 2


DAEMONS = """
import socket, socketserver, threading
server = socket.create_server(("127.0.0.1", 0))
timed = socket.create_server(("127.0.0.1", 0))
timed.settimeout(60)
one, two = socket.socketpair()
lines = two.makefile("r")
udp = socket.socket(type=socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
servers = socketserver.ThreadingTCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler)

def speak():
    near, far = socket.socketpair()
    while True:
        near.sendall(b"x" * 1000)
        far.recv(1000)

def come_and_go():
    while True:
        with socket.create_connection(servers.server_address) as connection:
            connection.recv(1)

def expire():
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.0001)
        while True:
            try:
                sock.recvfrom(1)
            except TimeoutError:
                pass

for call in (server.accept, timed.accept, lambda: one.recv(1), lambda: udp.recvfrom(1), lines.readline, speak, speak,
             servers.serve_forever, come_and_go, expire):
    threading.Thread(target=call, daemon=True).start()
pairs = [socket.socketpair() for _ in range(20)]
for near, _ in pairs:
    threading.Thread(target=near.recv, args=(1,), daemon=True).start()
for _, far in pairs:
    far.close()
"""


def test_daemon_threads_in_calls_do_not_disturb_the_end(tmp_path):
    """Waiting, working and just woken: the interpreter takes itself away from under each of them."""
    write(tmp_path, "script.py", DAEMONS)
    for _ in range(10):
        assert run(RUSTCHAT, "script.py", cwd=tmp_path) == (0, "", "")
