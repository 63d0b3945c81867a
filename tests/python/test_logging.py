"""What the library says goes to logging, under one name, with the level of the program's choice."""

import logging
import threading

import pytest
import rustchat
from conftest import run_script, wait_until


def test_records_have_name_level_and_thread(records, peers):
    with rustchat.ChatServer(port=0) as server:
        peer = peers(server)
        # By its address: records of an earlier test's server may still be on their way.
        address = "{}:{}".format(*peer.sock.getsockname())
        member = server.clients[0].id
        joined = records.find(f"{address} joined as")
        assert (joined.name, joined.levelname, joined.args) == ("rustchat", "INFO", ())
        assert joined.threadName.startswith("rustchat-")
        peer.say("100 % of {this} is %s not formatted")
        peer.text()
    left = records.find(f"{address} ({member}) left: ")
    assert left.getMessage().endswith("server stopped")


def test_the_programs_level_decides(records, peers):
    logging.getLogger("rustchat").setLevel(logging.WARNING)
    # Of the server of another test.
    records.records.clear()
    with rustchat.ChatServer(port=0, secret="right") as server:
        with pytest.raises(rustchat.AuthenticationError):
            rustchat.connect(server.address, framing="line", secret="wrong")
        # Records come in order: by now those of lower levels would be here.
        records.find("authentication failed")
        assert {record.levelname for record in records.records} == {"WARNING"}
    logging.getLogger("rustchat").setLevel(logging.INFO)
    with rustchat.ChatServer(port=0) as server:
        peers(server)
        records.find("joined as")


def test_control_characters_of_peers_do_not_reach_the_log(records, peers):
    with rustchat.ChatServer(port=0, framing="u32be") as server:
        import json
        import socket

        with socket.create_connection(server.address) as sock:
            wire = rustchat.frame.encode(json.dumps({"type": "hello", "name": "\x1b[2Jx"}).encode())
            sock.sendall(wire)
            wait_until(lambda: server.stats().bytes_in >= len(wire))
    records.find("left: ")
    assert not any("\x1b" in record.getMessage() for record in records.records)


def test_a_handler_that_calls_the_server_does_not_deadlock(peers):
    class Nosy(logging.Handler):
        seen = threading.Event()

        def emit(self, record):
            server.stats()
            server.clients  # noqa: B018
            self.seen.set()

    handler, logger = Nosy(), logging.getLogger("rustchat")
    server = rustchat.ChatServer(port=0)
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with server:
            peers(server, 20)
            assert handler.seen.wait(10)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)


def test_records_name_the_thread_of_the_program_that_they_come_from(records):
    def listen():
        server = rustchat.ChatServer(port=0)
        server.start()
        address = server.address
        server.stop()
        return "{}:{}".format(*address)

    here = records.find(f"listening on {listen()}")
    assert here.threadName == "MainThread"
    elsewhere = []
    thread = threading.Thread(target=lambda: elsewhere.append(listen()), name="the waiter")
    thread.start()
    # The record goes another way than the thread, which must be there to be asked for its name.
    thread.join()
    name = records.find(f"listening on {elsewhere[0]}").threadName
    assert name in ("the waiter", f"Thread-{thread.native_id}")


def test_the_formatter_of_a_program_gets_the_name():
    done = run_script(
        "import logging, rustchat\n"
        "logging.basicConfig(level=logging.INFO, format='%(threadName)s: %(message)s')\n"
        "with rustchat.ChatServer(port=0): pass\n"
    )
    assert "MainThread: listening on 127.0.0.1" in done.stderr
    assert "Dummy" not in done.stderr
