"""Says what is typed and shows the answers, in turns, until `exit`. Usage: loop_chat_client.py PORT"""

import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60) as connection:
    with connection.makefile("r", encoding="utf-8", errors="replace") as answers:
        for line in sys.stdin:
            try:
                connection.sendall(line.encode())
                if line.strip() == "exit":
                    break
                answer = answers.readline()
            except OSError:
                answer = ""
            if not answer:
                print("the server has gone")
                break
            print("server:", answer.rstrip("\n"), flush=True)
            if answer.strip() == "exit":
                break
