"""Authenticated connections of multiprocessing.connection: serve | call HOST PORT SECONDS"""

from multiprocessing.connection import Client, Listener

import dialogue

KEY = b"a key for the benchmark, 32 byte"


def serve():
    with Listener(("127.0.0.1", 0), backlog=1024, authkey=KEY) as listener:
        dialogue.listening(listener.address)
        while True:
            listener.accept().close()


def call(address, seconds):
    dialogue.knock(lambda: Client(address, authkey=KEY).close(), seconds)


if __name__ == "__main__":
    dialogue.main(serve, call)
