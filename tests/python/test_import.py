"""`import rustchat` loads all of it: a program may give up its rights before it uses any."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

ALONE = """
import sys
import rustchat
sys.path.clear()
sys.path_hooks.clear()
sys.path_importer_cache.clear()
sys.meta_path.clear()
"""
"""From here on nothing can be imported that is not there, built-in modules among it."""

USES = {
    "chat": """
        with rustchat.ChatServer(port=0, secret="open sesame") as server:
            with rustchat.ChatClient(*server.address, secret="open sesame") as client:
                client.send("hello")
                assert client.recv(20).text == "hello" and client.address in [each.address for each in server.clients]
                repr(server.stats()), server.clients[0].joined
    """,
    "tls": """
        both = {"secret": "what only the two of them know", "tls": True}
        with rustchat.ChatServer(port=0, **both) as server:
            with rustchat.ChatClient(*server.address, **both) as client:
                client.send("hello")
                assert client.recv(20).text == "hello" and client.peer_pin == server.pin
            for wrong in (rustchat.TLS(pin="00" * 32), object()):
                try:
                    rustchat.ChatClient(*server.address, tls=wrong).start()
                except (rustchat.AuthenticationError, TypeError):
                    pass
    """,
    "hooks that fail": """
        class Broken(rustchat.ChatServer):
            def on_message(self, client, text):
                raise LookupError(text)
        with Broken(port=0) as server, rustchat.ChatClient(*server.address) as client:
            client.send("hello")
            try:
                client.recv(20)
            except rustchat.Error as error:
                assert "hello" not in str(error)
    """,
    "connections": """
        with rustchat.listen(("127.0.0.1", 0), secret="open sesame") as listener:
            with rustchat.connect(listener.address, secret="open sesame") as near, listener.accept(20) as far:
                near.send(b"hello")
                assert far.recv(20) == b"hello"
            try:
                listener.accept(0.01)
            except rustchat.TimeoutError:
                pass
        try:
            rustchat.connect(("localhost", 1), timeout=20)
        except rustchat.Error:
            pass
    """,
    "sockets": """
        from rustchat import socket
        with socket.create_server(("127.0.0.1", 0)) as server:
            with socket.create_connection(("localhost", server.getsockname()[1])) as near:
                far, address = server.accept()
                with far, far.makefile("r") as lines:
                    near.sendall("hällo\\n".encode())
                    assert lines.readline() == "hällo\\n"
                    near.send_frame(b"whole")
                    assert far.recv_frame() == b"whole"
        socket.getaddrinfo("127.0.0.1", "80"), socket.gethostname(), repr(far), socket.AF_INET
        left, right = socket.socketpair()
        with left, right:
            socket.send_fds(left, [b"x"], [left.fileno()])
            socket.recv_fds(right, 1, 1)
            left.settimeout(0.01)
            try:
                left.recv(1)
            except TimeoutError:
                pass
    """,
    "socketserver": """
        from rustchat import socket, socketserver
        import threading
        class Echo(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(self.rfile.readline())
        for kind in (socketserver.ThreadingTCPServer, socketserver.PoolTCPServer):
            with kind(("127.0.0.1", 0), Echo) as server:
                thread = threading.Thread(target=server.serve_forever)
                thread.start()
                with socket.create_connection(server.server_address) as client, client.makefile("r") as lines:
                    client.sendall(b"hello\\n")
                    assert lines.readline() == "hello\\n"
                server.shutdown()
                thread.join(20)
    """,
    "frames": """
        decoder = rustchat.frame.Decoder("line")
        assert decoder.feed(rustchat.frame.encode(b"hello", "line")) == [b"hello"]
        try:
            rustchat.frame.encode(b"hello", limit=1)
        except rustchat.MessageTooLong:
            pass
    """,
    "auth": """
        import threading
        from rustchat import auth, socket
        key = auth.generate_key()
        assert auth.verify(key, b"challenge", auth.respond(key, b"challenge"))
        near, far = socket.socketpair()
        with near, far:
            thread = threading.Thread(target=auth.shake_hands, args=(far, auth.ServerHandshake(key)))
            thread.start()
            assert auth.shake_hands(near, auth.ClientHandshake(key)) == b""
            thread.join(20)
    """,
    "multiprocessing": """
        import threading
        from rustchat.multiprocessing import Client, Listener
        with Listener(("127.0.0.1", 0), authkey=b"open sesame", allow_pickle=True) as listener:
            def serve():
                with listener.accept() as connection:
                    connection.send(connection.recv_bytes())
            thread = threading.Thread(target=serve)
            thread.start()
            with Client(listener.address, authkey=b"open sesame", allow_pickle=True) as client:
                client.send_bytes(b"hello")
                assert client.poll(20) and client.recv() == b"hello"
            thread.join(20)
    """,
    "install": """
        for _ in range(2):
            assert rustchat.install() == []
            import socket, socketserver
            assert socket.__name__ == "rustchat.socket" and socketserver.__name__ == "rustchat.socketserver"
            with socket.create_server(("127.0.0.1", 0)) as server:
                assert isinstance(server, socket.socket)
            rustchat.uninstall()
        import socket
        assert socket.__name__ == "socket"
    """,
    "install too late": """
        import socket
        held = [socket.socket.recv]
        try:
            rustchat.install()
        except rustchat.InstallError as error:
            assert error.places
    """,
}


@pytest.mark.parametrize("use", USES)
def test_nothing_is_loaded_later(use):
    program = ALONE + textwrap.dedent(USES[use])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    assert "Error: " not in done.stderr.replace("LookupError: hello", ""), done.stderr


MISSING = """
import pkgutil, sys
import rustchat
names = {each.name for each in pkgutil.iter_modules(rustchat.__path__, "rustchat.")}
names |= {each.name for each in pkgutil.iter_modules(rustchat.socketserver.__path__, "rustchat.socketserver.")}
print(*sorted(names - set(sys.modules) - {"rustchat.__main__", "rustchat.aio", "rustchat.cli", "rustchat.testing"}))
"""


def test_every_module_is_loaded():
    """Except those of the command line, of event loops and of tests, which programs that need them import."""
    done = subprocess.run([sys.executable, "-c", MISSING], capture_output=True, text=True, timeout=50)
    assert (done.stdout, done.stderr) == ("\n", "")


WITH_A_LOOP = """
import sys
if sys.argv[1] == "trio":
    import trio
import rustchat.aio
sys.path.clear()
sys.path_hooks.clear()
sys.path_importer_cache.clear()
sys.meta_path.clear()
async def main():
    async with rustchat.aio.listen(("127.0.0.1", 0)) as listener:
        async with rustchat.aio.connect(listener.address) as near, await listener.accept() as far:
            await near.send(b"hello")
            assert await far.recv() == b"hello"
if sys.argv[1] == "trio":
    trio.run(main)
else:
    import asyncio
    asyncio.run(main())
"""


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_what_an_event_loop_needs_is_loaded_with_rustchat_aio(loop):
    done = subprocess.run([sys.executable, "-c", WITH_A_LOOP, loop], capture_output=True, text=True, timeout=50)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_name_that_it_has_not():
    import rustchat

    with pytest.raises(AttributeError, match="module 'rustchat' has no attribute 'nothing'"):
        _ = rustchat.nothing
