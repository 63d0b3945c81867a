"""Framed echo over a blocking socket by hand, plain or through ssl.

echo_byhand.py [--tls] serve | call HOST PORT SIZE SECONDS
"""

import socket
import sys

import dialogue
import secure
from byhand import Framed

TLS = "--tls" in sys.argv


def serve():
    context = secure.server() if TLS else None
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dialogue.listening(listener.getsockname())
        while True:
            sock, _ = listener.accept()
            with context.wrap_socket(sock, server_side=True) if context else sock as sock:
                connection = Framed(sock)
                while (message := connection.recv()) is not None:
                    connection.send(message)


def call(address, size, seconds):
    with socket.create_connection(address) as sock:
        connection = Framed(secure.client().wrap_socket(sock) if TLS else sock)
        dialogue.measure(connection.send, connection.recv, size, seconds)
        connection.sock.close()


if __name__ == "__main__":
    dialogue.main(serve, call, [word for word in sys.argv[1:] if word != "--tls"])
