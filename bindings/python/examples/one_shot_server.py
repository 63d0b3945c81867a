"""One client, one question, one answer. Usage: one_shot_server.py [PORT]"""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 0

with socket.create_server(("127.0.0.1", port)) as server:
    print("listening on port", server.getsockname()[1], flush=True)
    server.settimeout(60)
    connection, _ = server.accept()
    with connection, connection.makefile("r", encoding="utf-8") as lines:
        connection.settimeout(10)
        print("asked:", lines.readline().strip())
        connection.sendall("fine, and you? 很好\n".encode())
