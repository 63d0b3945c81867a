"""The upload of the socket tutorials, as they have it: a header, then recv(20480) in a loop. They have no way back;
here it is the same loop the other way round.

files_tutorial.py serve ROOT | files_tutorial.py call HOST PORT get|put FROM TO
"""

import json
import os
import socket
import socketserver
import struct
import sys
import time
from pathlib import Path

CHUNK = 20480


def say(sock, what):
    header = json.dumps(what).encode()
    sock.sendall(struct.pack("i", len(header)) + header)


def exactly(sock, count):
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def hear(sock):
    return json.loads(exactly(sock, struct.unpack("i", exactly(sock, 4))[0]))


def send(sock, path):
    left = os.path.getsize(path)
    say(sock, {"filename": os.path.basename(path), "filesize": left})
    with open(path, "rb") as file:
        while left:
            content = file.read(CHUNK)
            left -= len(content)
            sock.sendall(content)


def receive(sock, path):
    left = hear(sock)["filesize"]
    with open(path, "wb") as file:
        while left:
            content = sock.recv(CHUNK)
            left -= len(content)
            file.write(content)


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        wanted = hear(self.request)
        path = ROOT / wanted["name"]
        if wanted["operate"] == "upload":
            receive(self.request, path)
        else:
            send(self.request, path)


def call(host, port, what, source, target):
    begin, used = time.monotonic(), time.process_time()
    with socket.create_connection((host, int(port))) as sock:
        if what == "put":
            say(sock, {"operate": "upload", "name": target})
            send(sock, source)
            # The tutorial believes that all went well; here the other end is waited for.
            sock.shutdown(socket.SHUT_WR)
            sock.recv(1)
        else:
            say(sock, {"operate": "download", "name": source})
            receive(sock, target)
    spent = {"seconds": time.monotonic() - begin, "cpu_seconds": time.process_time() - used}
    print(json.dumps({"bytes": os.path.getsize(source if what == "put" else target), **spent}))


if sys.argv[1] == "serve":
    ROOT = Path(sys.argv[2])
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        print("listening on {}:{}".format(*server.server_address), flush=True)
        server.serve_forever()
else:
    call(*sys.argv[2:])
