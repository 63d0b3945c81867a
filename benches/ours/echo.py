"""Framed echo over rustchat's connections: echo.py [--tls] [--no-polling] serve | call HOST PORT SIZE SECONDS"""

import rustchat
from way import KEY, dialogue, options

NO_POLLING, TLS, WORDS = options("--no-polling", "--tls")
TERMS = {**({"polling": 0} if NO_POLLING else {}), **({"tls": True, "secret": KEY} if TLS else {})}


def serve():
    with rustchat.listen(("127.0.0.1", 0), **TERMS) as listener:
        dialogue.listening(listener.address)
        while True:
            with listener.accept() as connection:
                try:
                    while True:
                        connection.send(connection.recv())
                except (EOFError, ConnectionError):
                    pass


def call(address, size, seconds):
    with rustchat.connect(address, **TERMS) as connection:
        dialogue.measure(connection.send, connection.recv, size, seconds)


if __name__ == "__main__":
    dialogue.main(serve, call, WORDS)
