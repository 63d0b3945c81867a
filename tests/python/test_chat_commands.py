"""Names and commands of line chat, for clients and from the shell."""

import re
import subprocess
import sys

import pytest
import rustchat
from conftest import PATIENCE, LinePeer, wait_until


def join(server, **options):
    return rustchat.ChatClient(*server.address, **options)


def next_of(client, kind):
    while (message := client.recv_any(PATIENCE)).kind != kind:
        pass
    return message


def test_a_client_of_line_chat_has_a_name_and_hears_under_which_others_speak(server):
    with join(server, name="Ann Lee") as ann, join(server) as ben:
        named = next_of(ann, "name")
        assert (named.sender.name, named.text) == ("Ann Lee", "")
        ben.send("/name ben")
        assert next_of(ben, "name").sender.name == "ben"
        ben.send("hello")
        heard = next_of(ben, "message")
        while heard.text != "hello":
            heard = next_of(ben, "message")
        assert (heard.sender.name, heard.sender.address) == ("ben", server.find(name="ben").address)
        ben.send('/msg "Ann Lee" psst')
        direct = next_of(ann, "direct")
        assert (direct.sender.name, direct.text, direct.sender.is_server) == ("ben", "psst", False)
        with join(server, name="ann lee") as other:
            refused = next_of(other, "error")
            assert "is taken" in refused.text
            with pytest.raises(rustchat.InvalidArgument, match="is taken"):
                raise refused.refusal
            other.send("/name cat")
            assert next_of(other, "name").sender.name == "cat"
            other.send("/msg dan hi")
            assert isinstance(next_of(other, "error").refusal, rustchat.NoSuchPeer)


def test_a_name_that_cannot_be_one_is_refused_before_anything_is_sent(server):
    with pytest.raises(rustchat.InvalidText, match="reads as an address"), join(server, name="127.0.0.1:5"):
        pass
    assert server.stats().accepted == 0


def test_the_tutorials_have_no_commands_unless_they_are_asked_for():
    secret = {"secret": b"secret", "profile": "tutorial:md5", "allow_anonymous": True}
    for options, heard in (
        ({}, "* here: "),
        ({"commands": False}, "/who"),
        (secret, "/who"),
        ({**secret, "commands": True}, "* here: "),
    ):
        with rustchat.ChatServer(port=0, **options) as server:
            end = {key: value for key, value in options.items() if key in ("secret", "profile")}
            with join(server, **end) as client:
                client.send("/who")
                assert client.recv(PATIENCE).text.startswith(heard), options


def run(*words, lines=""):
    return subprocess.run(
        [sys.executable, "-m", "rustchat", *words], input=lines, capture_output=True, text=True, timeout=PATIENCE
    )


def chat(server, *words, lines=""):
    return run("chat", "127.0.0.1", str(server.address[1]), *words, lines=lines)


def test_a_pipe_may_command_and_is_told_of_what_was_refused(server):
    done = chat(server, "--name", "ann", lines="/who\nhello\n//path\n/me waves\n/msg ann psst\n/quit\n")
    assert (done.returncode, done.stderr) == (0, "")
    said = [line.split(" ", 1)[1] for line in done.stdout.splitlines()]
    assert said[0] == "* your name is ann"
    assert re.fullmatch(r"server: \* here: ann \(127\.0\.0\.1:\d+\)", said[1])
    own = [line for line in said if line.startswith("ann: ")]
    assert own == ["ann: hello", "ann: /path", "ann: * ann waves"]
    assert "ann (to you): psst" in said
    for line in ("/msg nobody hi", "/dance"):
        refused = chat(server, lines=f"{line}\nhello\n")
        assert (refused.returncode, "1 of 2 lines was not said" in refused.stderr) == (1, True), refused


def test_where_there_are_no_commands_a_pipe_says_all():
    with rustchat.ChatServer(port=0, commands=False) as server:
        done = chat(server, lines="/who\nhello\n")
        assert (done.returncode, done.stderr) == (0, "")
        assert [line.split(": ", 1)[1] for line in done.stdout.splitlines()] == ["/who", "hello"]


@pytest.mark.parametrize(("word", "answer"), [("--no-commands", "/who"), ("--commands", "* here: ")])
def test_serve_has_commands_or_not(word, answer):
    words = [sys.executable, "-m", "rustchat", "serve", "--port", "0", word]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as serving:
        try:
            assert serving.stdout
            port = int(serving.stdout.readline().rsplit(":", 1)[1])
            peer = LinePeer(("127.0.0.1", port))
            peer.say("/who")
            assert peer.text().startswith(answer)
            peer.close()
        finally:
            serving.terminate()


def test_hooks_see_names(peers):
    seen = []

    class Named(rustchat.ChatServer):
        def on_message(self, client, text):
            seen.append((client.name, text))
            return text

        def on_leave(self, client, reason):
            seen.append((client.name, reason))

    with Named(port=0) as server:
        ann = peers(server)
        for line in ("one", "/name ann", "two", "/msg ann three", "quit"):
            ann.say(line)
        wait_until(lambda: len(seen) == 4)
        assert seen[1:] == [("ann", "two"), ("ann", "three"), ("ann", "quit")]
