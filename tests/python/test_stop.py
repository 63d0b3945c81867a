"""stop() and close() in every state: in time, again, from elsewhere, and what they wake."""

import contextlib
import os
import socket
import threading
import time

import pytest
import rustchat
import rustchat.multiprocessing
import rustchat.socketserver
from conftest import PATIENCE, LinePeer, wait_until
from waiting import queued

# What a stop may take beyond its timeout on a loaded machine; without one it is a quarter of a second at most.
MOMENT = 1.5

# For how long it is watched that something costs nothing.
WATCHED = 1


class StopsInAHook(rustchat.ChatServer):
    """Stops itself in the hook of that name."""

    def __init__(self, hook, **options):
        super().__init__(port=0, **options)
        self.hook, self.stopped = hook, threading.Event()

    def on_join(self, client):
        self.at("on_join")

    def on_message(self, client, text):
        self.at("on_message")
        return text

    def on_leave(self, client, reason):
        self.at("on_leave")

    def authorize(self, client):
        self.at("authorize")
        return True

    def at(self, place):
        if place == self.hook:
            self.stop()
            self.stopped.set()


class Stuck(rustchat.ChatServer):
    """Has a hook that does not return until it is told to."""

    def __init__(self, hook, **options):
        super().__init__(port=0, **options)
        self.inside, self.go_on = threading.Event(), threading.Event()
        setattr(self, hook, self.wait_inside)

    def on_join(self, client):
        pass

    def on_message(self, client, text):
        return text

    def on_leave(self, client, reason):
        pass

    def authorize(self, client):
        return True

    def wait_inside(self, *_arguments):
        self.inside.set()
        self.go_on.wait(PATIENCE)
        return True


def stuck(hook):
    """A server with a hook inside, and a peer that has brought it there."""
    server = Stuck(hook)
    server.start()
    peer = LinePeer(server.address)
    if hook in ("on_message", "on_leave"):
        peer.say("hello" if hook == "on_message" else "quit")
    assert server.inside.wait(PATIENCE)
    return server, peer


HOOKS = ["on_join", "on_message", "on_leave", "authorize"]


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_that_does_not_return_costs_no_more_than_the_timeout(hook):
    server, peer = stuck(hook)
    begin = time.monotonic()
    with pytest.raises(rustchat.TimeoutError):
        server.stop(timeout=1)
    assert 1 <= time.monotonic() - begin < 1 + MOMENT
    # It is closed, though its hook is not: nobody gets in.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(server.address)
    server.go_on.set()
    server.stop()
    assert not server.running
    server.start()
    server.stop()
    peer.close()


@pytest.mark.parametrize("hook", HOOKS)
def test_stop_in_a_hook_begins_to_stop(hook):
    server = StopsInAHook(hook)
    server.start()
    peer = LinePeer(server.address)
    if hook in ("on_message", "on_leave"):
        peer.say("hello" if hook == "on_message" else "quit")
    assert server.stopped.wait(PATIENCE)
    server.join(PATIENCE)
    peer.close()


def starts(ended):
    """Starts it again, unless it has not ended yet."""
    try:
        ended.start()
    except rustchat.StateError:
        return False
    return True


@pytest.mark.parametrize("hook", HOOKS)
def test_a_server_that_stops_in_a_hook_and_starts_again_keeps_no_descriptors(hook):
    def descriptors():
        return len(os.listdir("/proc/self/fd"))

    server = StopsInAHook(hook, workers=2)
    before = descriptors()
    for _ in range(4):
        # Nobody joins: a start is what notes that the one before has ended.
        wait_until(lambda: starts(server))
        peer = LinePeer(server.address)
        with contextlib.suppress(OSError):
            peer.say("hello" if hook == "on_message" else "quit")
        wait_until(lambda: not server.running)
        peer.close()
    server.join(PATIENCE)
    assert descriptors() <= before


