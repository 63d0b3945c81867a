"""What `rustchat serve` may be told: by flags made of the core's options, and by a file of the same names."""

from __future__ import annotations

import argparse
import inspect
from pathlib import Path
from typing import Any

import pytest
import rustchat
from commands import Served, run
from rustchat._rustchat import server_options
from rustchat.cli import parser, serve_settings, settings
from rustchat.cli.failure import Failure


def resolved(*words: str, config: Path | None = None) -> argparse.Namespace:
    given = parser().parse_args(["serve", *words])
    return settings.resolved(given, serve_settings.everything(), config)


def configured(tmp_path: Path, text: str, *words: str) -> argparse.Namespace:
    file = tmp_path / "chat.toml"
    file.write_text(text)
    return resolved(*words, config=file)


def test_every_option_of_the_core_has_a_flag_and_its_default() -> None:
    options = resolved()
    for name, _kind, default, _choices, about in server_options():
        assert getattr(options, name) == default, name
        assert about.endswith("."), name
    # Of the rest, what is no value is given by files, and the address by the host.
    signature = inspect.signature(rustchat.ChatServer)
    assert {name for name, *_ in server_options()} == set(signature.parameters) - {
        *("ip", "port", "secret", "keys", "profile", "server_id", "tls"),
    }
    text = run("serve", "--help").stdout
    assert all(f"--{name.replace('_', '-')}" in text for name, *_ in server_options())


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        (["--announce"], "announce", True),
        (["--no-announce"], "announce", False),
        (["--no-console"], "console", False),
        (["--message-limit", "64K"], "message_limit", 65536),
        (["--members-per-ip", "0"], "members_per_ip", 0),
        (["--ping-interval", "2.5"], "ping_interval", 2.5),
        (["--rate", "5/2.5"], "rate", (5, 2.5)),
        (["--mode", "660"], "mode", 0o660),
        (["--framing", "json"], "framing", "u32be"),
        (["--on-error", "pass"], "on_error", "pass"),
        (["--ban-file", "bans"], "ban_file", Path("bans")),
    ],
)
def test_flags_are_read_by_their_kind(words: list[str], name: str, value: Any) -> None:
    assert getattr(resolved(*words), name) == value


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("announce = true", "announce", True),
        ("console = false", "console", False),
        ('message_limit = "64K"', "message_limit", 65536),
        ("message_limit = 1000", "message_limit", 1000),
        ("ping_interval = 2", "ping_interval", 2),
        ("rate = [5, 2.5]", "rate", (5, 2.5)),
        ('rate = "5/2.5"', "rate", (5, 2.5)),
        ('mode = "660"', "mode", 0o660),
        ("mode = 0o660", "mode", 0o660),
        ("group = 100", "group", 100),
        ('framing = "json"', "framing", "u32be"),
        ("port = 0", "port", 0),
        ('log_level = "debug"', "log_level", "debug"),
    ],
)
def test_a_file_has_the_same_settings(tmp_path: Path, line: str, name: str, value: Any) -> None:
    assert getattr(configured(tmp_path, line), name) == value


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("mesage_limit = 1", "there is no setting mesage_limit; do you mean message_limit?"),
        ("message-limit = 1", "do you mean message_limit?"),
        ('secret = "x"', "there is no setting secret"),
        ("[chat]\nport = 1", "there is no setting chat"),
        ("announce = 1", "announce is 1, expected true or false"),
        ("message_limit = true", "message_limit is True, expected a number"),
        ("message_limit = 1.5", "message_limit is 1.5, expected a number"),
        ('message_limit = "many"', "message_limit is 'many'"),
        ('ping_interval = "soon"', "ping_interval is 'soon', expected a number of seconds"),
        ("rate = [1]", "rate is [1], expected messages at once and a second"),
        ("rate = [true, 1]", "rate is [True, 1]"),
        ("port = 70000", "port is 70000, expected a port"),
        ('mode = "999"', "mode is '999'"),
        ('framing = "morse"', "framing is 'morse'"),
        ('profile = "none"', "profile is 'none', expected \"mutual\" or"),
        ("host = 7", "host is 7, expected a text"),
        ("port =", "Invalid value"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    with pytest.raises(Failure) as failure:
        configured(tmp_path, line)
    assert str(failure.value).startswith(f"--config {tmp_path / 'chat.toml'}: ")
    assert complaint in str(failure.value)


def test_a_flag_counts_for_more_than_the_file_and_the_file_for_more_than_the_default(tmp_path: Path) -> None:
    text = "announce = true\nworkers = 3\ntls = true\nmember_limit = 7\n"
    options = configured(tmp_path, text, "--no-announce", "--workers", "1", "--no-tls")
    assert (options.announce, options.workers, options.tls, options.member_limit) == (False, 1, False, 7)


def test_files_that_a_file_names_stand_beside_it(tmp_path: Path) -> None:
    options = configured(tmp_path, 'secret_file = "chat.key"\nlog_file = "/var/log/chat"\nban_file = "bans"\n')
    assert (options.secret_file, options.log_file) == (tmp_path / "chat.key", Path("/var/log/chat"))
    assert serve_settings.core_arguments(options)["ban_file"] == str(tmp_path / "bans")


def test_a_server_is_configured_by_a_file(tmp_path: Path) -> None:
    file = tmp_path / "chat.toml"
    file.write_text("announce = true\nmessage_limit = 20\nport = 1\n")
    server = Served("--config", str(file))
    try:
        with server.dial() as peer, peer.makefile() as heard:
            peer.sendall(b"x" * 21 + b"\n")
            assert heard.readline() and "limit of 20 bytes" in heard.readline()
            with server.dial():
                assert heard.readline() and heard.readline().endswith(": joined\n")
    finally:
        assert server.end()[0] == 0


@pytest.mark.parametrize("words", [["--config", "/nowhere/chat.toml"], ["--config", "/"]])
def test_a_file_that_cannot_be_read_is_named(words: list[str]) -> None:
    done = run("serve", *words)
    assert done.returncode == 1
    assert done.stderr.startswith(f"rustchat: --config {words[1]}: ")
