"""A talk with any number of clients from one console: `2 good morning` answers client 2, `quit` ends the server.

Usage: threading_chat_server.py [PORT]

The console is read in one place, and an answer names whom it is for; with `input()` in the handlers an answer would
reach whichever of them happens to read first.
"""

import itertools
import socketserver
import sys
import threading

clients = {}
numbers = itertools.count(1)
lock = threading.Lock()


class Talk(socketserver.StreamRequestHandler):
    timeout = 300

    def handle(self):
        with lock:
            number = next(numbers)
            clients[number] = self.request
        print(f"{number} is here", flush=True)
        try:
            for line in self.rfile:
                print(f"{number}: {line.decode('utf-8', 'replace').rstrip()}", flush=True)
        except OSError as error:
            print(f"{number} is lost: {error}", flush=True)
        finally:
            with lock:
                del clients[number]
            print(f"{number} has gone", flush=True)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def answer(line):
    number, _, text = line.rstrip("\n").partition(" ")
    with lock:
        client = clients.get(int(number)) if number.isdigit() else None
    if client is None:
        print("nobody has the number", number, flush=True)
        return
    try:
        client.sendall(f"{text}\n".encode())
    except OSError as error:
        print(f"{number} is lost: {error}", flush=True)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 0

with Server(("127.0.0.1", port), Talk) as server:
    print("listening on port", server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        answer(line)
    server.shutdown()
print("bye")
