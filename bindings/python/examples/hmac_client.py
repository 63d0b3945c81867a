"""Proves the secret in CHAT_SECRET to the server and says a line. Usage: hmac_client.py PORT"""

import hashlib
import hmac
import os
import socket
import sys

SECRET = os.environ["CHAT_SECRET"].encode()

with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10) as connection:
    with connection.makefile("rb") as answers:
        challenge = answers.read(32)
        connection.sendall(hmac.new(SECRET, challenge, hashlib.sha256).hexdigest().encode())
        verdict = answers.readline().decode().strip()
        print(verdict)
        if verdict != "welcome":
            sys.exit(1)
        connection.sendall(b"connect success\n")
