"""Sends lines and shows what comes back. Usage: echo_client.py PORT"""

import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10) as connection:
    with connection.makefile("r", encoding="utf-8") as answers:
        for line in sys.stdin:
            connection.sendall(line.encode())
            print(answers.readline(), end="", flush=True)
