"""Connections through ssl that prove a key to each other as multiprocessing.connection has it, a thread for each at the
server: handshake_ssl.py serve | call HOST PORT SECONDS [AT ONCE]"""

import socket
from multiprocessing.connection import answer_challenge, deliver_challenge

import dialogue
import secure
from byhand import Framed

KEY = b"a key for the benchmark, 32 byte"


class Prover(Framed):
    """What the standard library's challenges are sent with."""

    def __init__(self, sock):
        super().__init__(sock, 4096)
        self.send_bytes = self.send

    def recv_bytes(self, _longest):
        message = self.recv()
        if message is None:
            raise EOFError
        return message


def serve():
    context = secure.server()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    dialogue.listening(listener.getsockname())

    def answer(sock):
        with context.wrap_socket(sock, server_side=True) as sock:
            prover = Prover(sock)
            deliver_challenge(prover, KEY)
            answer_challenge(prover, KEY)

    dialogue.serve_each(lambda: listener.accept()[0], answer)


def call(address, seconds, at_once=1):
    context = secure.client()

    def connect():
        with context.wrap_socket(socket.create_connection(address)) as sock:
            prover = Prover(sock)
            answer_challenge(prover, KEY)
            deliver_challenge(prover, KEY)

    dialogue.knock(connect, seconds, at_once)


if __name__ == "__main__":
    dialogue.main(serve, call)
