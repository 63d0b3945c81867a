"""Certificates for the tests, made by openssl for the day: none lies in the repository."""

from __future__ import annotations

import base64
import hashlib
import ssl
import subprocess
from pathlib import Path

import pytest

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Issued:
    """A certificate in a file, its key in another."""

    def __init__(self, folder: Path, name: str) -> None:
        self.cert, self.key, self.ca = folder / f"{name}.pem", folder / f"{name}.key", folder / "ca.pem"

    @property
    def public_key(self) -> bytes:
        """In DER."""
        pem = openssl("x509", "-in", self.cert, "-noout", "-pubkey")
        return openssl("pkey", "-pubin", "-outform", "DER", said=pem)

    @property
    def pin(self) -> str:
        return hashlib.sha256(self.public_key).hexdigest()

    @property
    def pin_in_base64(self) -> str:
        return base64.b64encode(bytes.fromhex(self.pin)).decode()

    def context(self) -> ssl.SSLContext:
        """Of a server that is Python's own."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        return context


class Authority:
    """Makes certificates that its own vouches for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ca = folder, folder / "ca.pem"
        words = ("-keyout", folder / "ca.key", "-out", self.ca, "-days", "2", "-subj", "/CN=An authority for a day")
        openssl("req", "-x509", *CURVE, *words)

    def issue(self, name: str, *names: str) -> Issued:
        """A certificate for these names, in files of that name."""
        issued, request = Issued(self.folder, name), self.folder / f"{name}.csr"
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={','.join(names)}\n")
        openssl("req", "-new", *CURVE, "-keyout", issued.key, "-out", request, "-subj", f"/CN={name}")
        vouch = ("-CA", self.ca, "-CAkey", self.folder / "ca.key", "-CAcreateserial", "-days", "2")
        openssl("x509", "-req", "-in", request, *vouch, "-extfile", extensions, "-out", issued.cert)
        return issued


def openssl(*words: object, said: bytes = b"") -> bytes:
    done = subprocess.run(["openssl", *map(str, words)], input=said, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def certificate(authority: Authority) -> Issued:
    """For this machine."""
    return authority.issue("here", "DNS:localhost", "IP:127.0.0.1")


@pytest.fixture(scope="session")
def another(authority: Authority) -> Issued:
    """For this machine, too, with another key."""
    return authority.issue("another", "DNS:localhost", "IP:127.0.0.1")


@pytest.fixture(scope="session")
def elsewhere(authority: Authority) -> Issued:
    """For another machine."""
    return authority.issue("elsewhere", "DNS:chat.example.org")
