"""A dialogue with one client, in turns; each side says `exit` to end it. Usage: loop_chat_server.py [PORT]

What is said is a line: several that arrive at once stay apart, an empty one is one, too.
"""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 0

with socket.create_server(("127.0.0.1", port)) as server:
    print("listening on port", server.getsockname()[1], flush=True)
    connection, _ = server.accept()
    with connection, connection.makefile("r", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            text = line.rstrip("\n")
            print("client:", text, flush=True)
            if text == "exit":
                break
            answer = sys.stdin.readline().rstrip("\n") or "(nothing)"
            connection.sendall(f"{answer}\n".encode())
            if answer == "exit":
                break
print("the dialogue is over")
