"""Mutually authenticated connections of rustchat: handshake.py [--tls] serve | call HOST PORT SECONDS [AT ONCE]"""

import rustchat
from way import KEY, dialogue, options

TLS, WORDS = options("--tls")
TERMS = {"secret": KEY, **({"tls": True} if TLS else {})}


def serve():
    with rustchat.listen(("127.0.0.1", 0), **TERMS) as listener:
        dialogue.listening(listener.address)
        while True:
            listener.accept().close()


def call(address, seconds, at_once=1):
    dialogue.knock(lambda: rustchat.connect(address, **TERMS).close(), seconds, at_once)


if __name__ == "__main__":
    dialogue.main(serve, call, WORDS)
