"""Ends that do not match find out within a second or so, and say what the other one speaks."""

import contextlib
import itertools
import multiprocessing
import multiprocessing.connection
import os
import socket
import subprocess
import sys
import threading
import time

import pytest
import rustchat
import rustchat.multiprocessing
import rustchat.socket
from conftest import PATIENCE, wait_until
from rustchat import socketserver

# Not the second that is meant, but far from the ten that it took: this machine may be busy with other things.
SOON = 5.0

FRAMINGS = ("line", "u32be", "u32le")
PROFILES = ("mutual", "tutorial", "multiprocessing")


@contextlib.contextmanager
def soon():
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < SOON


def secret_for(profile):
    return {} if profile is None else {"secret": "a secret", "profile": profile}


def chat(server, **options):
    with rustchat.ChatClient(*server.address, **options) as client:
        client.send("hello")
        client.recv(PATIENCE)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_server_that_wants_a_secret_is_named(framing, profile):
    with rustchat.ChatServer(port=0, framing=framing, **secret_for(profile)) as server:
        with soon(), pytest.raises(rustchat.AuthenticationError, match=f"profile {profile}"):
            chat(server, framing=framing)
        with (
            soon(),
            rustchat.connect(server.address, framing=framing) as connection,
            pytest.raises(rustchat.AuthenticationError, match=f"profile {profile}"),
        ):
            connection.recv()


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_server_without_a_secret_is_named(framing, profile):
    with rustchat.ChatServer(port=0, framing=framing) as server:
        with soon(), pytest.raises((rustchat.AuthenticationError, rustchat.TimeoutError), match="no secret"):
            chat(server, framing=framing, **secret_for(profile))
        with soon(), pytest.raises((rustchat.AuthenticationError, rustchat.TimeoutError), match="no secret"):
            rustchat.connect(server.address, framing=framing, **secret_for(profile))


@pytest.mark.parametrize(("ours", "theirs", "named"), [("md5", "sha256", "MD5"), ("sha256", "md5", "SHA-256")])
def test_a_proof_by_the_wrong_digest_is_named_to_both_ends(ours, theirs, named, records):
    ours, theirs = secret_for(f"tutorial:{ours}"), secret_for(f"tutorial:{theirs}")
    said = rf"set to the profile {theirs['profile']}, and the proof had the length of an HMAC-{named}$"
    logged = f"a proof with the length of an HMAC-{named} (profile {ours['profile']})"
    with rustchat.ChatServer(port=0, **theirs) as server:
        with soon(), pytest.raises(rustchat.AuthenticationError, match=said):
            chat(server, **ours)
        records.find(logged)
    with rustchat.listen(("127.0.0.1", 0), **theirs) as listener:
        records.records.clear()
        with soon(), rustchat.connect(listener.address, **ours) as connection:
            with pytest.raises(rustchat.AuthenticationError, match=said):
                connection.recv(PATIENCE)
        records.find(logged)
    kind = type("Tutorial", (Guarded,), {"profile": theirs["profile"]})
    with serving(kind) as server:
        records.records.clear()
        with soon(), rustchat.connect(server.server_address, **ours) as connection:
            with pytest.raises(rustchat.AuthenticationError, match=said):
                connection.recv(PATIENCE)
        records.find(logged)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_silent_server_is_given_up_with_what_is_likely(profile):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        options = secret_for(profile)
        for meet in (rustchat.connect, lambda address, **options: rustchat.ChatClient(*address, **options).start()):
            with soon(), pytest.raises(rustchat.TimeoutError, match=r"may ask for no secret.* a larger timeout"):
                meet(silent.getsockname(), timeout=10, **options)


@pytest.mark.parametrize(("ours", "theirs"), list(itertools.permutations(PROFILES, 2)))
def test_another_profile_is_named(ours, theirs):
    with (
        rustchat.ChatServer(port=0, **secret_for(theirs)) as server,
        soon(),
        pytest.raises(rustchat.AuthenticationError, match=f"profile {theirs}"),
    ):
        chat(server, **secret_for(ours))


@pytest.mark.parametrize(("ours", "theirs"), list(itertools.permutations(FRAMINGS, 2)))
def test_another_framing_is_named(ours, theirs):
    with (
        rustchat.ChatServer(port=0, framing=theirs) as server,
        soon(),
        pytest.raises(rustchat.ProtocolError, match=f"framing {theirs}"),
    ):
        chat(server, framing=ours)


def test_both_ends_of_a_connection_are_told(background):
    for ours, theirs in itertools.permutations(FRAMINGS, 2):
        with rustchat.listen(("127.0.0.1", 0), framing=theirs) as listener:
            far = background(lambda listener=listener: listener.accept(PATIENCE).recv(PATIENCE))
            with soon(), rustchat.connect(listener.address, framing=ours) as near:
                near.send(b"hello")
                with pytest.raises(rustchat.ProtocolError, match=f"framing {theirs}"):
                    near.recv(PATIENCE)
            with pytest.raises(rustchat.ProtocolError, match=f"framing {ours}"):
                far.result()


