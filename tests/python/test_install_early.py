"""rustchat.install() beside what holds the standard socket module already: it is replaced, or named, or refused."""

from __future__ import annotations

import json
import textwrap

import pytest
from conftest import run_script

EARLY = """
import json, logging, sys
logging.getLogger("rustchat.install").addHandler(logging.NullHandler())
sys.path.insert(0, sys.argv[1])
import early, socket
standard = lambda: sys.modules["rustchat._standard"].known["socket"]
before = early.socket
def refused():
    import rustchat
    try:
        rustchat.install()
    except rustchat.InstallError as error:
        return error
"""

# What is known of it afterwards: a name of the module `early`, and what holds the standard class, or something of it.
OUT_OF_REACH = {
    "list": ("KINDS", "KINDS = [socket.socket]"),
    "tuple": ("KINDS", "KINDS = (int, socket.socket)"),
    "set": ("KINDS", "KINDS = {socket.socket}"),
    "dictionary": ("KINDS", "KINDS = {'tcp': {'make': socket.socket}}"),
    "key": ("KINDS", "KINDS = {socket.socket: 'socket'}"),
    "class_in_c": ("KINDS", "KINDS = [socket.SocketType]"),
    "object": ("thing", "class Thing:\n    def __init__(self): self.kind = socket.socket\nthing = Thing()"),
    "slots": ("thing", "class Thing:\n    __slots__ = 'kind',\nthing = Thing(); thing.kind = socket.socket"),
    "union": ("Either", "Either = socket.socket | int"),
    "closure": (
        "make.<locals>.inner()",
        "def make(kind):\n    def inner(x): return isinstance(x, kind)\n    return inner\ninner = make(socket.socket)",
    ),
    "method_in_closure": (
        "make.<locals>.inner()",
        "def make(send):\n    def inner(*x): return send(*x)\n    return inner\ninner = make(socket.socket.send)",
    ),
    "module_in_closure": (
        "make.<locals>.inner()",
        "def make():\n    import socket\n    def inner(x): return isinstance(x, socket.socket)\n    return inner\n"
        "inner = make()",
    ),
    "decorated": (
        "wrap.<locals>.inner()",
        "def wrap(call):\n    def inner(*x): return call(*x)\n    return inner\n"
        "class Wrapped:\n    send = staticmethod(wrap(socket.socket.send))",
    ),
    "method_in_list": ("METHODS", "METHODS = [socket.socket.recv]"),
    "method_of_python": ("METHODS", "METHODS = {'accept': socket.socket.accept}"),
    "method_in_class": ("Holder.send", "class Holder:\n    send = socket.socket.send"),
    "method_in_default": ("send()", "def send(x, call=socket.socket.send): return call(x)"),
    "method_in_partial": ("send", "import functools\nsend = functools.partial(socket.socket.send)"),
    "argument_in_partial": ("check", "import functools\ncheck = functools.partial(issubclass, socket.socket)"),
    "generator": (
        "generate()",
        "def generate(kind):\n    while True: yield kind\nheld = generate(socket.socket); next(held)",
    ),
    "thread": (
        "wait()",
        "import threading\ngo, there = threading.Event(), threading.Event()\n"
        "def wait(kind):\n    there.set(); go.wait(20)\n"
        "threading.Thread(target=wait, args=(socket.socket,), daemon=True).start(); there.wait(20)",
    ),
}


