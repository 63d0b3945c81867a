"""Echo over rustchat's framed, mutually authenticated connections.

    echo_rustchat.py serve | call HOST PORT SIZE SECONDS
"""

import dialogue

import rustchat

KEY = b"a key for the benchmark, 32 byte"


def serve():
    with rustchat.listen(("127.0.0.1", 0), secret=KEY) as listener:
        print("listening on {}:{}".format(*listener.address), flush=True)
        while True:
            with listener.accept() as connection:
                try:
                    while True:
                        connection.send(connection.recv())
                except (EOFError, ConnectionError):
                    pass


def call(address, size, seconds):
    with rustchat.connect(address, secret=KEY) as connection:
        dialogue.measure(connection.send, connection.recv, size, seconds)


if __name__ == "__main__":
    dialogue.main(serve, call)
