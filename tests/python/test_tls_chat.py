"""Chats by TLS: whom the ends trust, what they say of it, and who does not get in."""

from __future__ import annotations

import socket

import pytest
import rustchat
from certificates import Issued
from conftest import PATIENCE, in_child, wait_until

SECRET = "what only the two of them know"
FRAMINGS = ("line", "u32be", "u32le", "multiprocessing")


def serve(**options):
    return rustchat.ChatServer(**{"port": 0, "tls": True, "secret": SECRET, **options})


def join(server, **options):
    return rustchat.ChatClient(*server.address, **{"tls": True, "secret": SECRET, **options})


def show(certificate: Issued) -> rustchat.TLS:
    return rustchat.TLS(cert=certificate.cert, key=certificate.key)


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_secret_is_enough(framing):
    with serve(framing=framing) as server, join(server, framing=framing) as ann, join(server, framing=framing) as bob:
        ann.send("hello")
        assert (ann.recv(PATIENCE).text, bob.recv(PATIENCE).text) == ("hello", "hello")
        server.broadcast("to all")
        assert bob.recv(PATIENCE).text == "to all"
        for client in (ann, bob):
            assert (client.protection, client.binding, client.peer_pin) == ("tls", "tls-exporter", server.pin)
        assert [(each.protection, each.binding) for each in server.clients] == [("tls", "tls-exporter")] * 2
        assert server.stats().members_tls == 2
        assert server.stats().as_dict()["members_tls"] == 2
    assert (ann.protection, ann.peer_pin, server.pin) == (None, None, None)


def test_hooks_see_what_protects_a_member():
    class Watching(rustchat.ChatServer):
        def authorize(self, client):
            return (client.protection, client.binding, client.key_id) == ("tls", "tls-exporter", "ann")

        def on_message(self, client, text):
            return f"{text} by {client.protection}"

    with Watching(port=0, tls=True, keys={"ann": SECRET, "bob": SECRET}) as server:
        with join(server, key_id="ann") as ann:
            ann.send("hello")
            assert ann.recv(PATIENCE).text == "hello by tls"
        with join(server, key_id="bob") as bob, pytest.raises(rustchat.ConnectionClosed):
            bob.recv(PATIENCE)


def test_a_server_makes_another_certificate_each_time_it_starts():
    server, pins = serve(), set()
    for _ in range(2):
        with server:
            pins.add(server.pin)
    assert len(pins) == 2
    assert None not in pins


def test_a_wrong_secret_is_refused():
    with serve() as server:
        with pytest.raises(rustchat.AuthenticationError):
            join(server, secret="a guess").start()
        wait_until(lambda: server.stats().authentication_failed == 1)
        assert server.stats().joined == 0


def test_without_a_secret_the_certificate_is_verified(certificate: Issued, elsewhere: Issued):
    with serve(secret=None, tls=show(certificate)) as server:
        for tls in (
            rustchat.TLS(ca=certificate.ca),
            rustchat.TLS(ca=certificate.ca.read_bytes()),
            rustchat.TLS(ca=certificate.ca, server_name="localhost"),
            rustchat.TLS(pin=server.pin),
            rustchat.TLS(pin=["00" * 32, certificate.pin_in_base64]),
        ):
            with join(server, secret=None, tls=tls) as client:
                client.send("hello")
                assert client.recv(PATIENCE).text == "hello"
                assert (client.protection, client.binding, client.peer_pin) == ("tls", None, certificate.pin)
        for tls, text in (
            (True, "vouched for by nobody who is trusted here; to trust it, give its root, or its pin, or a secret"),
            (rustchat.TLS(ca="system"), "vouched for by nobody who is trusted here"),
            (rustchat.TLS(pin=elsewhere.pin), f"the server's public key is {certificate.pin}, expected another"),
            (rustchat.TLS(ca=certificate.ca, server_name="chat.example.org"), "is for another name"),
        ):
            with pytest.raises(rustchat.AuthenticationError, match=text):
                join(server, secret=None, tls=tls).start()


def test_only_the_library_itself_is_in_its_log(certificate: Issued, records):
    with serve(secret=None, tls=show(certificate)) as server:
        with pytest.raises(rustchat.AuthenticationError):
            join(server, secret=None).start()
        records.find("TLS: the peer does not trust this certificate")
    assert not [record for record in records.records if "failed to verify" in record.getMessage()]


