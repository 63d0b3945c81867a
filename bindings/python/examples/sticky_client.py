"""Sends three messages without saying where each ends, then three with their lengths. Usage: sticky_client.py PORT"""

import socket
import struct
import sys

address = ("127.0.0.1", int(sys.argv[1]))
messages = [b"hello", b"world", b"end"]

with socket.create_connection(address, timeout=10) as connection:
    for message in messages:
        connection.sendall(message)
    connection.recv(1)  # until the server has read and closed

with socket.create_connection(address, timeout=10) as connection:
    for message in messages:
        connection.sendall(struct.pack("!I", len(message)) + message)
    connection.recv(1)
print("sent", len(messages), "messages twice")
