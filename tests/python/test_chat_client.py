"""ChatClient: pull and hooks, timeouts, the end from either side."""

import contextlib
import gc
import select
import threading
import weakref

import pytest
import rustchat
from conftest import PATIENCE, LinePeer, wait_until


def test_messages_are_objects(server):
    with rustchat.ChatClient(*server.address) as client:
        client.send("  hello  ")
        message = client.recv(PATIENCE)
        assert str(message) == message.text == "  hello"
        assert (message.kind, message.seq, message.epoch) == ("message", 0, "")
        assert message.sender.address == client.address
        assert (message.sender.id, message.sender.name) == (0, None)
        assert str(message.sender) == "{}:{}".format(*client.address)
        assert "hello" in repr(message)
        assert client.peer == server.address
        assert client.connected
        assert client.stats().as_dict() == {"messages_in": 1, "messages_out": 1}


def test_blank_text_is_not_sent(server):
    with rustchat.ChatClient(*server.address) as client:
        client.send("   ")
        client.send("x")
        assert client.recv(PATIENCE).text == "x"


def test_control_characters_are_refused_before_they_are_sent(server):
    with rustchat.ChatClient(*server.address) as client:
        with pytest.raises(rustchat.InvalidText):
            client.send("two\nlines")
        with pytest.raises(ValueError, match="character"):
            client.send("nul\0")


def test_iteration_ends_when_the_server_stops(server, background):
    client = rustchat.ChatClient(*server.address)
    client.start()
    client.send("one")
    heard = []
    both = threading.Event()

    def listen():
        for message in client:
            heard.append(message.text)
            both.set()

    listening = background(listen)
    assert both.wait(PATIENCE)
    server.stop()
    listening.result()
    assert heard[0] == "one"
    assert not client.connected
    client.stop()


def test_stop_wakes_recv_and_iteration(server, background):
    client = rustchat.ChatClient(*server.address)
    client.start()
    receiving = background(client.recv)
    iterating = background(list, client)
    receiving.waits()
    client.stop()
    with pytest.raises(rustchat.ConnectionClosed):
        receiving.result()
    assert iterating.result() == []
    with pytest.raises(rustchat.StateError):
        client.send("x")
    client.stop()
    assert list(client) == []


def test_recv_gives_up_in_time_and_loses_nothing(server, peers):
    with rustchat.ChatClient(*server.address) as client:
        with pytest.raises(TimeoutError):
            client.recv(0.05)
        with pytest.raises(rustchat.TimeoutError):
            client.recv(0)
        client.send("later")
        assert client.recv(PATIENCE).text == "later"


def test_a_lost_connection_is_no_quiet_end(background):
    import socket
    import struct

    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = rustchat.ChatClient(*listening.getsockname())
        client.start()
        sock, _ = listening.accept()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
        with pytest.raises(ConnectionResetError):
            client.recv(PATIENCE)
        client.stop()


def test_start_again_after_the_end(server):
    client = rustchat.ChatClient(*server.address)
    for _ in range(3):
        client.start()
        with pytest.raises(rustchat.StateError, match="connected"):
            client.start()
        client.send("hi")
        assert client.recv(PATIENCE).text == "hi"
        client.stop()


def test_nobody_there():
    server = rustchat.ChatServer(port=0)
    server.start()
    address = server.address
    server.stop()
    with pytest.raises(ConnectionRefusedError) as caught:
        rustchat.ChatClient(*address).start()
    assert "{}:{}".format(*address) in str(caught.value)
    with pytest.raises(rustchat.StateError, match="not started"):
        rustchat.ChatClient(*address).join()
    with pytest.raises(rustchat.StateError, match="not connected"):
        rustchat.ChatClient(*address).recv()


def test_hooks(server):
    class Client(rustchat.ChatClient):
        def __init__(self, address, mood):
            super().__init__(*address)
            self.mood, self.heard, self.reasons = mood, [], []

        def on_message(self, message):
            self.heard.append(message.text)

        def on_disconnect(self, reason):
            self.reasons.append(reason)

    with Client(server.address, "good") as client:
        client.send("one")
        client.send("two")
        wait_until(lambda: client.heard == ["one", "two"])
        with pytest.raises(rustchat.StateError, match="handler"):
            client.recv(0)
    assert client.reasons == [None]
    with Client(server.address, "bad") as client:
        wait_until(lambda: server.clients)
        server.stop()
        client.join(PATIENCE)
        assert isinstance(client.reasons[0], rustchat.ConnectionClosed)


def test_an_exception_in_a_hook_is_logged_and_the_client_goes_on(server, records):
    class Client(rustchat.ChatClient):
        heard = 0

        def on_message(self, message):
            self.heard += 1
            raise LookupError(message.text)

    with Client(*server.address) as client:
        client.send("one")
        client.send("two")
        assert records.find("on_message()").exc_info[0] is LookupError
        wait_until(lambda: client.heard == 2)


def test_stop_inside_a_hook(server):
    class Client(rustchat.ChatClient):
        def on_message(self, message):
            self.stop()

    client = Client(*server.address)
    client.start()
    client.send("bye")
    client.join(PATIENCE)
    client.stop()


def test_a_dropped_client_leaves(server):
    class Hooked(rustchat.ChatClient):
        def on_message(self, message):
            pass

    for kind in (rustchat.ChatClient, Hooked):
        client = kind(*server.address)
        client.start()
        wait_until(lambda: len(server.clients) == 1)
        gone = weakref.ref(client)
        del client
        gc.collect()
        assert gone() is None
        wait_until(lambda: not server.clients)


def test_fileno_serves_select(server, peers):
    peer = peers(server)
    with rustchat.ChatClient(*server.address) as client:
        assert select.select([client], [], [], 0)[0] == []
        wait_until(lambda: len(server.clients) == 2)
        peer.say("hi")
        assert select.select([client], [], [], PATIENCE)[0] == [client]
        assert client.recv(0).text == "hi"
        assert select.select([client], [], [], 0)[0] == []
    assert client.fileno() == -1


def test_a_server_of_the_tutorials(background):
    """A stamp of another form is text, and nothing breaks."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        with rustchat.ChatClient(*listening.getsockname()) as client:
            sock, _ = listening.accept()
            sock.sendall("2025/07/07 12:00:00 10.0.0.1:5\n你好\n202507/07 x\n".encode())
            first, second = client.recv(PATIENCE), client.recv(PATIENCE)
            assert (first.text, first.sender.address) == ("你好", ("10.0.0.1", 5))
            assert (second.text, second.sender.address) == ("202507/07 x", None)
            sock.close()


def test_many_clients_drop_in_any_order():
    server = rustchat.ChatServer(port=0)
    server.start()
    clients = [rustchat.ChatClient(*server.address) for _ in range(20)]
    for client in clients:
        client.start()
    peer = LinePeer(server.address)
    del server
    gc.collect()
    # The server stops while they join: who is in gets its farewell, whom the kernel still holds is cut off.
    for client in clients:
        with contextlib.suppress(rustchat.ConnectionLost):
            assert {message.text for message in client} <= {"* server stopped"}
    clients.clear()
    peer.close()
