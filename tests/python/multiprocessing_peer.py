"""One end of a dialogue of messages, with the standard library or rustchat, on any Python from 3.6 on.

multiprocessing_peer.py standard|rustchat|rustchat-md5 listen|connect ADDRESS KEY COUNT LARGEST

Prints the address when it listens, then "ok" or the classes of the exception that ended it.
"""

import sys

SIZES = [0, 1, 2, 3, 4, 15, 16, 20, 40, 255, 256, 257, 4095, 4096, 16383, 16384, 16385, 65535, 65536, 65537, 1 << 20]


def messages(count, largest):
    """The messages that each end sends, all different from their neighbours; the largest is in the middle."""
    block = memoryview(bytes(range(251)) * (largest // 251 + 3))
    for index in range(count):
        size = SIZES[index] if index < len(SIZES) else index * 7919 % 2000
        if index == count // 2:
            size = largest
        start = index % 251
        yield bytes(block[start : start + min(size, largest)])


def say(connection, count, largest):
    for message in messages(count, largest):
        connection.send_bytes(message)


def hear(connection, count, largest):
    for index, message in enumerate(messages(count, largest)):
        assert connection.recv_bytes() == message, f"message {index} of {len(message)} bytes"


def talk(connection, begins, count, largest):
    for step in (say, hear) if begins else (hear, say):
        step(connection, count, largest)
    for _ in range(min(count, 100)):
        if begins:
            connection.send_bytes(b"ping")
        assert connection.recv_bytes() == b"ping"
        if not begins:
            connection.send_bytes(b"ping")
    connection.send({"an": ["object", None, 1.5]})
    assert connection.recv() == {"an": ["object", None, 1.5]}


def end(connection, begins):
    """One end closes and the other one sees it."""
    if begins:
        connection.close()
        return
    try:
        connection.recv_bytes()
    except EOFError:
        return
    raise AssertionError("no end")


def main(face, role, address, key, count, largest):
    if face == "standard":
        from multiprocessing.connection import Client, Listener

        options = {}
    else:
        from rustchat.multiprocessing import Client, Listener

        options = {"allow_pickle": True, "allow_md5": face.endswith("md5")}
    host, _, port = address.rpartition(":")
    where = (host, int(port)) if port.isdigit() else address
    if role == "connect":
        with Client(where, authkey=key.encode(), **options) as connection:
            talk(connection, True, count, largest)
            end(connection, True)
    else:
        with Listener(where, authkey=key.encode(), **options) as listener:
            print(":".join(map(str, listener.address)) if port.isdigit() else listener.address, flush=True)
            with listener.accept() as connection:
                talk(connection, False, count, largest)
                end(connection, False)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:5], count=int(sys.argv[5]), largest=int(sys.argv[6]))
        print("ok")
    except Exception as error:
        print(*[kind.__name__ for kind in type(error).__mro__], "--", error)
