"""The standard module and the drop-in side by side: the same is done on both, and both must say the same."""

import errno
import os
import signal
import socket as standard
import subprocess
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from rustchat import socket

PATIENCE = 20


def outcome(call: Callable[[], Any]) -> tuple[Any, ...]:
    """What it returns, or the class, the text and the arguments of what it raises."""
    try:
        return ("returned", call())
    except Exception as error:
        return (type(error), str(error), error.args)


def both(call: Callable[[ModuleType], Any]) -> list[tuple[Any, ...]]:
    return [outcome(lambda module=module: call(module)) for module in (standard, socket)]


EVENTS = """
import importlib, sys
from rustchat import socket as loaded
module = importlib.import_module(sys.argv[1])
seen = []
def hook(event, arguments):
    if event.startswith("socket."):
        seen.append((event, ["a socket" if hasattr(value, "fileno") else
                             "an address" if isinstance(value, tuple) else value for value in arguments]))
sys.addaudithook(hook)
one, other = module.socketpair()
one.sendmsg([b"x"]); other.recv(1)
one.dup().close(); one.close(); other.close()
udp = module.socket(module.AF_INET, module.SOCK_DGRAM); udp.bind(("localhost", 0))
udp.sendto(b"x", udp.getsockname()); udp.sendmsg([b"y"], [], 0, udp.getsockname())
with module.create_server(("127.0.0.1", 0)) as listener:
    with module.socket() as client:
        client.connect(listener.getsockname()); listener.accept()[0].close()
    with module.socket() as client:
        client.connect_ex(listener.getsockname())
module.socket(fileno=udp.detach()).close()
print(seen)
"""


def test_audit_events_are_the_same() -> None:
    command = [sys.executable, "-c", EVENTS]
    said = [
        subprocess.run([*command, name], capture_output=True, text=True, check=True, timeout=PATIENCE).stdout
        for name in ("socket", "rustchat.socket")
    ]
    assert said[0] == said[1]
    assert said[0].count("socket.__new__") >= 7


