"""Words for one member alone."""

import pytest
import rustchat
from conftest import PATIENCE, wait_until

QUICK = rustchat.Backoff(first=0.01, most=0.05)


class Moderated(rustchat.ChatServer):
    """Has a filter for each kind of words, and notes what it is asked about."""

    def __init__(self):
        super().__init__(port=0, framing="u32be")
        self.asked = []

    def on_message(self, client, text):
        self.asked.append(("aloud", client.name, text))
        return text

    def on_private(self, client, to, text):
        self.asked.append(("private", client.name, to.name, text))
        return {"spam": None, "slip": 1}.get(text, text.upper())


def test_a_private_word_is_heard_by_one_and_says_so(room, join):
    ann, ben, cid = (join(room, name) for name in ("ann", "ben", "cid"))
    ann.send("psst", to="ben")
    ann.send("aloud", PATIENCE, to=None)
    psst, aloud = ben.recv(PATIENCE), ben.recv(PATIENCE)
    assert (psst.kind, psst.private, psst.text, psst.sender.name, psst.to) == ("direct", True, "psst", "ann", None)
    assert (aloud.kind, aloud.private, aloud.text) == ("message", False, "aloud")
    assert [client.recv(PATIENCE).text for client in (ann, cid)] == ["aloud", "aloud"]


def test_who_speaks_to_nobody_is_told(room, join):
    ann = join(room, "ann")
    ann.send("psst", to="ben")
    with pytest.raises(rustchat.NoSuchPeer, match="nobody here is called 'ben'"):
        ann.recv(PATIENCE)
    for wrong in ("", "server", "a\nb"):
        with pytest.raises(rustchat.InvalidText):
            ann.send("psst", to=wrong)
    with pytest.raises(TypeError, match="'to'"):
        ann.send("psst", to=1)
    with pytest.raises(TypeError):
        ann.send("psst", None, "ben")
    assert ann.offer("psst", to="ANN") == 0
    assert ann.recv(PATIENCE).text == "psst"


def test_a_client_that_comes_back_says_private_words_again(tmp_path):
    path = str(tmp_path / "chat.sock")
    server = rustchat.ChatServer(path, framing="u32be")
    server.start()
    with rustchat.ChatClient(path, framing="u32be", reconnect=QUICK, name="ann") as ann:
        wait_until(lambda: server.find(name="ann"))
        server.stop()
        wait_until(lambda: ann.reconnecting)
        with pytest.raises(rustchat.ConnectionLost):
            ann.who(PATIENCE)
        ann.send("psst", to="ann")
        ann.send("nobody hears this", to="ben")
        with rustchat.ChatServer(path, framing="u32be"):
            heard = {}
            while "direct" not in heard or "error" not in heard:
                message = ann.recv_any(PATIENCE)
                heard[message.kind] = message
            assert heard["direct"].text == "psst"
            error = heard["error"]
            assert (error.to, error.private) == ("ben", True)
            assert isinstance(error.refusal, rustchat.NoSuchPeer)
            ann.drain(PATIENCE)
            assert ann.name == "ann"


def test_each_kind_of_words_has_a_filter(join):
    with Moderated() as server:
        ann, ben = join(server, "ann"), join(server, "ben")
        ann.send("aloud")
        ann.send("psst", to="ben")
        ann.send("spam", to="ben")
        ann.send("slip", to="ben")
        ann.send("bye", to="ben")
        heard = [ben.recv(PATIENCE) for _ in range(3)]
        assert [(message.text, message.private) for message in heard] == [
            ("aloud", False),
            ("PSST", True),
            ("BYE", True),
        ]
        assert ann.recv(PATIENCE).text == "aloud"
        with pytest.raises(rustchat.Error, match="the server's filter failed"):
            ann.recv(PATIENCE)
        private = [("private", "ann", "ben", text) for text in ("psst", "spam", "slip", "bye")]
        assert server.asked == [("aloud", "ann", "aloud"), *private]


def test_a_filter_of_private_words_alone_leaves_the_room_as_it_is(join):
    class Private(rustchat.ChatServer):
        def on_private(self, client, to, text):
            return super().on_private(client, to, text + "!")

    with Private(port=0, framing="u32be") as server:
        ann = join(server, "ann")
        ann.send("aloud")
        ann.send("psst", to="ann")
        assert [ann.recv(PATIENCE).text for _ in range(2)] == ["aloud", "psst!"]


def test_a_filter_of_all_words_is_asked_about_private_ones(join):
    class All(rustchat.ChatServer):
        def on_message(self, client, text):
            return text.upper()

    with All(port=0, framing="u32be") as server:
        ann = join(server, "ann")
        ann.send("psst", to="ann")
        assert ann.recv(PATIENCE).text == "PSST"
