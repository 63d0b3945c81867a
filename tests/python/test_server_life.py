"""Starting, stopping, waiting, dropping."""

import contextlib
import gc
import socket
import threading
import weakref

import pytest
import rustchat
from conftest import PATIENCE, LinePeer, wait_until


def test_start_stop_start_again_on_the_same_port(peers):
    server = rustchat.ChatServer(port=0)
    server.start()
    ip, port = server.address
    server.stop()
    again = rustchat.ChatServer(ip, port)
    for _ in range(3):
        again.start()
        assert again.address == (ip, port)
        peer = peers(again)
        peer.say("hi")
        assert peer.text() == "hi"
        again.stop()
    assert again.stats().joined == 1


def test_a_second_start_is_refused_a_second_stop_is_nothing(server):
    with pytest.raises(rustchat.StateError, match="running"):
        server.start()
    server.stop()
    server.stop()
    rustchat.ChatServer().stop()


def test_stop_tells_members_and_wakes_join(server, peers, background):
    peer = peers(server)
    joins = [background(server.join) for _ in range(3)]
    server.stop()
    for join in joins:
        join.result()
    assert "stop" in peer.file.read().decode()
    server.join()
    assert server.wait(0)


def test_join_and_wait_give_up_in_time(server):
    with pytest.raises(TimeoutError):
        server.join(0.05)
    with pytest.raises(rustchat.TimeoutError):
        server.join(0)
    assert not server.wait(0.05)
    with pytest.raises(rustchat.StateError, match="not started"):
        rustchat.ChatServer().join()


def test_stop_does_not_wait_for_members_longer_than_told(peers):
    server = rustchat.ChatServer(port=0)
    server.start()
    peer = LinePeer(server.address)
    wait_until(lambda: server.clients)
    for _ in range(100):
        server.broadcast("x" * 8000)
    server.stop(0.2)
    peer.close()


def test_stop_while_members_join(background):
    for _ in range(10):
        server = rustchat.ChatServer(port=0)
        server.start()
        address = server.address

        def join(address=address):
            with contextlib.suppress(OSError):
                while True:
                    LinePeer(address).close()

        joining = [background(join) for _ in range(2)]
        wait_until(lambda server=server: server.stats().joined >= 5)
        server.stop()
        assert server.stats().members == 0
        for thread in joining:
            thread.result()


def test_address_in_use(server):
    with pytest.raises(rustchat.AddressInUse) as caught:
        rustchat.ChatServer(*server.address).start()
    assert "{}:{}".format(*server.address) in str(caught.value)
    assert caught.value.errno == 98


def test_not_running_means_state_error(server):
    server.stop()
    assert server.clients == []
    for call in (lambda: server.broadcast("x"), lambda: server.send(1, "x"), lambda: server.disconnect(1)):
        with pytest.raises(rustchat.StateError, match="start"):
            call()


def test_a_subclass_that_forgets_super_init_is_told_so():
    class Forgetful(rustchat.ChatServer):
        def __init__(self):
            pass

    with pytest.raises(rustchat.StateError, match=r"super\(\).__init__"):
        Forgetful().start()


def test_with_stops_when_the_body_raises():
    with pytest.raises(ZeroDivisionError), rustchat.ChatServer(port=0) as server:
        raise ZeroDivisionError
    assert not server.running


class Hooked(rustchat.ChatServer):
    def on_message(self, client, text):
        return text


@pytest.mark.parametrize("kind", [rustchat.ChatServer, Hooked])
def test_a_dropped_server_stops(kind):
    server = kind(port=0)
    server.start()
    address = server.address
    gone = weakref.ref(server)
    del server
    gc.collect()
    assert gone() is None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def test_a_server_in_a_cycle_is_collected():
    server = Hooked(port=0)
    server.start()
    address = server.address
    server.myself = server
    server.callback = server.stop
    gone = weakref.ref(server)
    del server
    gc.collect()
    assert gone() is None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def test_a_hook_may_hold_the_last_reference(peers):
    inside, go_on, done = threading.Event(), threading.Event(), threading.Event()

    class Server(rustchat.ChatServer):
        def on_message(self, client, text):
            inside.set()
            go_on.wait(PATIENCE)
            weakref.finalize(self, done.set)
            return text

    server = Server(port=0)
    server.start()
    peer = LinePeer(server.address)
    peer.say("x")
    assert inside.wait(PATIENCE)
    del server
    gc.collect()
    go_on.set()
    assert done.wait(PATIENCE)
    peer.file.read()
    peer.close()


def test_clients_outlive_their_server(peers):
    server = rustchat.ChatServer(port=0)
    server.start()
    peers(server)
    client = server.clients[0]
    server.stop()
    del server
    assert client.address[0] == "127.0.0.1"


def test_hundred_members_come_and_go_while_others_look(server, background):
    end = threading.Event()

    def look():
        while not end.is_set():
            for client in server.clients:
                str(client)
            server.stats()

    watching = [background(look) for _ in range(2)]

    def come_and_go():
        for _ in range(25):
            peer = LinePeer(server.address)
            peer.say("hi")
            peer.close()

    for thread in [background(come_and_go) for _ in range(4)]:
        # Those who look keep the interpreter to themselves for most of the time.
        thread.join(40)
        thread.result()
    wait_until(lambda: server.stats().joined == 100 and not server.clients)
    end.set()
    for thread in watching:
        thread.result()
