"""rustchat's chat server from Python, without hooks or with one that sees every message.

chat.py [--workers N] [--framing NAME] [--hook]
"""

import argparse

import rustchat


class Listening(rustchat.ChatServer):
    def on_message(self, client, text):
        return text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--framing", default="line")
    parser.add_argument("--hook", action="store_true")
    args = parser.parse_args()
    kind = Listening if args.hook else rustchat.ChatServer
    server = kind("127.0.0.1", 0, workers=args.workers, framing=args.framing)
    server.start()
    print("listening on {}:{}".format(*server.address), flush=True)
    server.join()


if __name__ == "__main__":
    main()
