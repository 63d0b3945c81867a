"""Files over TLS, and who did what in the log."""

import logging
import os

import pytest
import rustchat
from certificates import Issued
from conftest import PATIENCE
from rustchat import FileClient, FileServer
from test_files import BLOCK, SECRET
from waiting import wait_until


def test_files_go_over_tls(tmp_path):
    root, here = tmp_path / "root", tmp_path / "file"
    root.mkdir()
    content = os.urandom(9 * BLOCK + 1)
    here.write_bytes(content)
    with FileServer("0.0.0.0:0", root, secret=SECRET, tls=True, disk_reserve=0) as server:
        address = ("127.0.0.1", server.address[1])
        with FileClient(address, secret=SECRET, tls=True) as files:
            files.upload(here, "file", timeout=PATIENCE)
            files.download("file", tmp_path / "back", timeout=PATIENCE)
            assert (tmp_path / "back").read_bytes() == content
        with pytest.raises(rustchat.Error):
            FileClient(address, secret=SECRET, timeout=PATIENCE)


def test_clients_may_pin_the_key_and_the_certificate_is_renewed_under_them(
    tmp_path, certificate: Issued, another: Issued
):
    def join():
        return FileClient(server.address, secret=SECRET, tls=rustchat.TLS(pin=[certificate.pin, another.pin]))

    shown = rustchat.TLS(cert=certificate.cert, key=certificate.key)
    with FileServer("127.0.0.1:0", tmp_path, secret=SECRET, tls=shown, disk_reserve=0) as server, join() as early:
        assert (server.pin, early.peer_pin) == (certificate.pin, certificate.pin)
        assert (early.protection, early.binding) == ("tls", "tls-exporter")
        server.replace_certificate(rustchat.TLS(cert=another.cert, key=another.key))
        with join() as late:
            assert (server.pin, late.peer_pin) == (another.pin, another.pin)
            late.mkdir("made")
        early.rmdir("made")
        with pytest.raises(rustchat.AuthenticationError, match="pin"):
            FileClient(server.address, secret=SECRET, tls=rustchat.TLS(pin=certificate.pin))
    assert server.pin is None
    with pytest.raises(rustchat.StateError):
        server.replace_certificate(another.cert, another.key)


def test_the_log_tells_who_did_what_and_nothing_in_it_ends_a_line(tmp_path, caplog):
    caplog.set_level(logging.INFO, "rustchat")
    (tmp_path / "file").write_text("x")
    with (
        FileServer("127.0.0.1:0", tmp_path, keys={"ann\u2028": SECRET}, disk_reserve=0) as server,
        FileClient(server.address, secret=SECRET, key_id="ann\u2028") as files,
    ):
        files.rename("file", "other")
        files.download("other", tmp_path / "back")
        with pytest.raises(rustchat.Refused, match="control characters"):
            files.mkdir("evil\n\x1b[2Jname")
        with pytest.raises(FileNotFoundError):
            files.remove("none")

    def heard():
        return [line for record in caplog.records if (line := record.getMessage()).startswith('key "ann')]

    # A thread of its own brings the records.
    wait_until(lambda: len(heard()) >= 5)
    said = heard()
    assert all(line.isprintable() for line in said)
    who = f'key "ann\\u2028" from {files.peer[0]}'
    assert all(line.startswith(who) for line in said)
    rest = [line.split(" ", 4)[4] for line in said]
    assert rest == [
        'renames "file" to "other"',
        'begins: fetches "other"',
        'fetches "other", 1 bytes',
        'makes folder "evil\\u000a\\u001b[2Jname": refused: a name holds control characters: '
        "\"'evil\\\\n\\\\u{1b}[2Jname': a name holds control characters\"",
        'removes "none": refused: not found: "\'none\': not found"',
    ]