def test_a_client_that_stops_in_a_hook_and_starts_again_keeps_no_descriptors(server):
    class Client(rustchat.ChatClient):
        def on_message(self, message):
            self.stop()

    client = Client(*server.address)
    wait_until(lambda: starts(client))
    wait_until(lambda: server.clients)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(4):
        wait_until(lambda: server.clients)
        server.broadcast("stop")
        wait_until(lambda: starts(client))
    wait_until(lambda: len(server.clients) == 1)
    # The server's end of the last one but one may go a moment later.
    wait_until(lambda: len(os.listdir("/proc/self/fd")) <= before)
    client.stop()


def slow_server(peers):
    """A server with a member that does not read."""
    server = rustchat.ChatServer(port=0, outbox_limit=1 << 30)
    server.start()
    peer = peers(server)
    while server.clients[0].outbox < 100_000:
        server.broadcast("x" * 8000)
    return server, peer


def test_a_slow_member_costs_no_more_than_the_timeout(peers):
    server, _peer = slow_server(peers)
    begin = time.monotonic()
    server.stop(timeout=1)
    assert time.monotonic() - begin < 1 + MOMENT


def test_a_second_stop_with_a_sooner_end_ends_the_first(peers, background):
    server, _peer = slow_server(peers)
    first = background(server.stop, 1000)
    wait_until(lambda: not server.running)
    server.stop(0)
    first.result()


def test_a_second_stop_with_a_later_end_does_not_put_the_first_off(peers, background):
    server, _peer = slow_server(peers)
    first = background(server.stop, 0.5)
    wait_until(lambda: not server.running)
    begin = time.monotonic()
    server.stop(1000)
    first.result()
    assert time.monotonic() - begin < 0.5 + MOMENT


def test_several_threads_stop_at_once(peers, background):
    server = rustchat.ChatServer(port=0)
    server.start()
    peers(server, 10)
    for stop in [background(server.stop) for _ in range(8)]:
        stop.result()
    server.start()
    server.stop()


def test_stop_during_handshakes():
    server = rustchat.ChatServer(port=0, secret="sixteen bytes or more", profile="tutorial")
    server.start()
    with contextlib.ExitStack() as silent:
        for _ in range(10):
            peer = silent.enter_context(socket.create_connection(server.address, PATIENCE))
            assert peer.recv(1), "the challenge"
        begin = time.monotonic()
        server.stop()
        assert time.monotonic() - begin < MOMENT


@pytest.mark.parametrize("waits_for", ["handshake", "backlog"])
def test_stop_ends_a_start_on_another_thread(background, tmp_path, waits_for):
    path = str(tmp_path / "silent")
    with socket.socket(socket.AF_UNIX) as silent, contextlib.ExitStack() as crowd:
        silent.bind(path)
        silent.listen(0 if waits_for == "backlog" else 5)
        if waits_for == "backlog":
            peer = crowd.enter_context(socket.socket(socket.AF_UNIX))
            peer.connect(path)
        client = rustchat.ChatClient(path, secret="sixteen bytes or more", timeout=None)
        start = background(client.start)
        # At first it may not have begun; later it has not ended.
        while start.is_alive():
            client.stop()
            start.join(0.01)
        with pytest.raises(rustchat.ConnectionClosed, match="cancelled"):
            start.result()
        assert not client.connected


def test_a_start_that_was_called_off_can_be_made_again(server, background):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = rustchat.ChatClient(*silent.getsockname(), secret="sixteen bytes or more", timeout=None)
        start = background(client.start)
        while start.is_alive():
            client.stop()
            start.join(0.01)
        client.__init__(*server.address)
        client.start()
        client.send("hello")
        assert client.recv(PATIENCE).text == "hello"
        client.stop()


def full_client(server):
    client = rustchat.ChatClient(*server.address, event_limit=10)
    client.start()
    wait_until(lambda: server.clients)
    for number in range(100):
        server.broadcast(str(number))
    wait_until(lambda: client.stats().messages_in > 10)
    return client


@pytest.mark.parametrize("gone", [False, True])
def test_a_client_with_a_full_queue_stops_at_once(gone):
    server = rustchat.ChatServer(port=0)
    server.start()
    client = full_client(server)
    if gone:
        server.stop()
        with contextlib.suppress(rustchat.Error):
            while True:
                client.send("x")
    begin = time.monotonic()
    client.stop(timeout=1)
    assert time.monotonic() - begin < 1 + MOMENT
    client.stop()
    server.stop()


