"""The drop-ins beside packages that hold the standard socket module by ways of their own.

Each case is a program in an interpreter of its own, with the package imported before install() and after it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap

import pytest

PATIENCE = 50

REFUSED = """
import sys
import {package}
{patch}
before = dict(vars(sys.modules["socket"]))
import rustchat
try:
    rustchat.install()
except rustchat.InstallError as error:
    print(*error.modules)
else:
    print("not refused")
import socket
assert {{key: value for key, value in vars(socket).items() if before.get(key) is not value}} == {{}}
assert not any("rustchat" in type(finder).__module__ for finder in sys.meta_path)
"""


def run(command: list[str], source: str, *words: object) -> str:
    """What a program prints; it prints nothing else and ends well."""
    done = subprocess.run(
        [*command, "-c", textwrap.dedent(source), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


PYTHON = [sys.executable]
RUSTCHAT = [sys.executable, "-m", "rustchat", "run"]
WAYS = {"python": (PYTHON, ""), "install": (PYTHON, "import rustchat; rustchat.install()\n"), "run": (RUSTCHAT, "")}


@pytest.fixture(params=WAYS)
def program(request):
    """Runs a program under plain Python, after install() and under `rustchat run`."""
    command, before = WAYS[request.param]
    return lambda source, *words: run(command, before + textwrap.dedent(source), *words)


@pytest.mark.parametrize(
    ("package", "patch", "named"),
    [
        ("uvloop", "", "uvloop.loop"),
        ("trio", "", "trio._socket"),
        ("gevent.monkey", "gevent.monkey.patch_all()", "gevent._socket3"),
        ("gevent.monkey", "gevent.monkey.patch_socket(dns=False)", "gevent._socket3"),
        ("eventlet", "eventlet.monkey_patch()", "eventlet.greenio.base"),
        ("socks", "import socket; socket.socket = socks.socksocket", "socks"),
    ],
)
def test_install_after_it_is_refused(package, patch, named):
    assert named in run(PYTHON, REFUSED.format(package=package, patch=patch)).split()


STRANGER = """
import asyncio, os, socket, uvloop
async def main():
    loop = asyncio.get_running_loop()
    near, far = socket.socketpair()
    near.setblocking(False)
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=near)
    number = near.fileno()
    near.close()
    # Whoever opens something gets the lowest number that is free.
    read, write = os.pipe()
    strangers = [read, write]
    print("the number is taken" if number in strangers else "the transport keeps it")
    transport.write(b"for the peer alone")
    far.settimeout(10)
    print(far.recv(100))
    transport.close()
    for descriptor in strangers:
        os.close(descriptor)
    far.close()
uvloop.install()
asyncio.run(main())
"""


def test_uvloop_keeps_the_descriptors_of_what_it_writes_to(program):
    assert program(STRANGER).splitlines() == ["the transport keeps it", "b'for the peer alone'"]


UVLOOP = """
import asyncio, socket, uvloop
async def echo(reader, writer):
    while data := await reader.read(1000):
        writer.write(data)
        await writer.drain()
    writer.close()
async def main():
    listening = socket.create_server(("127.0.0.1", 0))
    server = await asyncio.start_server(echo, sock=listening)
    sock = socket.create_connection(listening.getsockname())
    reader, writer = await asyncio.open_connection(sock=sock)
    writer.write(b"hello")
    print(await reader.readexactly(5))
    writer.close()
    loop = asyncio.get_running_loop()
    with socket.socket() as plain:
        plain.setblocking(False)
        await loop.sock_connect(plain, listening.getsockname())
        await loop.sock_sendall(plain, b"again")
        print(await loop.sock_recv(plain, 100))
    server.close()
uvloop.install()
asyncio.run(main())
"""


def test_uvloop_serves(program):
    assert program(UVLOOP).split() == ["b'hello'", "b'again'"]


def test_uvloop_knows_sockets_that_come_after_uninstall():
    run(PYTHON, "import rustchat; rustchat.install(); import uvloop; rustchat.uninstall()\n" + STRANGER)


TRIO = """
import trio
async def echo(stream):
    async for data in stream:
        await stream.send_all(data)
async def main():
    near, far = trio.socket.socketpair()
    with near, far:
        await near.send(b"hello")
        print(await far.recv(100))
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(trio.serve_tcp, echo, 0)
        address = listeners[0].socket.getsockname()
        async with await trio.open_tcp_stream("127.0.0.1", address[1]) as stream:
            await stream.send_all(b"again")
            print(await stream.receive_some(100))
        udp = trio.socket.socket(type=trio.socket.SOCK_DGRAM)
        with udp:
            await udp.bind(("127.0.0.1", 0))
            await udp.sendto(b"datagram", udp.getsockname())
            print((await udp.recvfrom(100))[0])
        nursery.cancel_scope.cancel()
trio.run(main)
"""


def test_trio_serves(program):
    assert program(TRIO).split() == ["b'hello'", "b'again'", "b'datagram'"]


def test_trio_takes_both_kinds_after_uninstall():
    before = "import rustchat; rustchat.install(); import trio; rustchat.uninstall()\n"
    assert run(PYTHON, before + TRIO).split() == ["b'hello'", "b'again'", "b'datagram'"]


PROXY = """
import socket, threading

