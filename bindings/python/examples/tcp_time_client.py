"""Sends lines and shows them as they come back, stamped; an empty line ends it. Usage: tcp_time_client.py PORT"""

import sys
from socket import *

with socket(AF_INET, SOCK_STREAM) as sock:
    sock.settimeout(10)
    sock.connect(("127.0.0.1", int(sys.argv[1])))
    answers = sock.makefile("r", encoding="utf-8")
    for line in sys.stdin:
        if not line.strip():
            break
        sock.sendall(line.encode())
        answer = answers.readline()
        if not answer:
            break
        print("server:", answer.strip(), flush=True)
    answers.close()
