"""Sends each datagram back with the time behind its number. Usage: udp_time_server.py [PORT]

A request is a number, a space and text: the answer has the same number, so that the client knows which it is for.
"""

import sys
from socket import *
from time import ctime

LONGEST = 1024
port = int(sys.argv[1]) if len(sys.argv) > 1 else 0

with socket(AF_INET, SOCK_DGRAM) as sock:
    sock.bind(("127.0.0.1", port))
    print("listening on port", sock.getsockname()[1], flush=True)
    try:
        while True:
            data, client = sock.recvfrom(LONGEST + 1)
            number, _, text = data.partition(b" ")
            if len(data) > LONGEST or not number.isdigit():
                print("not a request:", len(data), "bytes", flush=True)
                continue
            print("client:", text.decode("utf-8", "replace"), flush=True)
            sock.sendto(b"%s [%s] %s" % (number, ctime().encode(), text), client)
    except KeyboardInterrupt:
        print("bye")
