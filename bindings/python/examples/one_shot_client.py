"""Asks one question. Usage: one_shot_client.py PORT"""

import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10) as connection:
    connection.sendall("how are you? 你好吗\n".encode())
    with connection.makefile("r", encoding="utf-8") as lines:
        print("answer:", lines.readline().strip())
