"""Echo for any number of clients, a thread for each. Usage: echo_server.py [PORT]"""

import socketserver
import sys


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.settimeout(60)
        print("somebody comes", flush=True)
        try:
            while data := self.request.recv(4096):
                self.request.sendall(data)
        except OSError as error:
            print("lost:", error, flush=True)
        print("somebody goes", flush=True)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True  # or a restart fails for a minute
    daemon_threads = True  # or Ctrl-C waits for every client


port = int(sys.argv[1]) if len(sys.argv) > 1 else 0

with Server(("127.0.0.1", port), Echo) as server:
    print("listening on port", server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("bye")
