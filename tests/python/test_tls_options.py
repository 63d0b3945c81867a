"""What may be given as tls, and what TLS() takes."""

from __future__ import annotations

import copy
import pickle
import re
import ssl

import pytest
import rustchat
from certificates import Issued, openssl

SECRET = "what only the two of them know"
PIN = "0f" * 32


def servers(tls):
    yield lambda: rustchat.ChatServer(port=0, tls=tls)
    yield lambda: rustchat.ChatClient(port=1, tls=tls)
    yield lambda: rustchat.listen("127.0.0.1:0", tls=tls)
    yield lambda: rustchat.connect("127.0.0.1:1", tls=tls)


@pytest.mark.parametrize("wrong", [1, "yes", b"", object(), [], rustchat.TLS, ("cert", "key")])
def test_anything_else_is_named(wrong):
    for call in servers(wrong):
        with pytest.raises(TypeError, match=r"^argument 'tls': expected True, False, None or a rustchat.TLS, not "):
            call()


@pytest.mark.parametrize("kind", ["SSLContext", "derived"])
def test_a_context_of_the_standard_library_is_told_what_to_give_instead(kind):
    class Derived(ssl.SSLContext):
        pass

    context = (Derived if kind == "derived" else ssl.SSLContext)(ssl.PROTOCOL_TLS_SERVER)
    for call in servers(context):
        with pytest.raises(
            TypeError, match=r"^argument 'tls': expected .* or a rustchat.TLS, not \w+, whose key"
        ) as said:
            call()
        for instead in ("True", "TLS(cert=…, key=…)", "TLS(ca=…)", "TLS(pin=…)"):
            assert instead in str(said.value)


@pytest.mark.parametrize("none", [False, None])
def test_none_is_plain(none):
    with rustchat.ChatServer(port=0, tls=none) as server, rustchat.ChatClient(*server.address, tls=none) as client:
        client.send("hello")
        assert client.recv(10).text == "hello"
        assert (client.protection, client.binding, client.peer_pin, server.pin) == ("plain", None, None, None)
        assert (server.clients[0].protection, server.clients[0].binding) == ("plain", None)
        assert server.stats().members_tls == 0


def test_a_certificate_is_read_from_paths_and_from_pem(certificate: Issued):
    cert, key = certificate.cert, certificate.key
    both = cert.read_text() + key.read_text()
    for tls in (
        rustchat.TLS(cert=cert, key=key),
        rustchat.TLS(cert=str(cert), key=str(key)),
        rustchat.TLS(cert=cert.read_text(), key=key.read_bytes()),
        rustchat.TLS(cert=cert, key=bytearray(key.read_bytes())),
        rustchat.TLS(cert=both),
        rustchat.TLS(cert=memoryview(both.encode())),
    ):
        assert tls.cert_pin == certificate.pin
        assert (tls.pins, tls.server_name, tls.allow_unbound) == ([], None, False)


