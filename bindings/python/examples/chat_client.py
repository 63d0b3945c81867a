"""A member of a chat: says what is typed, shows what is heard, leaves with `quit`. Usage: chat_client.py PORT"""

import socket
import sys
import threading


class ChatClient:
    def __init__(self, ip="127.0.0.1", port=60000):
        self.sock = socket.create_connection((ip, port), timeout=10)
        self.sock.settimeout(None)
        self.receiver = threading.Thread(target=self.recv, name="recv", daemon=True)

    def start(self):
        self.receiver.start()

    def recv(self):
        with self.sock.makefile("r", encoding="utf-8", errors="replace") as lines:
            try:
                for stamp in lines:
                    text = lines.readline()
                    print(f"{stamp.strip()}: {text.rstrip()}", flush=True)
            except OSError as error:
                print("lost:", error, flush=True)
        print("the chat is over", flush=True)

    def send(self, text):
        if text.strip():
            self.sock.sendall(f"{text.strip()}\n".encode())

    def stop(self):
        try:
            self.send("quit")
        except OSError:  # the server was first
            pass
        self.receiver.join(5)
        self.sock.close()


def main():
    client = ChatClient(port=int(sys.argv[1]))
    client.start()
    try:
        for line in sys.stdin:
            if line.strip() == "quit":
                break
            client.send(line)
    except KeyboardInterrupt:
        pass
    except OSError as error:
        print("not said:", error, flush=True)
    client.stop()


if __name__ == "__main__":
    main()
