"""Link-local addresses, which mean something only with the network interface behind them."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import rustchat
from conftest import PATIENCE
from rustchat import socket

LINK_LOCAL = 0x20


def link_local():
    """The first link-local address of this machine, its interface and the interface's number."""
    try:
        lines = Path("/proc/net/if_inet6").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        digits, number, _prefix, scope, _flags, name = line.split()
        if int(scope, 16) == LINK_LOCAL:
            return socket.inet_ntop(socket.AF_INET6, bytes.fromhex(digits)), name, int(number, 16)
    return None


FOUND = link_local()
pytestmark = pytest.mark.skipif(FOUND is None, reason="no link-local address here")


@pytest.fixture(params=["name", "number"])
def host(request):
    ip, name, number = FOUND
    return f"{ip}%{name if request.param == 'name' else number}"


def test_connections(host):
    with rustchat.listen((host, 0), allow_anonymous=True) as listener:
        assert listener.address[0] == f"{FOUND[0]}%{FOUND[2]}"
        port = listener.address[1]
        for address in (listener.address, (host, port), f"[{host}]:{port}"):
            with rustchat.connect(address, timeout=PATIENCE) as near, listener.accept(PATIENCE) as far:
                near.send(b"x")
                assert far.recv(PATIENCE) == b"x"
                assert near.peer == listener.address


@pytest.mark.parametrize("framing", ["line", "u32be"])
def test_a_chat_shows_addresses_without_the_scope_which_is_this_machines_own(host, framing):
    with (
        rustchat.ChatServer(host, 0, framing=framing, allow_anonymous=True) as server,
        rustchat.ChatClient(*server.address, framing=framing) as client,
    ):
        client.send("hello")
        message = client.recv(PATIENCE)
        assert message.text == "hello"
        assert message.sender.address == client.address == (FOUND[0], client.address[1])
        assert [member.address for member in server.clients] == [(f"{FOUND[0]}%{FOUND[2]}", client.address[1])]


def test_the_drop_in_takes_it_with_two_parts_and_with_four(host):
    with socket.socket(socket.AF_INET6) as listener:
        listener.bind((host, 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert listener.getsockname() == (FOUND[0], port, 0, FOUND[2])
        for address in ((host, port), (FOUND[0], port, 0, FOUND[2]), (host, port, 0, 0)):
            with socket.socket(socket.AF_INET6) as sock:
                sock.settimeout(PATIENCE)
                sock.connect(address)
        with socket.create_connection((host, port), PATIENCE):
            pass


def test_the_command_serves_and_joins_there(host):
    command = [sys.executable, "-m", "rustchat"]
    serve = [*command, "serve", "--host", host, "--port", "0", "--allow-anonymous"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as server:
        try:
            address = server.stdout.readline().split()[-1]
            port = address.rpartition(":")[2]
            done = subprocess.run(
                [*command, "chat", host, port], input="hello\n", capture_output=True, text=True, timeout=30
            )
            assert (done.returncode, done.stderr) == (0, "")
            assert "hello" in done.stdout
        finally:
            server.send_signal(signal.SIGTERM)


def test_an_interface_that_is_not_there_is_named():
    for call in (rustchat.listen, rustchat.connect):
        with pytest.raises(rustchat.AddressError, match="'no-such-interface'"):
            call((f"{FOUND[0]}%no-such-interface", 1))
