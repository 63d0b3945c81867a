"""A threaded chat server of the kind at which beginners' socket tutorials arrive: a thread a client, a text file over
the socket, a dictionary under a lock, everybody written to under that lock.

Repaired is what would keep it from being measured: a client whose socket fails is removed; reading and writing use a
file each (writing to a text file opened 'rw' throws away the lines it has read ahead); the backlog is longer than 5.
There is no log line for a message, which is to its advantage.

    tutorial_server.py [PORT]
"""

import contextlib
import socket
import sys
import threading
import time

room, lock = {}, threading.Lock()


def welcome(door):
    while True:
        connection, address = door.accept()
        with lock:
            room[address] = connection, connection.makefile("w")
        threading.Thread(target=attend, args=(address, connection.makefile("r"))).start()


def attend(address, lines):
    while (line := read(lines)).strip() not in ("", "quit"):
        stamp = time.strftime("%Y/%m/%d %H:%M:%S")
        tell(f"{stamp} {address[0]}:{address[1]}\n{line.strip()}\n")
    with lock:
        leave(address)


def read(lines):
    try:
        return lines.readline()
    except (OSError, ValueError):
        return "quit"


def tell(message):
    with lock:
        for address, (_, member) in list(room.items()):
            try:
                member.write(message)
                member.flush()
            except (OSError, ValueError):
                leave(address)


def leave(address):
    """To be called with the lock held."""
    for closing in reversed(room.pop(address, ())):
        with contextlib.suppress(OSError):
            closing.close()


def main():
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0))
    door.listen(1024)
    print("listening on {}:{}".format(*door.getsockname()), flush=True)
    welcome(door)


if __name__ == "__main__":
    main()
