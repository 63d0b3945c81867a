"""Sockets of the interpreter's own class pass for rustchat's: isinstance(), and methods of the class."""

from __future__ import annotations

import abc
import inspect
import io
import socket as standard
import ssl
from collections.abc import Sized
from unittest import mock

import pytest
from rustchat import socket


@pytest.fixture(params=["standard", "ours"])
def pair(request):
    one, two = (standard if request.param == "standard" else socket).socketpair()
    with one, two:
        one.settimeout(10)
        two.settimeout(10)
        yield one, two


def test_either_is_an_instance(pair):
    assert isinstance(pair[0], socket.socket)
    assert isinstance(pair[0], socket.SocketType)


def test_nothing_else_is():
    class Mine(socket.socket):
        pass

    assert issubclass(ssl.SSLSocket, socket.socket)
    assert issubclass(standard.socket, socket.socket)
    assert not issubclass(socket.socket, standard.socket)
    assert not issubclass(standard.socket, Mine)
    assert not issubclass(int, socket.socket)
    for other in (3, None, io.BytesIO(), standard.socket, socket):
        assert not isinstance(other, socket.socket)
    with standard.socket() as one, socket.socket() as two, Mine() as mine:
        assert not isinstance(one, Mine) and not isinstance(two, Mine)
        assert isinstance(mine, Mine) and isinstance(mine, socket.socket)


def test_methods_of_the_class_do_for_either(pair):
    one, two = pair
    kind = socket.socket
    assert kind.send(one, b"a") == 1
    assert kind.sendall(one, b"bc") is None
    assert kind.sendmsg(one, [b"d"]) == 1
    assert kind.recv(two, 4) == b"abcd"
    assert kind.fileno(one) == one.fileno()
    assert kind.gettimeout(one) == 10
    kind.settimeout(one, 9.0)
    kind.setblocking(one, True)
    assert kind.getblocking(one)
    kind.setsockopt(one, socket.SOL_SOCKET, socket.SO_SNDBUF, 10000)
    assert kind.getsockopt(one, socket.SOL_SOCKET, socket.SO_SNDBUF) > 0
    assert kind.getsockname(one) == one.getsockname()
    assert kind.family.__get__(one) is socket.AF_UNIX
    assert kind.timeout.__get__(two) == 10
    assert kind.__repr__(one).startswith("<socket.socket fd=")
    with kind.makefile(two, "rb") as lines:
        kind.sendall(one, b"line\n")
        assert lines.readline() == b"line\n"
    with kind.dup(one) as twin:
        assert type(twin) is type(one)
    kind.shutdown(one, socket.SHUT_RDWR)
    kind.close(one)
    assert one.fileno() == -1
    assert kind.detach(two) > 0


@pytest.mark.parametrize("module", [standard, socket])
def test_connections_by_methods_of_the_class(module):
    kind = socket.socket
    with module.create_server(("127.0.0.1", 0)) as server, module.socket() as near:
        kind.connect(near, server.getsockname())
        far, address = kind.accept(server)
        with far:
            assert address == near.getsockname()


def test_tls_sockets_pass():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with socket.create_server(("127.0.0.1", 0)) as server:
        plain = socket.socket()
        with context.wrap_socket(plain, server_hostname="localhost", do_handshake_on_connect=False) as secure:
            assert isinstance(secure, socket.socket)
            socket.socket.connect(secure, server.getsockname())
            assert socket.socket.getpeername(secure) == server.getsockname()


def test_a_standard_socket_can_be_made_by_the_class():
    made = standard.socket.__new__(standard.socket)
    socket.socket.__init__(made, socket.AF_INET, socket.SOCK_DGRAM)
    with made:
        assert (made.type, type(made)) == (socket.SOCK_DGRAM, standard.socket)


def test_what_is_neither_is_refused():
    with pytest.raises(TypeError):
        socket.socket.send(io.BytesIO(), b"x")
    with pytest.raises(TypeError):
        socket.socket.send()


def test_methods_of_the_class_look_like_its_own():
    assert socket.socket.send is socket.socket.send
    assert socket.socket.send.__name__ == "send"
    assert socket.socket.connect.__qualname__ == "socket.connect"
    assert socket.socket.recv.__doc__
    assert list(inspect.signature(socket.socket.settimeout).parameters) == ["self", "timeout"]
    assert set(dir(standard.socket)) <= set(dir(socket.socket))


def test_methods_of_the_class_can_be_replaced(pair):
    with mock.patch.object(socket.socket, "recv", return_value=b"mocked"):
        with socket.socket() as one:
            assert one.recv(1) == socket.socket.recv(one, 1) == b"mocked"
    pair[0].sendall(b"real")
    assert socket.socket.recv(pair[1], 4) == b"real"


def test_derived_classes_keep_their_own():
    class Mine(socket.socket):
        def fileno(self):
            return -super().fileno()

    with Mine() as mine:
        number = socket.socket.fileno(mine)
        assert Mine.fileno(mine) == mine.fileno() == -number


def test_an_abstract_class_beside_it():
    class Half(socket.socket, abc.ABC):
        @abc.abstractmethod
        def more(self): ...

    class Whole(Half):
        def more(self):
            return True

    class Counted(socket.socket, Sized):
        def __len__(self):
            return 1

    with pytest.raises(TypeError, match="abstract"):
        Half()
    with Whole() as whole, Counted() as counted, socket.socket() as plain, standard.socket() as theirs:
        assert isinstance(whole, Half) and isinstance(whole, socket.socket)
        assert isinstance(counted, Sized) and len(counted) == 1
        for other in (plain, theirs):
            assert not isinstance(other, Half) and not isinstance(other, Counted)
