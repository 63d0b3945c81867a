"""Serves exactly two clients, the second one waiting in the backlog meanwhile. Usage: two_accepts.py [PORT]"""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 0

with socket.create_server(("127.0.0.1", port), backlog=2) as server:
    print("listening on port", server.getsockname()[1], flush=True)
    server.settimeout(60)
    for which in ("first", "second"):
        connection, address = server.accept()
        with connection, connection.makefile("rb") as lines:
            connection.settimeout(10)
            assert connection.getpeername() == address
            assert connection.getsockname() == server.getsockname()
            print(f"the {which} says:", lines.readline().decode().strip(), flush=True)
            connection.sendall(f"you are the {which}\n".encode())
print("two were enough")
