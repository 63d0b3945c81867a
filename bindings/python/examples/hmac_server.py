"""Lets in only clients that know the secret: a challenge, and its HMAC as the answer. Usage: hmac_server.py [PORT]

The secret is in the variable CHAT_SECRET. Challenge and answer have fixed lengths, so that nothing sticks to them; the
digests are compared in constant time. The client alone is checked: rustchat's own handshake proves both sides.
"""

import hashlib
import hmac
import os
import socketserver
import sys

SECRET = os.environ["CHAT_SECRET"].encode()


class Guarded(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self):
        challenge = os.urandom(32)
        self.wfile.write(challenge)
        expected = hmac.new(SECRET, challenge, hashlib.sha256).hexdigest().encode()
        if not hmac.compare_digest(self.rfile.read(len(expected)), expected):
            self.wfile.write(b"refused\n")
            print("refused", flush=True)
            return
        self.wfile.write(b"welcome\n")
        print("welcome:", self.rfile.readline().decode("utf-8", "replace").strip(), flush=True)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


port = int(sys.argv[1]) if len(sys.argv) > 1 else 0

with Server(("127.0.0.1", port), Guarded) as server:
    print("listening on port", server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("bye")