def test_a_secret_and_a_certificate_may_both_be_set(certificate: Issued):
    with serve(tls=show(certificate)) as server:
        for tls in (True, rustchat.TLS(ca=certificate.ca), rustchat.TLS(pin=certificate.pin)):
            with join(server, tls=tls) as client:
                assert (client.binding, client.peer_pin) == ("tls-exporter", certificate.pin)
        with pytest.raises(rustchat.AuthenticationError, match="expected another"):
            join(server, tls=rustchat.TLS(pin="00" * 32)).start()


def test_profiles_that_cannot_bind_need_a_certificate(certificate: Issued):
    for profile in ("tutorial", "multiprocessing"):
        with serve(tls=show(certificate), profile=profile) as server:
            with join(server, profile=profile, tls=rustchat.TLS(pin=server.pin)) as client:
                client.send("hello")
                assert client.recv(PATIENCE).text == "hello"
                assert (client.protection, client.binding) == ("tls", None)


def test_a_client_without_tls_is_told_that_the_server_has_it(records):
    with serve() as server, pytest.raises(rustchat.Error, match="TLS"):
        join(server, tls=None).start()
    with serve() as server, socket.create_connection(server.address, PATIENCE) as peer:
        peer.sendall(b"hello\n")
        assert peer.recv(100) == bytes.fromhex("15 03 03 00 02 02 0a")
    records.find("and TLS is spoken here")


def test_a_client_with_tls_is_told_that_the_server_has_none(records):
    with serve(tls=None) as server, pytest.raises(rustchat.ProtocolError, match="the server does not speak TLS"):
        join(server).start()
    with serve(tls=None, secret=None) as server:
        with pytest.raises(rustchat.ProtocolError, match="the server does not speak TLS"):
            join(server).start()
        records.find("TLS")


def test_a_certificate_is_replaced_while_the_server_runs(certificate: Issued, another: Issued):
    trusted = rustchat.TLS(pin=[certificate.pin, another.pin])
    with serve(secret=None, tls=show(certificate)) as server, join(server, secret=None, tls=trusted) as early:
        wait_until(lambda: server.clients)
        server.replace_certificate(another.cert, another.key)
        assert server.pin == another.pin
        with join(server, secret=None, tls=trusted) as late:
            assert (early.peer_pin, late.peer_pin) == (certificate.pin, another.pin)
            # Without a secret there is no answer of the server's that would tell.
            wait_until(lambda: len(server.clients) == 2)
            early.send("still here")
            assert late.recv(PATIENCE).text == "still here"
        server.replace_certificate(show(certificate))
        assert server.pin == certificate.pin
        for wrong, text in (
            ((rustchat.TLS(),), "the TLS has no certificate"),
            ((show(another), another.key), "key is given beside a TLS"),
            ((certificate.cert, another.key), "made apart"),
        ):
            with pytest.raises(rustchat.InvalidArgument, match=text):
                server.replace_certificate(*wrong)
        assert server.pin == certificate.pin
    with pytest.raises(rustchat.StateError):
        server.replace_certificate(another.cert, another.key)


def test_without_tls_there_is_no_certificate_to_replace(server, certificate: Issued):
    with pytest.raises(rustchat.StateError, match="has no TLS"):
        server.replace_certificate(certificate.cert, certificate.key)


def test_a_chat_by_a_unix_socket(tmp_path):
    path = str(tmp_path / "room.sock")
    with rustchat.ChatServer(path, tls=True, secret=SECRET), rustchat.ChatClient(path, tls=True, secret=SECRET) as one:
        one.send("hello")
        assert one.recv(PATIENCE).text == "hello"
        assert one.binding == "tls-exporter"


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_fork_leaves_members_alone():
    with serve() as server, join(server) as client:
        wait_until(lambda: server.clients)
        assert in_child(lambda: client.send("x")).startswith("StateError: this object was made before fork")

        def own():
            with serve() as server, join(server) as client:
                client.send("child")
                return client.recv(PATIENCE).text

        assert in_child(own) == "'child'"
        client.send("still here")
        assert client.recv(PATIENCE).text == "still here"
