"""Echo over the standard library's multiprocessing.connection, authenticated.

echo_multiprocessing.py serve | call HOST PORT SIZE SECONDS
"""

from multiprocessing.connection import Client, Listener

import dialogue

KEY = b"a key for the benchmark"


def serve():
    with Listener(("127.0.0.1", 0), authkey=KEY) as listener:
        dialogue.listening(listener.address)
        while True:
            with listener.accept() as connection:
                try:
                    while True:
                        connection.send_bytes(connection.recv_bytes())
                except EOFError:
                    pass


def call(address, size, seconds):
    with Client(address, authkey=KEY) as connection:
        dialogue.measure(connection.send_bytes, connection.recv_bytes, size, seconds)


if __name__ == "__main__":
    dialogue.main(serve, call)
