"""Handlers of `socketserver` over TCP: what a handler knows of its client. Usage: socketserver_tcp.py [PORT]"""

import socket
import socketserver
import sys


class Handler(socketserver.BaseRequestHandler):
    def setup(self):
        self.request.settimeout(60)

    def handle(self):
        connection: socket.socket = self.request
        assert connection.getpeername() == self.client_address
        assert connection.getsockname() == self.server.server_address
        print("from", self.client_address[0], connection.type.name, flush=True)
        while data := connection.recv(1024):
            connection.sendall(data.upper())

    def finish(self):
        print("finished", flush=True)


socketserver.TCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer.daemon_threads = True
port = int(sys.argv[1]) if len(sys.argv) > 1 else 0

with socketserver.ThreadingTCPServer(("127.0.0.1", port), Handler) as server:
    print("listening on port", server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("bye")
