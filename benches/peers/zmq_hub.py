"""A ZeroMQ hub: XSUB to XPUB, forwarded by libzmq's own proxy. Nothing is dropped: no high-water marks."""

import zmq


def bound(context, kind):
    sock = context.socket(kind)
    sock.set_hwm(0)
    sock.setsockopt(zmq.BACKLOG, 1024)
    return sock, sock.bind_to_random_port("tcp://127.0.0.1")


def main():
    context = zmq.Context()
    inlet, publish_port = bound(context, zmq.XSUB)
    outlet, port = bound(context, zmq.XPUB)
    print(f"publishers to 127.0.0.1:{publish_port}\nlistening on 127.0.0.1:{port}", flush=True)
    zmq.proxy(inlet, outlet)


if __name__ == "__main__":
    main()
