"""Members who change their names, and who is told."""

import queue

import pytest
import rustchat
from conftest import PATIENCE, wait_until

FRAMINGS = ["line", "u32be"]


class Told(rustchat.ChatServer):
    """Notes what its hook is told."""

    def __init__(self, **options):
        super().__init__(port=0, **options)
        self.told = queue.Queue()

    def on_rename(self, client, old):
        self.told.put(("rename", old, client.name))

    def next(self):
        return self.told.get(timeout=PATIENCE)


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_client_takes_one_name_after_the_other_and_the_hook_is_told(join, framing):
    with Told(framing=framing) as server:
        client = join(server, framing=framing)
        assert client.name is None
        for old, name in ((None, "ann"), ("ann", "Ben"), ("Ben", "老王")):
            client.rename(name, PATIENCE)
            assert client.name == name
            assert server.next() == ("rename", old, name)
        if framing != "line":
            client.rename(None)
            assert client.name is None
            assert server.next() == ("rename", "老王", None)
        server.clients[0].name = "given"
        assert server.next()[2] == "given"
        wait_until(lambda: client.name == "given")


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_name_that_is_not_to_be_had_is_told_to_who_asks(join, framing):
    with rustchat.ChatServer(port=0, framing=framing) as server:
        _ann, ben = join(server, "ann", framing), join(server, "ben", framing)
        with pytest.raises(rustchat.InvalidArgument, match="is taken"):
            ben.rename("Ann", PATIENCE)
        with pytest.raises(rustchat.InvalidText):
            ben.rename("server")
        with pytest.raises(TypeError, match="'name'"):
            ben.rename(1)
        ben.send("hi")
        while (message := ben.recv_any(PATIENCE)).text != "hi":
            assert message.kind != "error"
        assert ben.name == "ben"


def test_a_program_that_polls_is_told_of_names():
    server = rustchat.ChatServer(port=0, framing="u32be")
    server.start(poll=["membership"])
    with rustchat.ChatClient(*server.address, framing="u32be") as client:
        client.rename("ann", PATIENCE)
        client.rename("ben", PATIENCE)
        told = []
        while sum(event.kind == "rename" for event in told) < 2:
            told.extend(server.poll(timeout=PATIENCE))
        first, second = (event for event in told if event.kind == "rename")
        assert (first.text, second.text) == ("", "ann")
        assert first.client is second.client is server.clients[0]
        assert repr(second).startswith("<ServerEvent rename ")
    server.stop()
