"""A chat: everybody gets every line, with the time and who said it. Usage: chat_server.py [PORT]

Console: `quit` or Ctrl-C stops the server, anything else lists threads and clients.
A client leaves with the line `quit`.
"""

import datetime
import logging
import queue
import socket
import sys
import threading

LONGEST_LINE = 8192
WAITING_LINES = 100  # what a client may be behind before it is disconnected


class ChatServer:
    def __init__(self, ip="127.0.0.1", port=60000):
        self.sock = socket.create_server((ip, port))
        self.addr = self.sock.getsockname()
        self.clients = {}
        self.event = threading.Event()
        self.lock = threading.Lock()
        self.acceptor = threading.Thread(target=self.accept, name="accept", daemon=True)

    def start(self):
        self.acceptor.start()

    def accept(self):
        while not self.event.is_set():
            try:
                sock, client = self.sock.accept()
            except OSError as error:
                if not self.event.wait(0.05):  # out of descriptors, perhaps; not the end of the server
                    logging.warning("cannot accept: %s", error)
                continue
            outbox = queue.Queue(WAITING_LINES)
            with self.lock:
                self.clients[client] = sock, outbox
            logging.info("%s joins", client[0])
            threading.Thread(target=self.recv, args=(sock, client), name="recv", daemon=True).start()
            threading.Thread(target=self.send, args=(sock, outbox), name="send", daemon=True).start()

    def recv(self, sock, client):
        reason = "has gone"
        try:
            with sock.makefile("rb") as lines:
                while line := lines.readline(LONGEST_LINE):
                    text = line.decode("utf-8").strip()
                    if not line.endswith(b"\n"):
                        reason = "sent a line that is too long"
                        break
                    if text == "quit":
                        reason = "quits"
                        break
                    if text:
                        self.broadcast(client, text)
        except (OSError, ValueError) as error:
            reason = str(error)
        self.remove(client)
        logging.info("%s %s", client[0], reason)

    def broadcast(self, client, text):
        stamp = datetime.datetime.now().strftime("%Y/%m/%d %H:%M:%S")
        message = f"{stamp} {client[0]}:{client[1]}\n{text}\n".encode()
        logging.info("%r", text)
        with self.lock:
            for sock, outbox in self.clients.values():
                try:
                    outbox.put_nowait(message)
                except queue.Full:  # its thread `recv` sees the end and removes it
                    sock.shutdown(socket.SHUT_RDWR)

    def send(self, sock, outbox):
        """A client's own thread waits for the client, and nobody else does."""
        with sock:
            try:
                while (message := outbox.get()) is not None:
                    sock.sendall(message)
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def remove(self, client):
        with self.lock:
            sock, outbox = self.clients.pop(client)
        try:
            outbox.put_nowait(None)
        except queue.Full:
            sock.close()

    def stop(self):
        self.event.set()
        self.sock.shutdown(socket.SHUT_RDWR)  # close() alone would not wake accept()
        self.acceptor.join(5)
        self.sock.close()
        with self.lock:
            leaving = list(self.clients.values())
        for sock, _ in leaving:
            try:
                sock.shutdown(socket.SHUT_RD)  # wakes `recv`; what is queued still goes out
            except OSError:
                pass
        for thread in threading.enumerate():
            if thread.name in ("recv", "send"):
                thread.join(5)


def main():
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    server = ChatServer(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    server.start()
    print("listening on port", server.addr[1], flush=True)
    try:
        for line in sys.stdin:
            if line.strip() == "quit":
                break
            print(len(server.clients), "clients,", threading.active_count(), "threads", flush=True)
    except KeyboardInterrupt:
        pass
    server.stop()
    print("stopped")


if __name__ == "__main__":
    main()
