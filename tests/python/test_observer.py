"""on_said(): told what the room has got, and waited for by nobody."""

import threading
import time

import pytest
import rustchat
from conftest import PATIENCE, wait_until


class Observed(rustchat.ChatServer):
    def __init__(self, **options):
        super().__init__(port=0, **options)
        self.said, self.threads = [], set()

    def on_said(self, client, text):
        self.threads.add(threading.get_ident())
        self.said.append((client.name, text))


def test_it_is_told_what_the_room_has_got_in_order(peers):
    class Filtered(Observed):
        def on_message(self, client, text):
            self.threads.add(threading.get_ident())
            return None if text == "spam" else text.upper()

    with Filtered() as server:
        ann = peers(server)
        for line in ("one", "spam", "/name ann", "/msg ann psst", "/me waves", "two"):
            ann.say(line)
        wait_until(lambda: len(server.said) == 3)
        assert [text for _, text in server.said] == ["ONE", "* ANN WAVES", "TWO"]
        assert server.said[-1] == ("ann", "TWO")
        # The filter has a thread of its own.
        assert len(server.threads) == 2


def test_without_a_filter_nobody_waits_either(peers):
    going_on = threading.Event()

    class Stuck(Observed):
        def on_said(self, client, text):
            super().on_said(client, text)
            going_on.wait(PATIENCE)

    with Stuck(event_limit=5) as server:
        ann = peers(server)
        for number in range(20):
            ann.say(str(number))
            assert ann.text() == str(number)
            wait_until(lambda: server.said)
        server.broadcast("not of a member")
        assert server.stats().events_dropped == 14
        going_on.set()
        wait_until(lambda: len(server.said) == 6)
        assert [text for _, text in server.said] == ["0", "15", "16", "17", "18", "19"]


def test_what_it_raises_is_logged_and_it_may_use_the_server(peers, records):
    class Answering(Observed):
        def on_said(self, client, text):
            self.send(client, f"{text}, indeed")
            self.stop()
            raise LookupError("on purpose")

    with Answering() as server:
        ann = peers(server)
        ann.say("hello")
        assert [ann.text(), ann.text()] == ["hello", "hello, indeed"]
        assert ann.text() == "* server stopped"
        assert "on_said" in records.find("on_said").getMessage()


def test_stop_keeps_to_its_time(peers):
    going_on = threading.Event()

    class Stuck(Observed):
        def on_said(self, client, text):
            super().on_said(client, text)
            going_on.wait(PATIENCE)

    server = Stuck()
    server.start()
    ann = peers(server)
    ann.say("one")
    ann.say("two")
    wait_until(lambda: server.said)
    begin = time.monotonic()
    with pytest.raises(rustchat.TimeoutError):
        server.stop(timeout=0)
    assert time.monotonic() - begin < PATIENCE
    going_on.set()
    server.join(PATIENCE)
    assert [text for _, text in server.said] == ["one"]
