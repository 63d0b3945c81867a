"""One-way messages over rustchat's connections, a call for each, or with --many 64 KiB of them in one.

stream.py [--many] serve | call HOST PORT SIZE SECONDS
"""

import rustchat
from way import dialogue, options

MANY, WORDS = options("--many")
# Bytes given to one call of send_many.
BATCH = 64 << 10


def serve():
    with rustchat.listen(("127.0.0.1", 0)) as listener:
        dialogue.listening(listener.address)
        dialogue.serve_each(listener.accept, answer)


def answer(connection):
    with connection:
        connection.send(str((count_many if MANY else count)(connection)).encode())


def count(connection):
    count = 0
    while connection.recv() != dialogue.END:
        count += 1
    return count


def count_many(connection):
    count = 0
    while True:
        messages = connection.recv_many(1024)
        # Each of them is looked at, as a program would.
        for message in messages:
            if message == dialogue.END:
                return count
            count += 1


def call(address, size, seconds):
    message = b"x" * size
    batch = [message] * max(1, BATCH // size)
    with rustchat.connect(address) as connection:

        def send_one():
            connection.send(message)
            return 1

        def finish():
            connection.send(dialogue.END)
            return connection.recv()

        dialogue.pour((lambda: connection.send_many(batch)) if MANY else send_one, finish, seconds)


if __name__ == "__main__":
    dialogue.main(serve, call, WORDS)
