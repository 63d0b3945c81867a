"""One-way framed messages over a plain socket, by hand: a send for each, or with --many 64 KiB at once.

stream_byhand.py [--many] serve | call HOST PORT SIZE SECONDS
"""

import socket
import sys

import dialogue
from byhand import Framed

# Bytes joined for one send.
BATCH = 64 << 10


def serve(many):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dialogue.listening(listener.getsockname())
        dialogue.serve_each(lambda: listener.accept()[0], answer_many if many else answer_one)


def answer_one(sock):
    answer(sock, count_received)


def answer_many(sock):
    answer(sock, count_iterated)


def answer(sock, count):
    with sock:
        connection = Framed(sock)
        connection.send(str(count(connection)).encode())


def count_received(connection):
    count = 0
    while connection.recv() != dialogue.END:
        count += 1
    return count


def count_iterated(connection):
    count = 0
    for message in connection:
        if message == dialogue.END:
            break
        count += 1
    return count


def call(many, address, size, seconds):
    with socket.create_connection(address) as sock:
        connection = Framed(sock)
        message = b"x" * size
        batch = [message] * max(1, BATCH // size)

        def send_one():
            connection.send(message)
            return 1

        def send_batch():
            connection.send_batch(batch)
            return len(batch)

        def finish():
            connection.send(dialogue.END)
            return connection.recv()

        dialogue.pour(send_batch if many else send_one, finish, seconds)


if __name__ == "__main__":
    words = sys.argv[1:]
    many = words[:1] == ["--many"]
    words = words[many:]
    dialogue.main(lambda: serve(many), lambda *arguments: call(many, *arguments), words)
