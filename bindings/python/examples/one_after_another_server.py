"""One client after another, without a restart; whoever breaks off makes room. Usage: one_after_another_server.py [PORT]

While one is served the others wait: `echo_server.py` serves them side by side.
"""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 0

with socket.create_server(("127.0.0.1", port)) as server:
    print("listening on port", server.getsockname()[1], flush=True)
    try:
        while True:
            connection, _ = server.accept()
            connection.settimeout(60)  # a silent client must not keep the next one waiting for ever
            with connection, connection.makefile("r", encoding="utf-8", errors="replace") as lines:
                try:
                    for line in lines:
                        print("client:", line.rstrip("\n"), flush=True)
                        if line.strip() == "exit":
                            break
                        connection.sendall(line.upper().encode())
                except OSError as error:
                    print("lost:", error, flush=True)
            print("next, please", flush=True)
    except KeyboardInterrupt:
        print("bye")