def test_a_pin_is_read_in_every_form(certificate: Issued):
    pin = certificate.pin
    colons = ":".join(pin[at : at + 2] for at in range(0, 64, 2)).upper()
    forms = (pin, pin.upper(), colons, certificate.pin_in_base64, f"sha256//{certificate.pin_in_base64}")
    for one in (*forms, bytes.fromhex(pin)):
        assert rustchat.TLS(pin=one).pins == [pin]
    assert rustchat.TLS(pin=[pin, bytes(32)]).pins == [pin, "00" * 32]
    assert rustchat.TLS(pin=(each for each in forms)).pins == [pin] * 5


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"pin": "0f"}, '"0f" is no pin, expected the SHA-256 of a public key as 64 hex digits or in base64'),
        ({"pin": [PIN, "x"]}, '"x" is no pin'),
        ({"pin": b"0f"}, "pin has 2 bytes, expected the 32 of a SHA-256"),
        ({"pin": []}, "pin: there is no pin"),
        ({"pin": PIN, "ca": "system"}, "ca and pin are both given, expected one of them"),
        ({"key": "key.pem"}, "key is given without cert, expected both, or one that holds both"),
        ({"cert": b""}, "cert: there is no certificate in the PEM, expected -----BEGIN CERTIFICATE-----"),
        ({"ca": b"x"}, "ca: there is no certificate in the PEM of the trusted roots"),
        ({"server_name": "two words"}, 'no certificate can be for "two words"'),
    ],
)
def test_wrong_values(options, text):
    with pytest.raises(rustchat.InvalidArgument) as caught:
        rustchat.TLS(**options)
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"pin": [5]}, "argument 'pin': expected the SHA-256 of a public key as text or 32 bytes, or several, not int"),
        ({"cert": 5}, "argument 'cert': expected a path or PEM, not int"),
        ({"cert": "cert.pem", "key": 5}, "argument 'key': expected a path or PEM, not int"),
        ({"ca": 5}, "argument 'ca': expected a path or PEM, not int"),
        ({"server_name": b"x"}, "argument 'server_name': expected str or None, not bytes"),
        ({"allow_unbound": 1}, "argument 'allow_unbound': expected True or False, not int"),
    ],
)
def test_wrong_types(options, text):
    with pytest.raises(TypeError) as caught:
        rustchat.TLS(**options)
    assert str(caught.value) == text


def test_files_that_cannot_be_read_are_named(tmp_path):
    missing = tmp_path / "missing.pem"
    for options in ({"cert": missing}, {"ca": str(missing)}):
        with pytest.raises(FileNotFoundError, match=f"^{re.escape(str(missing))}: No such file") as caught:
            rustchat.TLS(**options)
        assert isinstance(caught.value, rustchat.Error)


def test_certificates_that_cannot_be_used_are_named(certificate: Issued, another: Issued, tmp_path):
    with pytest.raises(rustchat.InvalidArgument) as caught:
        rustchat.TLS(cert=certificate.cert, key=another.key)
    assert str(caught.value) == (
        f"{certificate.cert}, {another.key}: the private key is not the certificate's: they were made apart"
    )
    locked = tmp_path / "locked.pem"
    locked.write_bytes(openssl("pkey", "-in", certificate.key, "-aes256", "-passout", "pass:hush"))
    with pytest.raises(rustchat.InvalidArgument, match="the private key is encrypted, expected one without"):
        rustchat.TLS(cert=certificate.cert, key=locked)
    with pytest.raises(rustchat.InvalidArgument, match="no private key in the PEM"):
        rustchat.TLS(cert=certificate.cert)


def test_it_shows_no_key_and_is_not_copied(certificate: Issued):
    tls = rustchat.TLS(cert=certificate.cert, key=certificate.key, pin=PIN, server_name="chat.example.org")
    assert repr(tls) == f'<TLS certificate of {certificate.pin}; trusting {PIN}; server_name "chat.example.org">'
    assert repr(rustchat.TLS(ca=certificate.ca, allow_unbound=True)) == "<TLS trusting roots of its own; allow_unbound>"
    assert repr(rustchat.TLS(ca="system")) == "<TLS trusting the system's roots>"
    assert repr(rustchat.TLS()) == "<TLS>"
    for copying in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=r"cannot pickle 'rustchat\.TLS' object"):
            copying(tls)


def test_what_nobody_could_verify_does_not_start():
    for options in ({}, {"secret": SECRET, "profile": "tutorial"}, {"secret": SECRET, "profile": "multiprocessing"}):
        with pytest.raises(rustchat.InvalidArgument, match="TLS needs a certificate with its key, or a secret in the"):
            rustchat.ChatServer(port=0, tls=True, **options).start()
        with pytest.raises(rustchat.InvalidArgument, match="TLS needs a certificate"):
            rustchat.listen("127.0.0.1:0", tls=rustchat.TLS(), **options)
