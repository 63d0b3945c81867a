"""One small program for each package: it serves, is asked, and prints what came. WEB is what those of HTTP share."""

WEB = """
import http.client, socket, threading
def app(environ, start):
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"served"]
def fetch(address):
    connection = http.client.HTTPConnection(*address[:2], timeout=20)
    connection.request("GET", "/")
    print(connection.getresponse().read())
    connection.close()
"""

PROGRAMS = {
    "waitress": WEB
    + """
import waitress
server = waitress.create_server(app, host="127.0.0.1", port=0)
thread = threading.Thread(target=server.run, daemon=True)
thread.start()
fetch(server.socket.getsockname())
server.close()
""",
    "tornado": """
import asyncio, tornado.httpclient, tornado.netutil, tornado.httpserver, tornado.web
class Handler(tornado.web.RequestHandler):
    def get(self):
        self.write("served")
async def main():
    server = tornado.httpserver.HTTPServer(tornado.web.Application([("/", Handler)]))
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    answer = await tornado.httpclient.AsyncHTTPClient().fetch(f"http://127.0.0.1:{sockets[0].getsockname()[1]}/")
    print(answer.body)
    server.stop()
    await server.close_all_connections()
asyncio.run(main())
""",
    "twisted": """
from twisted.internet import protocol, reactor
class Echo(protocol.Protocol):
    def dataReceived(self, data):
        self.transport.write(data)
class Ask(protocol.Protocol):
    def connectionMade(self):
        self.transport.write(b"served")
    def dataReceived(self, data):
        print(data)
        self.transport.loseConnection()
    def connectionLost(self, reason):
        reactor.stop()
port = reactor.listenTCP(0, protocol.Factory.forProtocol(Echo), interface="127.0.0.1")
reactor.connectTCP("127.0.0.1", port.getHost().port, protocol.ClientFactory.forProtocol(Ask))
reactor.run()
""",
    "redis": """
import redis, socketserver, threading
class Redis(socketserver.StreamRequestHandler):
    def handle(self):
        while line := self.rfile.readline():
            words = []
            for _ in range(int(line[1:])):
                words.append(self.rfile.read(int(self.rfile.readline()[1:]) + 2).strip().upper())
            self.wfile.write({b"PING": b"+PONG\\r\\n", b"GET": b"$6\\r\\nserved\\r\\n"}.get(words[0], b"+OK\\r\\n"))
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
with Server(("127.0.0.1", 0), Redis) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = redis.Redis(*server.server_address, protocol=2, socket_timeout=20)
    assert client.ping()
    print(client.get("key"))
    client.close()
    server.shutdown()
""",
    "cheroot": WEB
    + """
import cheroot.wsgi
server = cheroot.wsgi.Server(("127.0.0.1", 0), app, numthreads=2)
server.prepare()
thread = threading.Thread(target=server.serve, daemon=True)
thread.start()
fetch(server.bind_addr)
server.stop()
thread.join(20)
""",
    "aiosmtpd": """
import aiosmtpd.controller, smtplib
class Handler:
    async def handle_DATA(self, server, session, envelope):
        print(envelope.content.strip())
        return "250 OK"
class Controller(aiosmtpd.controller.Controller):
    def _trigger_server(self):
        # It would connect to the port it was told, which is 0.
        with smtplib.SMTP(*self.server.sockets[0].getsockname(), timeout=20):
            pass
controller = Controller(Handler(), hostname="127.0.0.1", port=0)
controller.start()
with smtplib.SMTP(*controller.server.sockets[0].getsockname(), timeout=20) as client:
    client.sendmail("a@localhost", ["b@localhost"], "served")
controller.stop()
""",
    "pyftpdlib": """
import ftplib, io, logging, tempfile, threading
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import ThreadedFTPServer
logging.disable()
with tempfile.TemporaryDirectory() as folder:
    class Handler(FTPHandler):
        authorizer = DummyAuthorizer()
    Handler.authorizer.add_user("user", "secret", folder, perm="elradfmwMT")
    server = ThreadedFTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"timeout": 0.1, "handle_exit": False}, daemon=True)
    thread.start()
    with ftplib.FTP(timeout=20) as client:
        client.connect(*server.address)
        client.login("user", "secret")
        client.storbinary("STOR file", io.BytesIO(b"served"))
        lines = []
        client.retrbinary("RETR file", lines.append)
    print(b"".join(lines))
    server.close_all()
    thread.join(20)
""",
    "paramiko": """
import paramiko, socket, threading
class Server(paramiko.ServerInterface):
    def check_auth_password(self, name, word):
        return paramiko.AUTH_SUCCESSFUL if word == "secret" else paramiko.AUTH_FAILED
    def get_allowed_auths(self, name):
        return "password"
    def check_channel_request(self, kind, number):
        return paramiko.OPEN_SUCCEEDED
listening = socket.create_server(("127.0.0.1", 0))
def serve():
    sock, _ = listening.accept()
    with paramiko.Transport(sock) as transport:
        transport.add_server_key(paramiko.RSAKey.generate(2048))
        transport.start_server(server=Server())
        channel = transport.accept(20)
        channel.sendall(channel.recv(100)[::-1])
        channel.recv(1)
thread = threading.Thread(target=serve, daemon=True)
thread.start()
with paramiko.Transport(listening.getsockname()) as client:
    client.connect(username="user", password="secret")
    channel = client.open_session(timeout=20)
    channel.sendall(b"devres")
    print(channel.recv(100))
thread.join(20)
listening.close()
""",
    "urllib3": """
import http.server, threading, urllib3
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"served")
    def log_message(self, *what): pass
with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with urllib3.PoolManager(timeout=20) as pool:
        for _ in range(3):
            answer = pool.request("GET", f"http://127.0.0.1:{server.server_address[1]}/")
    print(answer.data)
    server.shutdown()
""",
    "gunicorn": WEB
    + """
import gunicorn.app.base, os, signal, sys, tempfile, time
folder = tempfile.mkdtemp()
path = os.path.join(folder, "sock")
class Application(gunicorn.app.base.BaseApplication):
    def load_config(self):
        wanted = {"bind": "unix:" + path, "workers": 2, "loglevel": "critical", "control_socket_disable": True}
        for name, value in wanted.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)
    def load(self):
        return app
arbiter = os.getpid()
if os.fork() == 0:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(20)
                sock.connect(path)
                sock.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
                with sock.makefile("rb") as stream:
                    print(stream.read().splitlines()[-1], flush=True)
            break
        except (FileNotFoundError, ConnectionRefusedError):
            time.sleep(0.01)
    os.kill(arbiter, signal.SIGTERM)
    os._exit(0)
Application().run()
""",
    "websockets": """
import threading
from websockets.sync.client import connect
from websockets.sync.server import serve
def echo(websocket):
    for message in websocket:
        websocket.send(message[::-1])
with serve(echo, "127.0.0.1", 0) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with connect("ws://127.0.0.1:%d" % server.socket.getsockname()[1], proxy=None) as client:
        client.send(b"devres")
        print(client.recv(timeout=20))
    server.shutdown()
""",
}