def test_a_hook_that_refuses_ends_the_call() -> None:
    code = """
import sys
from rustchat import socket
def hook(event, arguments):
    if event == "socket.connect":
        raise PermissionError(event)
sys.addaudithook(hook)
with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
    try:
        client.connect(listener.getsockname())
    except PermissionError as error:
        print(error)
    listener.settimeout(0)
    try:
        listener.accept()
    except BlockingIOError:
        print("nobody")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE)
    assert (done.stdout, done.stderr) == ("socket.connect\nnobody\n", "")


# Family and protocol with values that are no addresses there, or of nothing. The descriptor is a UDP socket's: the
# family itself need not be there.
NO_ADDRESSES: dict[tuple[str, int], list[Any]] = {
    ("AF_INET", 0): [
        *(None, 1, "x", (), ("127.0.0.1",), ("127.0.0.1", "x"), ("127.0.0.1", 70000), ("127.0.0.1", -1), (1, 1)),
        *(("127.0.0.1", 1 << 40), ("\xfc" * 100, 1), ("a\0b", 1), ("<broadcast>", 70000), ["127.0.0.1", 1]),
    ],
    ("AF_INET6", 0): [
        *(None, (), ("::1",), ("::1", 1, 1 << 20), ("::1", 70000), ("<broadcast>", 1), ("::1", 1, 2, 3, 4)),
        *(("::1", "x"), (None, 1)),
    ],
    ("AF_UNIX", 0): [None, 1, (), "x" * 200, b"x" * 109, "\ud800", b"\0" + b"x" * 108],
    ("AF_NETLINK", 0): [None, (), (1,), (1, 2, 3), ("x", 1)],
    ("AF_PACKET", 0): [
        *(None, (), ("lo",), ("lo", "x"), ("lo", 70000), ("lo", -1), ("lo", 1, 0, 0, b"123456789")),
        *(("lo", 1, 0, 0, "text"), ("no such interface", 1), (1, 1), ("a\0b", 1), ("x" * 20, 1)),
    ],
    ("AF_VSOCK", 0): [None, (), (1,), (1, 2, 3), ("x", 1)],
    ("AF_CAN", 0): [None, (), ("lo",)],
    ("AF_CAN", 1): [None, (), (1,), ("x" * 20,), ("lo", 1), ("no such",), (b"no such",)],
    # None is a SystemError of the standard library's there.
    ("AF_CAN", 6): [(), ("lo",), (1, 2, 3), ("lo", "x", 1), ("no such", 1, 1), ("x" * 20, 1, 1)],
    ("AF_CAN", 7): [(), ("lo",), (1, 2, 3, 4), ("lo", "x", 1, 1), ("no such", 1, 1, 1), ("x" * 20, 1, 1, 1)],
    ("AF_ALG", 0): [
        *(None, (), ("hash",), ("x" * 14, "y"), ("x", "y" * 64), ("x", "y", "z"), (1, 2), ("a", "b", 1, 2, 3)),
        *(("a\0b", "c"), (b"hash", b"sha256")),
    ],
    ("AF_TIPC", 0): [None, (), (1, 2, 3), (9, 1, 1, 1), ("x", 1, 1, 1)],
    ("AF_QIPCRTR", 0): [None, (), (1,), (1, 2, 3), ("x", 1)],
    ("AF_RDS", 0): [None, (), ("127.0.0.1",), ("127.0.0.1", 70000)],
}


@pytest.mark.parametrize(("family", "protocol"), NO_ADDRESSES)
def test_what_is_no_address_is_refused_in_the_same_words(family: str, protocol: int) -> None:
    number = getattr(standard, family, None)
    if number is None:
        pytest.skip(f"this interpreter has no {family}")

    def refused(module: ModuleType, method: str, value: Any) -> Any:
        with module.socket(module.AF_INET, module.SOCK_DGRAM) as udp:
            disguised = module.socket(number, module.SOCK_DGRAM, protocol, fileno=udp.detach())
        with disguised:
            return getattr(disguised, method)(*([b"x"] if method == "sendto" else []), value)

    for value in NO_ADDRESSES[family, protocol]:
        for method in ("bind", "connect", "connect_ex", "sendto"):
            standards, ours = both(lambda module, method=method, value=value: refused(module, method, value))
            assert ours == standards, (method, value)


def test_names_that_are_not_found_raise_the_same() -> None:
    def connect(module: ModuleType) -> None:
        with module.socket() as client:
            client.connect(("no-such-host.invalid.", 9))

    (standard_class, _, standard_arguments), (our_class, _, our_arguments) = both(connect)
    assert standard_class is our_class is standard.gaierror
    assert standard_arguments == our_arguments


def test_errors_of_the_system_are_the_same() -> None:
    def closed(module: ModuleType, method: str, *arguments: Any) -> Any:
        sock = module.socket()
        sock.close()
        return getattr(sock, method)(*arguments)

    for method, *arguments in [
        ("recv", 1), ("send", b"x"), ("sendall", b"x"), ("recvfrom", 1), ("accept",), ("listen",), ("getsockname",),
        ("shutdown", 2), ("settimeout", 1), ("recvmsg", 1), ("sendmsg", [b"x"]), ("recv_into", bytearray(1)),
        ("connect", ("127.0.0.1", 1)), ("bind", ("127.0.0.1", 0)), ("getsockopt", 1, 3), ("setsockopt", 1, 2, 1),
    ]:  # fmt: skip
        standards, ours = both(lambda module, name=method, rest=arguments: closed(module, name, *rest))
        assert ours == standards, method
        assert standards[2][0] == errno.EBADF


def netlink(module: ModuleType) -> Any:
    with module.socket(module.AF_NETLINK, module.SOCK_RAW, 0) as sock:
        sock.bind((0, 0))
        port, groups = sock.getsockname()
        # A request for the list of routes, of no length to speak of, which is answered by an error.
        request = (16).to_bytes(4, sys.byteorder) + b"\x1a\x00\x05\x00" + bytes(8)
        answers = [sock.sendto(request, (0, 0)), sock.recvfrom(1 << 16)[1]]
        answers += [sock.sendmsg([request], [], 0, (0, 0)), sock.recvmsg(1 << 16)[1:]]
        answers += [sock.sendto(request, 0, (0, 0)), sock.recvfrom_into(bytearray(8), flags=module.MSG_PEEK)]
        answers += [sock.recvmsg_into([bytearray(1 << 16)])[1:], sock.connect_ex((0, 0)), sock.getpeername()]
        sock.settimeout(0.01)
        answers += [outcome(lambda: sock.recvfrom(1)), sock.gettimeout(), os.get_blocking(sock.fileno())]
    return port > 0, groups, answers, outcome(lambda: sock.bind((0, 0))), outcome(sock.getsockname), sock.fileno()


def packet(module: ModuleType) -> Any:
    with module.socket(module.AF_PACKET, module.SOCK_DGRAM) as sock:
        sock.bind(("lo", 0))
        return sock.getsockname()


def raw(module: ModuleType) -> Any:
    with module.socket(module.AF_INET, module.SOCK_RAW, module.IPPROTO_ICMP) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname(), sock.type, sock.proto


def vsock(module: ModuleType) -> Any:
    with module.socket(module.AF_VSOCK, module.SOCK_STREAM) as sock:
        sock.bind((module.VMADDR_CID_ANY, module.VMADDR_PORT_ANY))
        return sock.getsockname()[0], sock.getsockopt(module.AF_VSOCK, module.SO_VM_SOCKETS_BUFFER_SIZE)


def seqpacket(module: ModuleType) -> Any:
    one, other = module.socketpair(module.AF_UNIX, module.SOCK_SEQPACKET)
    with one, other:
        one.send(b"first")
        one.send(b"second")
        return other.recv(100), other.recv(3), other.recvmsg.__name__, other.type


def algorithm(module: ModuleType) -> Any:
    with module.socket(module.AF_ALG, module.SOCK_SEQPACKET) as sock:
        sock.bind(("hash", "sha256"))
        operation, peer = sock.accept()
        with operation:
            operation.sendall(b"abc")
            return operation.recv(64), peer


def bus(module: ModuleType) -> Any:
    with module.socket(module.AF_CAN, module.SOCK_RAW, module.CAN_RAW) as sock:
        sock.bind(("",))
        return sock.getsockname()


@pytest.mark.parametrize("use", [netlink, packet, raw, vsock, seqpacket, algorithm, bus])
def test_other_families_do_the_same_or_are_not_there(use: Callable[[ModuleType], Any]) -> None:
    standards, ours = both(use)
    assert ours == standards
    assert standards[0] == "returned" or (use is not seqpacket and issubclass(standards[0], OSError)), standards


@pytest.mark.skipif(not hasattr(standard.socket, "sendmsg_afalg"), reason="Linux has it")
def test_no_other_socket_is_a_cipher() -> None:
    def send(module: ModuleType, **named: Any) -> int:
        with module.socket() as sock:
            sent: int = sock.sendmsg_afalg([b"x"], **named)
        return sent

    for named in ({"op": 0}, {"op": 0, "iv": b"", "assoclen": 1, "flags": 0}, {"option": 0}, {}):
        standards, ours = both(lambda module, named=named: send(module, **named))
        assert ours == standards and standards[0] != "returned"


@pytest.mark.parametrize("timeout", [None, 0.6])
def test_a_call_goes_on_after_a_signal_and_keeps_its_timeout(timeout: float | None) -> None:
    runs = []
    before = signal.signal(signal.SIGALRM, lambda *_: runs.append(time.monotonic()))
    one, other = socket.socketpair()
    begin = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
    try:
        with one, other:
            one.settimeout(timeout)
            if timeout is None:
                signal.signal(signal.SIGALRM, lambda *_: (runs.append(0), other.send(b"x") if len(runs) == 3 else None))
                assert one.recv(1) == b"x"
            else:
                with pytest.raises(TimeoutError):
                    one.recv(1)
                assert 0.6 <= time.monotonic() - begin < PATIENCE
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(runs) >= 3


def test_descriptors_sent_arrive_private_and_whole() -> None:
    one, other = socket.socketpair()
    read, write = os.pipe()
    with one, other:
        socket.send_fds(one, [b"take"], [read, write])
        data, numbers, flags, _ = socket.recv_fds(other, 100, 2)
        assert (data, len(numbers), flags & socket.MSG_CTRUNC) == (b"take", 2, 0)
        os.write(numbers[1], b"through")
        assert os.read(read, 100) == b"through"
        socket.send_fds(one, [b"cut"], [read, write])
        _, ancillary, flags, _ = other.recvmsg(100, socket.CMSG_LEN(4), socket.MSG_CMSG_CLOEXEC)
        assert flags & socket.MSG_CTRUNC
        got = int.from_bytes(ancillary[0][2][:4], sys.byteorder)
        assert not os.get_inheritable(got)
        for number in (read, write, *numbers, got):
            os.close(number)


def test_nothing_is_inherited_and_the_flag_can_be_set() -> None:
    one, other = socket.socketpair()
    with one, other, socket.create_server(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as server:
            for sock in (one, other, listener, client, server):
                with sock.dup() as copy:
                    assert not sock.get_inheritable() and not copy.get_inheritable()
            client.set_inheritable(True)
            assert os.get_inheritable(client.fileno())


def test_an_object_ends_without_its_descriptor_after_detach() -> None:
    one, other = socket.socketpair()
    with other:
        number = one.detach()
        assert one.fileno() == -1 and repr(one).startswith("<socket.socket [closed] fd=-1")
        one.close()
        other.send(b"still there")
        with socket.socket(fileno=number) as again:
            assert again.family is socket.AF_UNIX and again.recv(100) == b"still there"


def test_a_warning_does_not_disturb_the_exception_under_way() -> None:
    with pytest.warns(ResourceWarning), pytest.raises(ValueError, match="is not in list"):
        list[Any]().index(socket.socket())
