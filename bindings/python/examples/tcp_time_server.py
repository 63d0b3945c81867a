"""Sends each line back with the time in front. Usage: tcp_time_server.py [PORT]"""

import sys
from socket import *
from socketserver import StreamRequestHandler, ThreadingTCPServer
from time import ctime


class Stamp(StreamRequestHandler):
    timeout = 60

    def handle(self):
        self.request.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        for line in self.rfile:
            print("client:", line.decode("utf-8", "replace").strip(), flush=True)
            self.wfile.write(b"[%s] %s" % (ctime().encode(), line))


ThreadingTCPServer.allow_reuse_address = True
ThreadingTCPServer.daemon_threads = True
port = int(sys.argv[1]) if len(sys.argv) > 1 else 0

with ThreadingTCPServer(("127.0.0.1", port), Stamp) as server:
    print("listening on port", server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("bye")
