"""The chat server at which the beginner's socket tutorials arrive: a thread a client, makefile, a dictionary, a lock.

Four repairs, without which it cannot be measured: a client whose socket fails is removed instead of staying in the
dictionary for ever; reading and writing use a file each (writing to a text file opened 'rw' throws away the lines it
has read ahead, so a client that sends two lines at once loses messages); the text goes out without a second line end;
and the backlog is longer than 5. The tutorial's log line for each message is left out, which is to its advantage.

    tutorial_server.py [PORT]
"""

import contextlib
import datetime
import logging
import socket
import sys
import threading

logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")


class ChatServer:
    def __init__(self, ip="127.0.0.1", port=60000):
        self.sock = socket.socket()
        self.addr = (ip, port)
        self.clients = {}
        self.event = threading.Event()
        self.lock = threading.Lock()

    def start(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind(self.addr)
        self.sock.listen(1024)
        self.addr = self.sock.getsockname()
        threading.Thread(target=self.accept).start()

    def accept(self):
        while not self.event.is_set():
            sock, client = self.sock.accept()
            reader, writer = sock.makefile("r"), sock.makefile("w")
            with self.lock:
                self.clients[client] = writer, sock
            threading.Thread(target=self.recv, args=(reader, client)).start()

    def recv(self, reader, client):
        while not self.event.is_set():
            try:
                data = reader.readline()
            except Exception as error:
                logging.error(error)
                data = "quit"
            msg = data.strip()
            if msg == "quit" or msg == "":
                with self.lock:
                    self.remove(client)
                logging.info(f"{client} quits")
                break
            msg = "{:%Y/%m/%d %H:%M:%S} {}:{}\n{}\n".format(datetime.datetime.now(), *client, msg)
            with self.lock:
                for other, (writer, _) in list(self.clients.items()):
                    try:
                        writer.write(msg)
                        writer.flush()
                    except Exception as error:
                        logging.error(error)
                        self.remove(other)

    def remove(self, client):
        """Call with the lock held."""
        writer, sock = self.clients.pop(client, (None, None))
        if sock is None:
            return
        for closing in (writer, sock):
            with contextlib.suppress(OSError):
                closing.close()

    def stop(self):
        self.event.set()
        with self.lock:
            for client in list(self.clients):
                self.remove(client)
        self.sock.close()


def main():
    server = ChatServer(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    server.start()
    print("listening on {}:{}".format(*server.addr), flush=True)


if __name__ == "__main__":
    main()
