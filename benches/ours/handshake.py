"""Mutually authenticated connections of rustchat: handshake.py serve | call HOST PORT SECONDS"""

import rustchat
from way import KEY, dialogue


def serve():
    with rustchat.listen(("127.0.0.1", 0), secret=KEY) as listener:
        dialogue.listening(listener.address)
        while True:
            listener.accept().close()


def call(address, seconds):
    dialogue.knock(lambda: rustchat.connect(address, secret=KEY).close(), seconds)


if __name__ == "__main__":
    dialogue.main(serve, call)
