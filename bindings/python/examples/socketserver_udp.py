"""Handlers of `socketserver` over UDP: a request is the datagram and the server's socket.

Usage: socketserver_udp.py [PORT]

It speaks to `udp_time_client.py`: the number in front of a request goes back with the answer.
"""

import socketserver
import sys


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request
        number, _, text = data.partition(b" ")
        print("client:", text.decode("utf-8", "replace"), flush=True)
        sock.sendto(number + b" " + text.upper(), self.client_address)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 0

with socketserver.UDPServer(("127.0.0.1", port), Handler) as server:
    print("listening on port", server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("bye")