@pytest.mark.parametrize(("ours", "theirs"), [("u32be", "u32le"), ("u32le", "u32be")])
@pytest.mark.parametrize("length", [1, 256])
def test_the_other_order_of_bytes_shows_where_both_are_within_the_limit(ours, theirs, length, background, records):
    for patience in (PATIENCE, None):
        records.records.clear()
        with (
            rustchat.listen(("127.0.0.1", 0), framing=theirs) as listener,
            rustchat.connect(listener.address, framing=ours) as near,
            listener.accept(PATIENCE) as far,
            soon(),
        ):
            near.send(b"x" * length)
            receiving = background(far.recv, patience)
            records.find(f"this end is set to framing {theirs}, and the peer seems to have sent frames (framing {ours}")
            if patience is None:  # it may be a long message that takes its time
                assert receiving.is_alive()
                near.close()
                with pytest.raises(rustchat.ConnectionLost):
                    receiving.result()
            else:
                with pytest.raises(rustchat.ProtocolError, match=f"framing {ours}"):
                    receiving.result()


def test_sockets_that_authenticate_are_told():
    with rustchat.ChatServer(port=0, framing="u32be") as server:
        for profile in PROFILES:
            with rustchat.socket.create_connection(server.address, timeout=PATIENCE) as sock:
                with soon(), pytest.raises(rustchat.AuthenticationError, match="no secret"):
                    sock.authenticate("a secret", side="client", profile=profile)
            with socket.create_connection(server.address, timeout=PATIENCE) as sock:
                handshake = rustchat.auth.ClientHandshake("a secret", profile=profile)
                with soon(), pytest.raises(rustchat.AuthenticationError, match="no secret"):
                    rustchat.auth.shake_hands(sock, handshake)


def test_the_drop_in_for_multiprocessing_is_told_by_the_standard_librarys_listener(background):
    with multiprocessing.connection.Listener(("127.0.0.1", 0), authkey=b"a key") as listener:

        def serve():
            with contextlib.suppress(EOFError, OSError, multiprocessing.AuthenticationError):
                listener.accept()

        far = background(serve)
        with rustchat.multiprocessing.Client(listener.address) as client:
            with soon(), pytest.raises(multiprocessing.AuthenticationError, match="profile multiprocessing"):
                client.recv_bytes()
        far.result()


@pytest.mark.parametrize(
    ("server_options", "arguments", "named"),
    [
        ({"secret": "a secret"}, [], "asks for a secret"),
        ({"framing": "u32be"}, [], "framing u32be"),
        ({}, ["--framing", "u32be"], "framing line"),
        ({"framing": "u32le"}, ["--framing", "u32be"], "framing u32le"),
    ],
)
def test_the_command_line_says_it(server_options, arguments, named):
    with rustchat.ChatServer(port=0, **server_options) as server:
        done = subprocess.run(
            [sys.executable, "-m", "rustchat", "chat", *map(str, server.address), *arguments],
            input="alarm\n",
            capture_output=True,
            text=True,
            timeout=30,
            env={key: value for key, value in os.environ.items() if key != "RUSTCHAT_SECRET"},
        )
    assert done.returncode != 0
    assert named in done.stderr, done.stderr


class Nothing(socketserver.BaseRequestHandler):
    def handle(self):
        pass


class Guarded(socketserver.AuthMixIn, socketserver.BoundedMixIn, socketserver.ThreadingTCPServer):
    secret = "a secret"


class Narrow(socketserver.BoundedMixIn, socketserver.ThreadingTCPServer):
    max_connections = 0


@contextlib.contextmanager
def serving(kind):
    with kind(("127.0.0.1", 0), Nothing) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(PATIENCE)


def flood(address, count, words):
    for _ in range(count):
        with socket.create_connection(address, PATIENCE) as sock, contextlib.suppress(OSError):
            sock.sendall(words)
            while sock.recv(4096):
                pass


def told(lines):
    return sum(1 + int(line.partition("; and ")[2].split(" ")[0] or 0) for line in lines)


@pytest.mark.parametrize(("kind", "word"), [(Guarded, "authentication failed"), (Narrow, "refused")])
def test_floods_at_the_door_of_a_socketserver_are_counted(kind, word, records):
    begin = time.monotonic()
    with serving(kind) as server:
        flood(server.server_address, 200, b"GET / HTTP/1.1\r\n\r\n")

        def lines():
            return [text for record in records.records if word in (text := record.getMessage())]

        wait_until(lambda: told(lines()) == 200)
        assert len(lines()) <= 2 + (time.monotonic() - begin)
        assert kind is Narrow or "an HTTP request" in lines()[0]


def test_a_socketserver_reminds_who_is_silent():
    with serving(Guarded) as server, rustchat.connect(server.server_address, framing="line") as connection:
        with soon(), pytest.raises(rustchat.AuthenticationError, match="profile mutual"):
            connection.recv(PATIENCE)


def test_on_error_is_called_once_and_then_with_a_count():
    errors = []

    class Server(rustchat.ChatServer):
        def on_error(self, error):
            errors.append(str(error))

    begin = time.monotonic()
    with Server(port=0, secret="a secret") as server:
        flood(server.address, 200, b"GET / HTTP/1.1\r\n\r\n")

        def count():
            others = [text.partition("as it did for ")[2] for text in errors]
            return sum(1 + int(rest.split(" ")[0]) if rest else 1 for rest in others)

        wait_until(lambda: count() == 200)
        assert len(errors) <= 2 + (time.monotonic() - begin)