def relay(server):
    # A SOCKS5 proxy for one connection, which answers for the other side.
    sock, _ = server.accept()
    with sock, sock.makefile("rb") as stream:
        stream.read(stream.read(2)[1])
        sock.sendall(bytes([5, 0]))
        kind = stream.read(4)[3]
        name = stream.read(stream.read(1)[0] if kind == 3 else 4)
        stream.read(2)
        sock.sendall(bytes([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
        while stream.readline().strip():
            pass
        sock.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\nConnection: close\\r\\n\\r\\n" % len(name))
        sock.sendall(name)

proxy = socket.create_server(("127.0.0.1", 0))
port = proxy.getsockname()[1]
thread = threading.Thread(target=relay, args=(proxy,), daemon=True)
thread.start()
"""

SOCKS = (
    PROXY
    + """
import socks
sock = socks.socksocket()
sock.settimeout(10)
sock.set_proxy(socks.SOCKS5, "127.0.0.1", port)
sock.connect(("somewhere.invalid", 80))
assert isinstance(sock, socket.socket)
sock.sendall(b"GET /\\r\\n\\r\\n")
with sock, sock.makefile("rb") as stream:
    print(stream.read().splitlines()[-1])
thread.join(10)
proxy.close()
"""
)

REQUESTS = (
    PROXY
    + """
import requests
with requests.Session() as session:
    session.trust_env = False
    session.proxies = {"http": f"socks5h://127.0.0.1:{port}"}
    print(session.get("http://somewhere.invalid/", timeout=10).content)
thread.join(10)
proxy.close()
"""
)

QUIET = "import logging; logging.disable()\n"


@pytest.mark.parametrize("source", [SOCKS, REQUESTS], ids=["socks", "requests"])
def test_a_proxy_by_a_derived_class(program, source):
    assert program(source) == "b'somewhere.invalid'\n"


@pytest.mark.parametrize("source", [SOCKS, REQUESTS], ids=["socks", "requests"])
@pytest.mark.parametrize("package", ["socks", "requests"])
def test_a_proxy_by_a_class_that_was_derived_before(package, source):
    before = f"import {package}, rustchat\nprint(*rustchat.install())\n"
    lines = run(PYTHON, QUIET + before + source).splitlines()
    assert lines == ["socks._BaseSocket socks.socksocket", "b'somewhere.invalid'"]


# One waits for what another says: over a blocked hub nothing is said.
GREEN = """
import socket, ssl, sys, select, selectors
server = socket.create_server(("127.0.0.1", 0))
def serve():
    sock, _ = server.accept()
    with sock:
        while data := sock.recv(100):
            pause()
            sock.sendall(data[::-1])
spawn(serve)
with socket.create_connection(server.getsockname(), timeout=10) as sock:
    sock.sendall(b"olleh")
    print(sock.recv(100))
near, far = socket.socketpair()
with near, far:
    near.settimeout(10)
    spawn(lambda: (pause(), far.sendall(b"pair")))
    print(near.recv(100))
context = ssl.create_default_context(cafile=sys.argv[1])
trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
trusted.load_cert_chain(sys.argv[1])
secure = socket.create_server(("127.0.0.1", 0))
def serve_tls():
    sock, _ = secure.accept()
    with trusted.wrap_socket(sock, server_side=True) as sock:
        pause()
        sock.sendall(sock.recv(100)[::-1])
spawn(serve_tls)
raw = socket.socket()
raw.settimeout(10)
with context.wrap_socket(raw, server_hostname="localhost") as sock:
    sock.connect(secure.getsockname())
    sock.sendall(b"slt")
    print(sock.recv(100))
secure.close()
server.close()
"""

GEVENT = "import gevent.monkey; gevent.monkey.patch_all()\nfrom gevent import spawn, sleep as pause\n" + GREEN
EVENTLET = "import eventlet; eventlet.monkey_patch()\nfrom eventlet import spawn, sleep as pause\n" + GREEN


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A file with a certificate for localhost and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate")
    whole = tmp_path_factory.mktemp("certificate") / "both.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", whole.with_suffix(".key"), "-out", whole),
        ],
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    whole.write_bytes(whole.with_suffix(".key").read_bytes() + whole.read_bytes())
    return whole


@pytest.mark.parametrize("source", [GEVENT, EVENTLET], ids=["gevent", "eventlet"])
def test_green_threads_and_their_tls(program, source, certificate):
    assert program(source, certificate).split() == ["b'hello'", "b'pair'", "b'tls'"]


@pytest.mark.parametrize("package", ["gevent", "eventlet"])
def test_green_modules_that_patch_nothing_go_on_beside_install(package):
    """Imported before install(), and used by their own names."""
    source = f"""
        import logging; logging.disable()
        import {package}
        from {package} import spawn, sleep as pause
        {"from gevent import socket, ssl" if package == "gevent" else "from eventlet.green import socket, ssl"}
        import rustchat
        rustchat.install()
        near, far = socket.socketpair()
        near.settimeout(10)
        spawn(lambda: (pause(), far.sendall(b"pair")))
        print(near.recv(100))
        near.close()
        far.close()
        import socket
        assert socket.__name__ == "rustchat.socket"
    """
    assert run(PYTHON, source) == "b'pair'\n"
