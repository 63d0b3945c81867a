"""Authentication: over connections and chats, over a socket of one's own, and the single steps."""

import hashlib
import hmac
import socket

import pytest
import rustchat
from conftest import PATIENCE, wait_until
from rustchat import auth

PROFILES = [
    "mutual",
    "tutorial",
    "tutorial:md5",
    "tutorial:sha256",
    "multiprocessing",
    "multiprocessing:md5",
    "multiprocessing:sha256",
]


@pytest.mark.parametrize("profile", PROFILES)
def test_the_right_secret_gets_in_as_bytes_and_as_text(profile):
    with rustchat.listen(("127.0.0.1", 0), secret="päss", profile=profile) as listener:
        with rustchat.connect(listener.address, secret="päss".encode(), profile=profile) as near:
            near.send(b"hi")
            with listener.accept(PATIENCE) as far:
                assert far.recv(PATIENCE) == b"hi"
                assert far.key_id == ""
    with rustchat.ChatServer(port=0, secret=bytearray(b"s"), profile=profile) as server:
        with rustchat.ChatClient(*server.address, secret="s", profile=profile) as client:
            client.send("hi")
            assert client.recv(PATIENCE).text == "hi"


def test_the_wrong_secret_does_not(records):
    with rustchat.listen(("127.0.0.1", 0), secret="right") as listener:
        with pytest.raises(rustchat.AuthenticationError) as caught:
            rustchat.connect(listener.address, secret="wrong")
        assert isinstance(caught.value, PermissionError)
        assert caught.value.status == "RUSTCHAT_EAUTH"
        records.find("authentication failed")
        with pytest.raises(TimeoutError):
            listener.accept(0.05)
        with rustchat.connect(listener.address, secret="right"):
            listener.accept(PATIENCE).close()


def test_a_silent_peer_holds_up_nobody():
    with rustchat.listen(("127.0.0.1", 0), secret="s", handshake_timeout=2) as listener:
        with socket.create_connection(listener.address, PATIENCE) as silent:
            with rustchat.connect(listener.address, secret="s"):
                listener.accept(PATIENCE).close()
            # It is reminded, and then left.
            while silent.recv(100):
                pass


def test_keys_by_id_and_revocation():
    keys = auth.KeyRing({"ann": "first", "ben": b"second"})
    with rustchat.ChatServer(port=0, keys=keys) as server:
        with rustchat.ChatClient(*server.address, secret="first", key_id="ann") as ann:
            wait_until(lambda: [client.key_id for client in server.clients] == ["ann"])
            del keys["ann"]
            with pytest.raises(rustchat.AuthenticationError):
                rustchat.ChatClient(*server.address, secret="first", key_id="ann").start()
            with pytest.raises(rustchat.ConnectionClosed, match="key revoked"):
                ann.recv(PATIENCE)
        keys["cleo"] = "third"
        rustchat.ChatClient(*server.address, secret="third", key_id="cleo").start()
        with pytest.raises(rustchat.AuthenticationError):
            rustchat.ChatClient(*server.address, secret="second", key_id="cleo").start()
        wait_until(lambda: server.stats().authentication_failed == 2)


def test_a_dict_of_keys_serves_as_well():
    with rustchat.listen(("127.0.0.1", 0), keys={"ann": "first"}) as listener:
        with rustchat.connect(listener.address, secret="first", key_id="ann") as near:
            assert near.key_id == "ann"
            assert listener.accept(PATIENCE).key_id == "ann"


def test_key_ring_is_like_a_dict():
    ring = auth.KeyRing()
    assert len(ring) == 0
    ring["b"] = "2"
    ring.add("a", b"1")
    assert list(ring) == ring.ids() == ["a", "b"]
    assert "a" in ring
    assert "c" not in ring
    assert ring.remove("a")
    assert not ring.remove("a")
    with pytest.raises(KeyError, match="a"):
        del ring["a"]
    assert "secret" not in repr(auth.KeyRing({"x": "secret"}))
    for wrong in ("new\nline", "x" * 65):
        with pytest.raises(ValueError, match="id"):
            ring[wrong] = "s"
    with pytest.raises(ValueError, match="empty"):
        ring["a"] = b""
    with pytest.raises(TypeError, match="argument 'secret': expected bytes or str, not int"):
        ring["a"] = 5


def test_strangers_are_not_let_in_by_oversight():
    for make in (lambda **o: rustchat.listen(("0.0.0.0", 0), **o), lambda **o: rustchat.ChatServer("0.0.0.0", 0, **o)):
        with pytest.raises(rustchat.InvalidArgument, match="allow_anonymous"), make():
            pass
        with make(allow_anonymous=True), make(secret="s"):
            pass


