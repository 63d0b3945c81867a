"""The guests nobody wants, all at once: one that never reads, one that sends half a line and stalls, one that resets
again and again, and many that connect and are silent. They take part until standard input ends.

    hostile.py HOST PORT [--silent N] [--never-read N]
"""

import argparse
import selectors
import socket
import struct
import sys
import time

RESET_PAUSE = 0.05


def connect(address, small_window=False):
    sock = socket.socket()
    if small_window:
        # The sooner the way to this peer is full, the sooner the server has to decide.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(address)
    return sock


def reset(address):
    """Joins, says something and vanishes with a reset instead of an end."""
    sock = connect(address)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.send(b"half of a line that is never")
    sock.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--silent", type=int, default=200)
    parser.add_argument("--never-read", type=int, default=1)
    args = parser.parse_args()
    address = (args.host, args.port)

    guests = [connect(address, small_window=True) for _ in range(args.never_read)]
    stalled = connect(address, small_window=True)
    stalled.send(b"the first half of a line")
    guests += [stalled] + [connect(address) for _ in range(args.silent)]
    print(f"{len(guests)} hostile peers", flush=True)

    resets = 0
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin, selectors.EVENT_READ)
        while not selector.select(RESET_PAUSE):
            try:
                reset(address)
                resets += 1
            except OSError:
                time.sleep(RESET_PAUSE)
    print(f"{resets} resets", flush=True)


if __name__ == "__main__":
    main()
