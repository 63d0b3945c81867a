"""One-way messages over multiprocessing.connection: stream_multiprocessing.py serve | call HOST PORT SIZE SECONDS"""

from multiprocessing.connection import Client, Listener

import dialogue


def serve():
    with Listener(("127.0.0.1", 0)) as listener:
        dialogue.listening(listener.address)
        dialogue.serve_each(listener.accept, count)


def count(connection):
    with connection:
        count = 0
        while connection.recv_bytes() != dialogue.END:
            count += 1
        connection.send_bytes(str(count).encode())


def call(address, size, seconds):
    message = b"x" * size
    with Client(address) as connection:

        def send_one():
            connection.send_bytes(message)
            return 1

        def finish():
            connection.send_bytes(dialogue.END)
            return connection.recv_bytes()

        dialogue.pour(send_one, finish, seconds)


if __name__ == "__main__":
    dialogue.main(serve, call)