def test_wrong_options():
    for options, message in [
        ({"secret": ""}, "secret: the secret is empty"),
        ({"secret": "a", "keys": {}}, "both"),
        ({"secret": "a", "profile": "plain"}, "profile.*mutual, tutorial"),
        ({"profile": "plain"}, "profile"),
    ]:
        with pytest.raises(rustchat.InvalidArgument, match=message):
            rustchat.listen(("127.0.0.1", 0), **options)
    with pytest.raises(ValueError, match="key_id"):
        rustchat.connect(("127.0.0.1", 1), key_id="ann")
    for options, message in [({"secret": 5}, "secret"), ({"keys": ["a"]}, "keys"), ({"keys": {"a": 5}}, "keys")]:
        with pytest.raises(TypeError, match=message):
            rustchat.ChatServer(**options)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_handshake_over_a_socket_of_ones_own(profile, background):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        server = auth.ServerHandshake(keys={"": "key"}, profile=profile, server_id="me")
        client = auth.ClientHandshake("key", profile=profile)
        serving = background(auth.shake_hands, ours, server, PATIENCE)
        assert auth.shake_hands(theirs, client, PATIENCE) == b""
        assert serving.result() == b""
        assert server.complete
        assert client.complete
        assert server.session_key == client.session_key
        assert (server.session_key is None) == (profile != "mutual")
        assert client.server_id == ("me" if profile == "mutual" else "")
        theirs.sendall(b"then the session")
        assert ours.recv(100) == b"then the session"


def test_a_handshake_byte_by_byte_leaves_what_comes_behind():
    server, client = auth.ServerHandshake("key"), auth.ClientHandshake("key")
    while not (server.complete and client.complete):
        for byte in client.output():
            assert server.receive(bytes([byte])) == b""
        rest = client.receive(server.output() + (b"extra" if server.complete else b""))
    assert rest == b"extra"
    assert (server.key_id, client.key_id) == ("", "")


def test_a_handshake_with_the_wrong_key_fails_on_both_sides(background):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        serving = background(auth.shake_hands, ours, auth.ServerHandshake("right"), PATIENCE)
        with pytest.raises(rustchat.AuthenticationError):
            auth.shake_hands(theirs, auth.ClientHandshake("wrong"), PATIENCE)
        with pytest.raises(rustchat.AuthenticationError):
            serving.result()


def test_a_handshake_has_a_time_limit_and_notices_the_end():
    ours, theirs = socket.socketpair()
    with ours:
        with pytest.raises(TimeoutError):
            auth.shake_hands(ours, auth.ServerHandshake("key"), 0.05)
        assert ours.gettimeout() is None
        theirs.close()
        with pytest.raises(rustchat.AuthenticationError, match="closed"):
            auth.shake_hands(ours, auth.ServerHandshake("key"), PATIENCE)


def test_channel_binding():
    def outcome(server_binding, client_binding):
        server = auth.ServerHandshake("key", channel_binding=server_binding)
        client = auth.ClientHandshake("key", channel_binding=client_binding)
        while not (server.complete and client.complete):
            server.receive(client.output())
            client.receive(server.output())

    outcome((1, b"the channel"), (1, b"the channel"))
    with pytest.raises(rustchat.AuthenticationError):
        outcome((1, b"the channel"), (1, b"another"))
    with pytest.raises(rustchat.NotSupported):
        auth.ClientHandshake("key", profile="tutorial", channel_binding=(1, b"x"))


def test_single_steps():
    key = auth.generate_key()
    assert len(key) == 64
    assert key != auth.generate_key()
    challenge = auth.challenge()
    assert len(challenge) == 32
    answer = auth.respond(key, challenge, "client")
    assert answer == hmac.digest(key.encode(), b"\0\0\0\6client" + challenge, "sha256")
    assert auth.verify(key, challenge, answer, b"client") is True
    for arguments in [(key, challenge, answer), (key, challenge, answer, "server"), ("x", challenge, answer, "client")]:
        with pytest.raises(rustchat.AuthenticationError):
            auth.verify(*arguments)


@pytest.mark.parametrize("digest", ["md5", "sha256"])
def test_tutorial_steps(digest):
    challenge = auth.challenge()
    answer = auth.tutorial_respond("key", challenge, digest)
    assert answer == hmac.new(b"key", challenge, getattr(hashlib, digest)).hexdigest()
    assert auth.tutorial_verify(b"key", challenge, answer, digest) is True
    assert auth.tutorial_verify(b"key", challenge, answer.encode(), digest) is True
    with pytest.raises(rustchat.AuthenticationError):
        auth.tutorial_verify(b"key", challenge, answer.upper(), digest)
    with pytest.raises(ValueError, match=r"digest.*md5, sha256"):
        auth.tutorial_respond("key", challenge, "sha1")


def test_a_client_of_the_tutorial_gets_in(background):
    def dialogue(address):
        with socket.create_connection(address, PATIENCE) as sock:
            challenge = b""
            while len(challenge) < 32:
                challenge += sock.recv(32 - len(challenge))
            sock.sendall(hmac.new(b"key", challenge, "md5").hexdigest().encode())
            sock.sendall(b"hello\n")
            return sock.recv(1000)

    with rustchat.ChatServer(port=0, secret="key", profile="tutorial:md5") as server:
        assert background(dialogue, server.address).result().endswith(b"hello\n")
