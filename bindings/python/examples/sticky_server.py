"""Sticky packets, shown and cured: what was sent in three pieces arrives in one. Usage: sticky_server.py [PORT]

The first client is read with recv() alone. The second one sends the length before each message, and the server reads
exactly that many bytes. (A socket of rustchat does the same with send_frame() and recv_frame().)
"""

import socket
import struct
import sys
import time

LONGEST = 1 << 20


def receive_exactly(connection, length):
    data = bytearray()
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            raise EOFError(f"connection lost after {len(data)} of {length} bytes")
        data += piece
    return bytes(data)


def receive_message(connection):
    (length,) = struct.unpack("!I", receive_exactly(connection, 4))
    if length > LONGEST:
        raise ValueError(f"a message of {length} bytes; the limit is {LONGEST}")
    return receive_exactly(connection, length)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 0

with socket.create_server(("127.0.0.1", port)) as server:
    print("listening on port", server.getsockname()[1], flush=True)
    server.settimeout(60)

    connection, _ = server.accept()
    with connection:
        connection.settimeout(10)
        while len(connection.recv(1024, socket.MSG_PEEK)) < len(b"helloworldend"):  # for the show: until all is here
            time.sleep(0.01)
        print("recv:", connection.recv(1024))

    connection, _ = server.accept()
    with connection:
        connection.settimeout(10)
        for _ in range(3):
            print("message:", receive_message(connection))
