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
talking = threading.Lock()
over = threading.Event()


def say(*words):
    """Print a line. Handlers may outlive the console, and an interpreter that ends must not meet them printing."""
    with talking:
        if not over.is_set():
            print(*words, flush=True)


class Talk(socketserver.StreamRequestHandler):
    timeout = 300

    def handle(self):
        with lock:
            number = next(numbers)
            clients[number] = self.request
        say(f"{number} is here")
        try:
            for line in self.rfile:
                say(f"{number}: {line.decode('utf-8', 'replace').rstrip()}")
        except OSError as error:
            say(f"{number} is lost: {error}")
        finally:
            with lock:
                del clients[number]
            say(f"{number} has gone")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def answer(line):
    number, _, text = line.rstrip("\n").partition(" ")
    with lock:
        client = clients.get(int(number)) if number.isdigit() else None
    if client is None:
        say("nobody has the number", number)
        return
    try:
        client.sendall(f"{text}\n".encode())
    except OSError as error:
        say(f"{number} is lost: {error}")


port = int(sys.argv[1]) if len(sys.argv) > 1 else 0

with Server(("127.0.0.1", port), Talk) as server:
    say("listening on port", server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        answer(line)
    server.shutdown()
with talking:
    over.set()
    print("bye", flush=True)
