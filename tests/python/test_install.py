"""rustchat.install() and uninstall(): in the place of the standard modules, wherever they were imported before."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest
from conftest import run_script

# What a namespace of this kind holds is not a name of a module's, and stays what it is.
AWARE = """
import socket, socketserver
from types import SimpleNamespace
known = SimpleNamespace(socket=socket, socketserver=socketserver)
import rustchat, sys
assert sys.modules["socket"] is known.socket, "importing rustchat puts nothing in its place"
"""


def check(source: str, *arguments: object) -> str:
    done = run_script(AWARE + textwrap.dedent(source), *arguments)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def test_imports_after_it_get_ours_and_uninstall_restores_them():
    check("""
    import sys
    rustchat.install()
    import socket, socketserver
    from socket import socket as kind, create_connection
    assert socket is sys.modules["rustchat.socket"] is not known.socket
    assert socketserver is sys.modules["rustchat.socketserver"] is not known.socketserver
    assert kind is not known.socket.socket
    rustchat.uninstall()
    import socket, socketserver
    assert socket is known.socket and socketserver is known.socketserver
    """)


BEFORE = [
    "asyncio",
    "asyncio.selector_events",
    "asyncio.base_events",
    "ftplib",
    "http.client",
    "http.server",
    "imaplib",
    "logging.handlers",
    "multiprocessing.connection",
    "multiprocessing.reduction",
    "poplib",
    "smtplib",
    "urllib.request",
    "xmlrpc.server",
]


def test_modules_that_were_imported_before_hold_ours_and_uninstall_restores_everything():
    check(
        """
        import importlib, json, sys
        modules = [importlib.import_module(name) for name in json.loads(sys.argv[1])]
        def state():
            return {name: dict(vars(module)) for name, module in sys.modules.items() if name not in ("__main__",)}
        import rustchat.socket, rustchat.socketserver, ssl
        before = state()
        assert rustchat.install() == []
        ours = sys.modules["socket"]
        held = [module for module in modules if "socket" in vars(module)]
        assert len(held) > 8, held
        for module in held:
            assert module.socket is ours, module
        assert known.socketserver.socket is ours
        assert ssl.socket is known.socket.socket
        import http.server
        server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
        assert type(server.socket) is ours.socket
        server.server_close()
        rustchat.install()
        rustchat.uninstall()
        rustchat.uninstall()
        after = state()
        for name, names in before.items():
            for key, value in names.items():
                if not name.startswith("rustchat.drop_in"):
                    assert after[name].get(key) is value, (name, key)
        """,
        json.dumps(BEFORE),
    )


def test_names_that_were_imported_from_the_module_are_replaced(tmp_path):
    (tmp_path / "early.py").write_text("from socket import *\nfrom socket import socket as kind, SocketType\n")
    check(
        """
        import sys
        sys.path.insert(0, sys.argv[1])
        import early
        assert rustchat.install() == []
        import socket
        assert early.kind is early.socket is socket.socket is not known.socket.socket
        assert early.create_connection is socket.create_connection is not known.socket.create_connection
        assert early.AF_INET is known.socket.AF_INET
        rustchat.uninstall()
        assert early.kind is known.socket.socket and early.create_connection is known.socket.create_connection
        """,
        tmp_path,
    )


def test_what_cannot_be_replaced_is_named(tmp_path):
    (tmp_path / "early.py").write_text(
        "import socket\n"
        "class Mine(socket.socket):\n    pass\n"
        "class Holder:\n    make = socket.socket\n"
        "    def dial(self, connect=socket.create_connection):\n        pass\n"
        "def default(*, kind=socket.socket):\n    pass\n"
        "def harmless(timeout=socket._GLOBAL_DEFAULT_TIMEOUT):\n    pass\n"
    )
    done = run_script(
        AWARE + "import sys; sys.path.insert(0, sys.argv[1]); import early\nprint(rustchat.install())\nimport early",
        tmp_path,
    )
    places = ["early.Holder.dial()", "early.Holder.make", "early.Mine", "early.default()"]
    assert done.stdout == f"{places}\n"
    assert [line.split()[0] for line in done.stderr.splitlines()] == places


def test_modules_imported_in_between_and_of_others_keep_what_they_have(tmp_path):
    (tmp_path / "late.py").write_text("import socket\nfrom rustchat import socketserver\n")
    check(
        """
        import sys
        sys.path.insert(0, sys.argv[1])
        rustchat.install()
        ours = sys.modules["socket"]
        import late, ftplib
        assert late.socket is ftplib.socket is ours
        rustchat.uninstall()
        assert ftplib.socket is known.socket
        assert late.socketserver is sys.modules["rustchat.socketserver"]
        """,
        tmp_path,
    )


def test_without_ssl_it_does_without():
    check("""
    import sys
    sys.modules["ssl"] = sys.modules["_ssl"] = None
    rustchat.install()
    import socket
    assert socket is not known.socket
    """)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_what_a_child_sees(method, tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent("""
        import multiprocessing, sys
        import rustchat
        rustchat.install()
        import socket

        def child(pipe, sock):
            import socket
            sock.sendall(socket.__name__.encode())
            pipe.send(type(sock) is socket.socket)

        if __name__ == "__main__":
            context = multiprocessing.get_context(sys.argv[1])
            near, far = context.Pipe()
            one, two = socket.socketpair()
            process = context.Process(target=child, args=(far, two))
            process.start()
            one.settimeout(20)
            print(one.recv(100).decode(), near.recv())
            process.join(20)
            one.close(); two.close()
        """)
    )
    done = subprocess.run([sys.executable, script, method], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["rustchat.socket", "True"]
