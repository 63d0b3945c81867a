"""Echo over pyzmq, REQ and REP: echo_pyzmq.py serve | call HOST PORT SIZE SECONDS"""

import dialogue
import zmq


def serve():
    with zmq.Context() as context, context.socket(zmq.REP) as sock:
        dialogue.listening(("127.0.0.1", sock.bind_to_random_port("tcp://127.0.0.1")))
        while True:
            sock.send(sock.recv())


def call(address, size, seconds):
    with zmq.Context() as context, context.socket(zmq.REQ) as sock:
        sock.connect("tcp://{}:{}".format(*address))
        dialogue.measure(sock.send, sock.recv, size, seconds)


if __name__ == "__main__":
    dialogue.main(serve, call)
