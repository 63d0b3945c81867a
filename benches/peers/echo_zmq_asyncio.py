"""Echo with pyzmq.asyncio, REQ and REP: echo_zmq_asyncio.py [--uvloop] serve | call HOST PORT SIZE SECONDS"""

import dialogue
import loops
import zmq
import zmq.asyncio


async def serve():
    with zmq.asyncio.Context() as context, context.socket(zmq.REP) as sock:
        dialogue.listening(("127.0.0.1", sock.bind_to_random_port("tcp://127.0.0.1")))
        while True:
            await sock.send(await sock.recv())


async def call(address, size, seconds):
    with zmq.asyncio.Context() as context, context.socket(zmq.REQ) as sock:
        sock.connect("tcp://{}:{}".format(*address))
        await loops.measure(sock.send, sock.recv, size, seconds)


if __name__ == "__main__":
    loops.main(serve, call)
