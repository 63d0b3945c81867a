"""The standard library's clients and servers over rustchat's sockets, from end to end, however early imported."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap

import pytest

PATIENCE = 60

PREPARE = """
import socketserver, threading

def serve(server):
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    def end():
        server.shutdown()
        server.server_close()
        thread.join(10)
    return end

def lines(greeting, *answers):
    # One client: an answer to each of its lines, and to the text behind 354 when a lone dot ends it.
    heard = []
    class Handler(socketserver.StreamRequestHandler):
        timeout = 20
        def handle(self):
            self.wfile.write(greeting)
            for before, answer in zip((greeting, *answers), answers):
                heard.append(self.rfile.readline())
                while before.startswith(b"354") and heard[-1] != b".\\r\\n":
                    heard.append(self.rfile.readline())
                self.wfile.write(answer)
    server = socketserver.TCPServer(("127.0.0.1", 0), Handler)
    return server, heard
"""

PROGRAMS = {
    "ssl": (
        "ssl",
        """
        import ssl, socket
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("certificate.pem")
        trusting = ssl.create_default_context(cafile="certificate.pem")
        listener = socket.create_server(("127.0.0.1", 0))
        def answer():
            plain, _ = listener.accept()
            assert type(plain) is socket.socket
            with context.wrap_socket(plain, server_side=True) as connection:
                connection.sendall(connection.recv(100).upper())
        thread = threading.Thread(target=answer)
        thread.start()
        with socket.create_connection(listener.getsockname(), 20) as plain:
            with trusting.wrap_socket(plain, server_hostname="localhost") as connection:
                assert plain.fileno() == -1
                connection.sendall(b"over tls")
                print(connection.recv(100), connection.version())
        thread.join(20)
        listener.close()
        """,
        "b'OVER TLS' TLSv1.3",
    ),
    "https": (
        "http.client http.server ssl urllib.request",
        """
        import http.server, ssl, urllib.request
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(self.path.encode())
            def log_message(self, *what): pass
        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("certificate.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        end = serve(server)
        trusting = ssl.create_default_context(cafile="certificate.pem")
        url = f"https://localhost:{server.server_address[1]}/secure"
        print(urllib.request.urlopen(url, context=trusting, timeout=20).read())
        end()
        """,
        "b'/secure'",
    ),
    "selectors": (
        "selectors",
        """
        import selectors, socket
        one, two = socket.socketpair()
        for kind in (selectors.SelectSelector, selectors.PollSelector, selectors.EpollSelector):
            with kind() as selector:
                selector.register(one, selectors.EVENT_READ, "one")
                assert selector.select(0) == []
                two.send(b"x")
                ((key, event),) = selector.select(20)
                print(key.data, key.fileobj is one, one.recv(1), event)
        """,
        "one True b'x' 1\none True b'x' 1\none True b'x' 1",
    ),
    "asyncio": (
        "asyncio",
        """
        import asyncio, socket
        class Echo(asyncio.DatagramProtocol):
            def connection_made(self, transport): self.transport = transport
            def datagram_received(self, data, address): self.transport.sendto(data.upper(), address)
        async def upper(reader, writer):
            async for line in reader:
                writer.write(line.upper())
            writer.close()
        async def main():
            loop = asyncio.get_running_loop()
            async with await asyncio.start_server(upper, "127.0.0.1", 0) as server:
                address = server.sockets[0].getsockname()
                reader, writer = await asyncio.open_connection(*address)
                print(type(writer.get_extra_info("socket")._sock) is socket.socket)
                writer.write(b"a stream\\n")
                print(await reader.readline())
                writer.close()
                await writer.wait_closed()
                with socket.socket() as sock:
                    sock.setblocking(False)
                    await loop.sock_connect(sock, address)
                    await loop.sock_sendall(sock, b"a socket\\n")
                    print(await loop.sock_recv(sock, 100))
            transport, _ = await loop.create_datagram_endpoint(Echo, ("127.0.0.1", 0))
            with socket.socket(type=socket.SOCK_DGRAM) as sock:
                sock.setblocking(False)
                await loop.sock_connect(sock, transport.get_extra_info("sockname"))
                sock.send(b"a datagram")
                print(await loop.sock_recv(sock, 100))
            transport.close()
        asyncio.run(asyncio.wait_for(main(), 30))
        """,
        "True\nb'A STREAM\\n'\nb'A SOCKET\\n'\nb'A DATAGRAM'",
    ),
    "http": (
        "http.client http.server",
        """
        import http.client, http.server, socket
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
        http.server.SimpleHTTPRequestHandler.log_message = lambda *what: None
        http.server.SimpleHTTPRequestHandler.protocol_version = "HTTP/1.1"
        server.daemon_threads = True
        end = serve(server)
        connection = http.client.HTTPConnection(*server.server_address, timeout=20)
        for path in ("/program.py", "/missing"):
            connection.request("GET", path)
            response = connection.getresponse()
            print(response.status, type(connection.sock), len(response.read()) > 300)
        connection.close()
        end()
        """,
        "200 <class 'socket.socket'> True\n404 <class 'NoneType'> True",
    ),
    "xmlrpc": (
        "xmlrpc.client xmlrpc.server",
        """
        from xmlrpc.client import Fault, ServerProxy
        from xmlrpc.server import SimpleXMLRPCServer
        server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False)
        server.register_function(divmod)
        end = serve(server)
        with ServerProxy("http://%s:%d" % server.server_address) as proxy:
            print(proxy.divmod(17, 5))
            try:
                proxy.divmod(1, 0)
            except Fault as error:
                print(error.faultString)
        end()
        """,
        "[3, 2]\n<class 'ZeroDivisionError'>:integer division or modulo by zero",
    ),
    "ftplib": (
        "ftplib",
        """
        import ftplib, socket
        listener = socket.create_server(("127.0.0.1", 0))
        def send(port):
            data, _ = listener.accept()
            with data: data.sendall(b"one file\\n" * 10000)
        threading.Thread(target=send, args=(0,)).start()
        port = listener.getsockname()[1]
        passive = b"227 ok (127,0,0,1,%d,%d)\\r\\n" % divmod(port, 256)
        server, heard = lines(b"220 hi\\r\\n", b"331 who?\\r\\n", b"230 in\\r\\n", b"200 binary\\r\\n", passive,
                              b"150 here\\r\\n226 done\\r\\n", b"221 bye\\r\\n")
        end = serve(server)
        with ftplib.FTP(timeout=20) as ftp:
            ftp.connect(*server.server_address)
            ftp.login()
            pieces = []
            ftp.retrbinary("RETR file", pieces.append)
            print(b"".join(pieces) == b"one file\\n" * 10000, heard[-1], type(ftp.sock) is socket.socket)
        end()
        listener.close()
        """,
        "True b'RETR file\\r\\n' True",
    ),
    "smtplib": (
        "smtplib",
        """
        import smtplib
        server, heard = lines(b"220 hi\\r\\n", b"250 hello\\r\\n", b"250 from\\r\\n", b"250 to\\r\\n",
                              b"354 go on\\r\\n", b"250 taken\\r\\n", b"221 bye\\r\\n")
        end = serve(server)
        with smtplib.SMTP(*server.server_address, local_hostname="here", timeout=20) as smtp:
            print(smtp.sendmail("ann@here", ["bob@there"], "Subject: hi\\n\\nhello"))
        print(heard[-4:-1])
        end()
        """,
        "{}\n[b'\\r\\n', b'hello\\r\\n', b'.\\r\\n']",
    ),
    "logging.handlers": (
        "logging.handlers",
        """
        import logging.handlers, pickle, queue, struct
        records = queue.Queue()
        class Stream(socketserver.StreamRequestHandler):
            def handle(self):
                while header := self.rfile.read(4):
                    records.put(pickle.loads(self.rfile.read(*struct.unpack("!I", header)))["msg"])
        class Datagram(socketserver.BaseRequestHandler):
            def handle(self):
                data, _ = self.request
                records.put(data if data.startswith(b"<") else pickle.loads(data[4:])["msg"])
        tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Stream)
        udp = socketserver.UDPServer(("127.0.0.1", 0), Datagram)
        unix = socketserver.UnixDatagramServer("log", Datagram)
        ends = [serve(server) for server in (tcp, udp, unix)]
        log = logging.getLogger("program")
        log.propagate = False
        for handler in (
            logging.handlers.SocketHandler(*tcp.server_address),
            logging.handlers.DatagramHandler(*udp.server_address),
            logging.handlers.SysLogHandler(udp.server_address),
            logging.handlers.SysLogHandler("log"),
        ):
            log.addHandler(handler)
            log.warning("watch out")
            print(records.get(timeout=20))
            log.removeHandler(handler)
            handler.close()
        for end in ends: end()
        """,
        "watch out\nwatch out\nb'<12>watch out\\x00'\nb'<12>watch out\\x00'",
    ),
}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for localhost with its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    path = folder / "certificate.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", path),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    path.write_text((folder / "key.pem").read_text() + path.read_text())
    return path


@pytest.mark.parametrize("way", ["rustchat run", "install() first", "install() last"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_over_our_sockets(name, way, certificate, tmp_path):
    imports, source, expected = PROGRAMS[name]
    source = PREPARE + textwrap.dedent(source)
    early = "".join(f"import {module}\n" for module in ("socket", "socketserver", *imports.split()))
    if way != "rustchat run":
        install = "import rustchat\nassert rustchat.install() == []\n"
        source = (install + source) if way == "install() first" else (early + install + source)
    source += "\nimport socket\nassert socket.__name__ == 'rustchat.socket'\n"
    shutil.copy(certificate, tmp_path)
    (tmp_path / "program.py").write_text(source)
    command = ["-m", "rustchat", "run"] if way == "rustchat run" else []
    done = subprocess.run(
        [sys.executable, *command, "program.py"], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE
    )
    assert (done.returncode, done.stderr, done.stdout.strip()) == (0, "", expected)