def early(tmp_path, source: str, script: str) -> str:
    """Run a script beside a module that imports socket first."""
    (tmp_path / "early.py").write_text("import socket\n" + source + "\n")
    done = run_script(EARLY + textwrap.dedent(script), tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


@pytest.mark.parametrize("case", OUT_OF_REACH)
def test_what_is_out_of_reach_is_refused_and_nothing_is_changed(case, tmp_path):
    name, source = OUT_OF_REACH[case]
    output = early(
        tmp_path,
        source,
        """
        import rustchat
        error = refused()
        print(json.dumps([error.places, error.modules, str(error)]))
        assert sys.modules["socket"] is early.socket is before is socket
        assert not any("rustchat" in type(finder).__module__ for finder in sys.meta_path)
        left = rustchat.install(force=True)
        import socket
        assert socket.__name__ == early.socket.__name__ == "rustchat.socket"
        assert rustchat.install() == left, "what was forced once is not refused again"
        rustchat.uninstall()
        import socket
        assert socket is before is early.socket
        """,
    )
    places, modules, sentence = json.loads(output)
    assert any(place.startswith(f"early.{name}") for place in places), places
    assert modules == ["early"]
    assert "early." in sentence and "force=True" in sentence and "rustchat run" in sentence


STAYING = {
    "derived": ("Mine", "class Mine(socket.socket):\n    pass"),
    "derived_twice": ("Mine", "class Base(socket.socket):\n    pass\nclass Mine(Base):\n    pass"),
    "attribute": ("Holder.make", "class Holder:\n    make = socket.socket"),
    "default": ("make()", "def make(kind=socket.socket): return kind()"),
    "partial": ("make", "import functools\nmake = functools.partial(socket.socket, socket.AF_UNIX)"),
    "function_in_list": ("CALLS", "CALLS = [socket.create_connection]"),
    "function_in_partial": ("dial", "import functools\ndial = functools.partial(socket.create_connection, timeout=5)"),
    "function_in_closure": (
        "make.<locals>.inner()",
        "def make(call):\n    def inner(*x): return call(*x)\n    return inner\ninner = make(socket.create_server)",
    ),
    "function_of_object": ("thing", "class Thing: pass\nthing = Thing(); thing.dial = socket.create_connection"),
}


@pytest.mark.parametrize("case", STAYING)
def test_what_makes_sockets_stays_and_is_named(case, tmp_path):
    name, source = STAYING[case]
    output = early(tmp_path, source, "import rustchat\nprint(json.dumps(rustchat.install()))")
    assert f"early.{name}" in json.loads(output)


HARMLESS = {
    "annotation": "def send(sock: socket.socket) -> socket.socket: pass",
    "annotated_class": "class Holder:\n    sock: socket.socket",
    "annotated_module": "sock: socket.socket",
    "dataclass": "import dataclasses\n@dataclasses.dataclass\nclass Holder:\n    sock: socket.socket",
    "sentinel": "def dial(timeout=socket._GLOBAL_DEFAULT_TIMEOUT): pass",
    "constant": "FAMILIES = [socket.AF_INET, socket.gaierror, socket.timeout, socket.inet_aton]",
    "socket": "one, two = socket.socketpair()\none.close(); two.close()",
    "bound": "one, two = socket.socketpair()\nsend = one.send\none.close(); two.close()",
    "name": "from socket import socket as kind, create_connection, SocketType",
    "method_name": "send, accept = socket.socket.send, socket.socket.accept",
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_is_replaced_or_describes_is_not_named(case, tmp_path):
    early(tmp_path, HARMLESS[case], "import rustchat\nassert rustchat.install() == []")


def test_methods_in_names_do_for_sockets_of_both_kinds(tmp_path):
    early(
        tmp_path,
        "send, recv, accept, kind = socket.socket.send, socket.socket.recv, socket.socket.accept, socket.socket",
        """
        old = socket.socketpair()
        import rustchat
        rustchat.install()
        import socket
        for one, two in (old, socket.socketpair()):
            assert early.send(one, b"hello") == 5
            assert early.recv(two, 10) == b"hello"
            assert isinstance(one, early.kind)
            one.close(); two.close()
        """,
    )


def test_local_variables_of_who_calls_are_seen(tmp_path):
    output = early(
        tmp_path,
        "",
        """
        import rustchat
        def main():
            import socket
            try:
                rustchat.install()
            except rustchat.InstallError as error:
                print(error.places)
        main()
        def other():
            kinds = [socket.socket]
            rustchat.install()
        try:
            other()
        except rustchat.InstallError as error:
            print(error.places)
        """,
    )
    assert output.splitlines() == ["['__main__.main() socket']", "['__main__.other() kinds']"]


def test_code_that_belongs_to_no_module_gets_ours(tmp_path):
    early(
        tmp_path,
        "",
        """
        import rustchat
        space = {"__name__": "elsewhere"}
        exec("import socket; from socket import socket as kind\\ndef make(): return kind()", space)
        assert rustchat.install() == []
        import socket
        with space["make"]() as made:
            assert space["socket"] is socket and type(made) is socket.socket
        rustchat.uninstall()
        assert space["socket"] is before
        """,
    )


def test_what_others_put_into_the_standard_module_is_not_taken_back(tmp_path):
    for source in (
        "class Mine(socket.socket): pass\nsocket.socket = Mine",
        "def create_connection(*x): pass\nsocket.create_connection = create_connection",
    ):
        output = early(
            tmp_path,
            source,
            """
            error = refused()
            print(error.places, error.modules)
            assert sys.modules["socket"] is before
            """,
        )
        assert "early (as socket." in output and "['early']" in output


def test_a_derived_class_goes_on_beside_ours(tmp_path):
    """What it was derived from is called by a name, by super() and through the class."""
    early(
        tmp_path,
        """
original = socket.socket

class Mine(socket.socket):
    def __init__(self, *arguments, **named):
        original.__init__(self, *arguments, **named)
        self.calls = 0

    def send(self, data, *rest):
        self.calls += 1
        return original.send(self, data, *rest)

    def sendall(self, data, *rest):
        self.calls += 1
        return super().sendall(data, *rest)

    def close(self):
        socket.socket.close(self)
""",
        """
        import rustchat
        assert rustchat.install() == ["early.Mine"]
        import socket
        with socket.create_server(("127.0.0.1", 0)) as server, early.Mine() as mine:
            mine.settimeout(10)
            mine.connect(server.getsockname())
            assert isinstance(mine, socket.socket) and issubclass(early.Mine, socket.socket)
            assert isinstance(mine, socket.SocketType)
            far, _ = server.accept()
            with far, mine.makefile("rb") as lines:
                assert mine.send(b"one\\n") == 4
                mine.sendall(b"two\\n")
                assert far.recv(100) == b"one\\ntwo\\n" and mine.calls == 2
                far.sendall(b"three\\n")
                assert lines.readline() == b"three\\n"
        assert mine.fileno() == -1
        """,
    )


def test_it_may_be_called_before_anything_and_loads_nothing(tmp_path):
    done = run_script("""
import sys
import rustchat
before = set(sys.modules)
assert rustchat.install() == []
assert set(sys.modules) == before
import socketserver
assert socketserver.__name__ == "rustchat.socketserver" and "ssl" not in sys.modules
import socket, ssl
assert socket.__name__ == "rustchat.socket"
assert ssl.SSLSocket.__mro__[1].__module__ == "socket" and ssl.SSLSocket.__mro__[1] is not socket.socket
assert ssl.socket_error is OSError and ssl.cert_time_to_seconds("Jan  5 09:34:43 2018 GMT")
assert ssl.__spec__.name == "ssl" and ssl.__file__.endswith("ssl.py") and ssl.__builtins__
rustchat.uninstall()
import socket, socketserver, http.server
assert socket.__name__ == "socket" and socketserver.__name__ == "socketserver"
assert socket.socket is ssl.SSLSocket.__mro__[1] and http.server.socketserver is socketserver
rustchat.install(); rustchat.uninstall(); rustchat.install()
import socket
assert socket.__name__ == "rustchat.socket" and http.server.socketserver.__name__ == "rustchat.socketserver"
""")
    assert (done.returncode, done.stderr) == (0, "")


def test_threads_that_import_it_at_once_get_the_same(tmp_path):
    done = run_script("""
import rustchat, threading, sys
sys.setswitchinterval(1e-6)
rustchat.install()
ready, found = threading.Barrier(12), []
def load(number):
    ready.wait(20)
    if number % 3 == 0:
        import socket
    elif number % 3 == 1:
        import ssl, socket
    else:
        import socketserver, socket
    found.append(socket)
threads = [threading.Thread(target=load, args=(number,)) for number in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join(20)
assert len(found) == 12 and {module.__name__ for module in found} == {"rustchat.socket"}, found
""")
    assert (done.returncode, done.stderr) == (0, "")
