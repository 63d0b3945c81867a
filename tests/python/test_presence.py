"""Clients ask who is there."""

import os
import queue
import select
import threading

import pytest
import rustchat
from conftest import PATIENCE, wait_until


def test_who_is_there(room, join):
    ann, _nameless = join(room, "ann"), join(room)
    wait_until(lambda: len(room.clients) == 2)
    members = ann.who(timeout=PATIENCE)
    assert [member.name for member in members] == ["ann", None]
    assert [member.id for member in members] == [client.id for client in room.clients]
    assert members[0].address == ann.address
    assert not any(member.is_server for member in members)


def test_line_chat_cannot_be_asked_and_says_so(server, join):
    client = join(server, framing="line")
    with pytest.raises(rustchat.NotSupported, match="message chat"):
        client.who(PATIENCE)
    with pytest.raises(rustchat.NotSupported, match="/msg"):
        client.send("psst", PATIENCE, to="ann")
    with pytest.raises(rustchat.NotSupported):
        client.rename(None, PATIENCE)


def test_in_a_hook_nobody_can_wait_for_an_answer(room):
    class Asking(rustchat.ChatClient):
        def __init__(self, *arguments):
            super().__init__(*arguments, framing="u32be")
            self.told = queue.Queue()

        def on_event(self, message):
            if message.kind == "welcome":
                try:
                    self.who(PATIENCE)
                except Exception as error:
                    self.told.put(error)
                self.rename("ann", PATIENCE)
            self.told.put((message.kind, message.sender.name))

    with Asking(*room.address) as client:
        assert isinstance(client.told.get(timeout=PATIENCE), rustchat.StateError)
        assert client.told.get(timeout=PATIENCE) == ("welcome", None)
        assert client.told.get(timeout=PATIENCE) == ("name", "ann")
        assert [member.name for member in client.who(PATIENCE)] == ["ann"]


def test_a_question_is_asked_without_waiting(room, join):
    client = join(room, "ann")
    question = client.question_who()
    assert question.take() is None
    assert question.offer() == 0
    assert select.select([question.fileno()], [], [], PATIENCE)[0]
    assert [member.name for member in question.take()] == ["ann"]
    with pytest.raises(rustchat.ConnectionClosed):
        question.take()
    question.close()
    question.close()
    with pytest.raises(rustchat.ConnectionClosed):
        question.offer()
    naming = client.question_rename("ben")
    naming.offer()
    assert select.select([naming.fileno()], [], [], PATIENCE)[0]
    assert naming.take() is True
    assert client.name == "ben"


def test_whoever_waits_is_told_of_the_end(join, background):
    class Silent(rustchat.ChatServer):
        gate = threading.Event()

        def authorize(self, client):
            return self.gate.wait(PATIENCE)

    server = Silent(port=0, framing="u32be")
    server.start()
    client = join(server)
    # Who has not been admitted is not answered.
    with pytest.raises(rustchat.TimeoutError):
        client.who(0.01)
    asking = background(client.who)
    asking.waits()
    client.stop(0)
    with pytest.raises(rustchat.ConnectionClosed):
        asking.result()
    server.gate.set()
    server.stop()


def test_a_child_process_leaves_the_question_alone(room, join):
    client = join(room)
    question = client.question_who()
    child = os.fork()
    if child == 0:
        try:
            question.take()
        except rustchat.Error:
            del question
            os._exit(0)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    question.offer()
    wait_until(lambda: question.take() is not None)
