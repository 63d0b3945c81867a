"""Asks the datagram server, again when an answer is lost; an empty line ends it. Usage: udp_time_client.py PORT"""

import sys
from socket import *

ATTEMPTS, PATIENCE = 5, 1.0


def ask(sock, number, text):
    for _ in range(ATTEMPTS):
        sock.send(b"%d %s" % (number, text.encode()))
        try:
            while True:
                got, _, answer = sock.recv(2048).partition(b" ")
                if got == b"%d" % number:  # and not a late answer to an earlier one
                    return answer.decode("utf-8", "replace")
        except timeout:
            continue
    raise SystemExit(f"no answer after {ATTEMPTS} attempts")


with socket(AF_INET, SOCK_DGRAM) as sock:
    sock.connect(("127.0.0.1", int(sys.argv[1])))  # from now on nobody else's datagrams are received
    sock.settimeout(PATIENCE)
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            break
        print("server:", ask(sock, number, line.strip()), flush=True)
