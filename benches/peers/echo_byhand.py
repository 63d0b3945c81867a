"""Framed echo over a plain blocking socket by hand: echo_byhand.py serve | call HOST PORT SIZE SECONDS"""

import socket

import dialogue
from byhand import Framed


def serve():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dialogue.listening(listener.getsockname())
        while True:
            sock, _ = listener.accept()
            with sock:
                connection = Framed(sock)
                while (message := connection.recv()) is not None:
                    connection.send(message)


def call(address, size, seconds):
    with socket.create_connection(address) as sock:
        connection = Framed(sock)
        dialogue.measure(connection.send, connection.recv, size, seconds)


if __name__ == "__main__":
    dialogue.main(serve, call)