def test_a_client_beside_a_frozen_server_stops_within_its_timeout():
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        client = rustchat.ChatClient(*frozen.getsockname())
        client.start()
        with contextlib.suppress(rustchat.Error):
            while True:
                client.send("x" * 8000, timeout=0.1)
        begin = time.monotonic()
        client.stop(timeout=1)
        assert time.monotonic() - begin < 1 + MOMENT


CALLS = {
    "recv": lambda near: near.recv(),
    "recv_many": lambda near: near.recv_many(),
    "send": lambda near: near.send(bytes(16 << 20)),
    "send_many": lambda near: near.send_many([bytes(1000)] * 100_000),
    "iteration": lambda near: next(near),
    "behind_another": lambda near: near.recv(),
}


@pytest.mark.parametrize("name", CALLS)
def test_close_wakes_a_call_on_a_connection(pair, background, name):
    near, _far = pair
    calls = [background(CALLS[name], near) for _ in range(2 if name == "behind_another" else 1)]
    for call in calls:
        call.waits()
    near.close()
    for call in calls:
        with contextlib.suppress(rustchat.ConnectionClosed, StopIteration):
            assert call.result() is None


@pytest.mark.parametrize("secret", [None, "sixteen bytes or more"])
def test_close_wakes_accept(background, secret):
    listener = rustchat.listen(("127.0.0.1", 0), secret=secret)
    accepts = [background(listener.accept) for _ in range(3)]
    for accept in accepts:
        accept.waits()
    listener.close()
    for accept in accepts:
        with pytest.raises(rustchat.ConnectionClosed):
            accept.result()


def test_close_wakes_what_waits_in_the_multiprocessing_drop_in(background):
    listener = rustchat.multiprocessing.Listener(("127.0.0.1", 0))
    near = rustchat.multiprocessing.Client(listener.address)
    far = listener.accept()
    calls = [background(listener.accept), background(near.recv_bytes), background(far.poll, None)]
    for call in calls:
        call.waits()
    for closed in (listener, near, far):
        closed.close()
    for call in calls:
        with contextlib.suppress(OSError, EOFError):
            assert call.result() is True


@pytest.mark.parametrize("kind", ["ThreadingTCPServer", "TCPServer"])
def test_shutdown_ends_serve_forever(background, kind):
    class Slow(rustchat.socketserver.BaseRequestHandler):
        def handle(self):
            self.request.recv(1)

    with getattr(rustchat.socketserver, kind)(("127.0.0.1", 0), Slow) as server:
        serving = background(server.serve_forever)
        peer = socket.create_connection(server.server_address)
        if kind == "TCPServer":
            peer.close()
        wait_until(lambda: not queued(server.server_address[1], "LISTEN"))
        serving.waits()
        begin = time.monotonic()
        server.shutdown()
        serving.result()
        peer.close()
    assert time.monotonic() - begin < 1 + MOMENT


def test_an_endless_polling_does_not_keep_a_core_awake(background):
    listener = rustchat.listen(("127.0.0.1", 0), polling=float("inf"))
    near = rustchat.connect(listener.address, polling=float("inf"))
    far = listener.accept(PATIENCE)

    with rustchat.ChatServer(port=0, polling=float("inf")) as server:
        client = rustchat.ChatClient(*server.address, polling=float("inf"))
        client.start()
        wait_until(lambda: server.clients)
        for _ in range(300):
            near.send(b"x")
            far.send(far.recv())
            near.recv()
            client.send("x")
            client.recv(PATIENCE)
        waiting = background(near.recv)
        waiting.waits()
        begin = time.process_time()
        time.sleep(WATCHED)
        # Three cores' worth of waits awake would take as much as there is.
        assert time.process_time() - begin < WATCHED / 2
        near.close()
        with pytest.raises(rustchat.ConnectionClosed):
            waiting.result()
        client.stop()
