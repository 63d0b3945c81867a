"""Scripts in the style of the tutorials under `rustchat run`: what they rely on holds, as under `python`."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import textwrap
import time

import pytest

PATIENCE = 20
WAYS = {"python": [], "rustchat": ["-m", "rustchat", "run"]}


@pytest.fixture(params=WAYS)
def script(request, tmp_path):
    """Starts a script; it is given time to end, and killed if it does not."""
    started = []

    def begin(source, *arguments):
        path = tmp_path / f"script{len(started)}.py"
        path.write_text(textwrap.dedent(source))
        process = subprocess.Popen(
            [sys.executable, "-u", *WAYS[request.param], path, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def result(process, said=None):
    output, errors = process.communicate(said, timeout=PATIENCE)
    assert process.returncode == 0, errors
    return output


def dial(process):
    return socket.create_connection(("127.0.0.1", int(process.stdout.readline())), PATIENCE)


def test_a_blocking_send_returns_when_all_is_queued(script):
    assert (
        result(
            script("""
            import socket, threading
            one, two = socket.socketpair()
            def drain():
                while two.recv(65536): pass
            threading.Thread(target=drain).start()
            print(one.send(bytes(200_000)), one.send(bytes(3_000_000)))
            one.close()
            """)
        )
        == "200000 3000000\n"
    )


def test_recv_wakes_with_data_only_and_repeats_the_end(script):
    assert (
        result(
            script("""
            import socket, struct, threading, time
            server = socket.socket(); server.bind(("127.0.0.1", 0)); server.listen(5)
            one = socket.socket(); one.connect(server.getsockname())
            two, _ = server.accept()
            def speak():
                one.send(b""); one.sendall(b""); time.sleep(0.1); one.send(b"x")
                one.close()
            threading.Thread(target=speak).start()
            print(two.recv(1024), two.recv(1024), two.recv(1024))
            one = socket.socket(); one.connect(server.getsockname())
            two, _ = server.accept()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()
            try: two.recv(1024)
            except ConnectionResetError as error: print(error)
            """)
        )
        == "b'x' b'' b''\n[Errno 104] Connection reset by peer\n"
    )


def test_accept_goes_on_after_ctrl_z_and_fg(script):
    process = script("""
    import socket
    sk = socket.socket()
    sk.bind(("127.0.0.1", 0))
    sk.listen(5)
    print(sk.getsockname()[1])
    conn, addr = sk.accept()
    print(str(conn.recv(1024), "utf8"))
    """)
    port = int(process.stdout.readline())
    time.sleep(0.2)
    for number in (signal.SIGSTOP, signal.SIGCONT) * 2:
        process.send_signal(number)
        time.sleep(0.05)
    assert process.poll() is None
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as peer:
        peer.sendall("你好".encode())
        assert result(process) == "你好\n"


WAITING = {
    "accept": "s = socket.create_server(('127.0.0.1', 0)); print('ready'); s.accept()",
    "recv": "one, two = socket.socketpair(); print('ready'); one.recv(1024)",
    "recvfrom": "s = socket.socket(type=socket.SOCK_DGRAM); s.bind(('127.0.0.1', 0)); print('ready'); s.recvfrom(1024)",
    "readline": "one, two = socket.socketpair(); f = one.makefile('rw'); print('ready'); f.readline()",
    "sendall": "one, two = socket.socketpair(); print('ready'); one.sendall(bytes(10**8))",
    "serve_forever": "s = socketserver.ThreadingTCPServer(('127.0.0.1', 0), socketserver.BaseRequestHandler)\n"
    "print('ready'); s.serve_forever()",
}


@pytest.mark.parametrize("call", WAITING)
def test_ctrl_c_reaches_every_call_that_waits(script, call):
    process = script("import socket, socketserver\n" + WAITING[call])
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=5)
    assert process.returncode == -signal.SIGINT
    assert errors.splitlines()[-1] == "KeyboardInterrupt"


def test_one_socket_serves_a_thread_for_each_direction(script):
    assert (
        result(
            script("""
            import socket, threading
            one, two = socket.socketpair()
            def echo():
                while True:
                    data = two.recv(65536)
                    if not data: break
                    two.sendall(data)
                two.close()
            threading.Thread(target=echo).start()
            def speak():
                for _ in range(100): one.sendall(bytes(50_000))
                one.shutdown(socket.SHUT_WR)
            threading.Thread(target=speak).start()
            total = 0
            while True:
                data = one.recv(65536)
                if not data: break
                total += len(data)
            print(total)
            """)
        )
        == "5000000\n"
    )


def test_other_threads_run_while_one_waits(script):
    assert (
        result(
            script("""
            import socket, threading
            one, two = socket.socketpair()
            udp = socket.socket(type=socket.SOCK_DGRAM); udp.bind(("127.0.0.1", 0))
            server = socket.create_server(("127.0.0.1", 0))
            waits = [lambda: one.recv(1), lambda: udp.recvfrom(1), server.accept]
            for wait in waits:
                threading.Thread(target=wait, daemon=True).start()
            print(sum(range(1_000_000)))
            """)
        )
        == "499999500000\n"
    )


def test_close_from_another_thread_neither_hangs_nor_crashes(script):
    assert (
        result(
            script("""
            import socket, threading, time
            one, two = socket.socketpair()
            reader = threading.Thread(target=lambda: one.recv(1), daemon=True)
            reader.start()
            time.sleep(0.1)
            one.close()
            print(one.fileno(), one)
            """)
        ).split()[0]
        == "-1"
    )


def test_a_file_outlives_its_socket_and_a_child_its_parents_close(script):
    assert (
        result(
            script("""
            import os, socket
            one, two = socket.socketpair()
            f = one.makefile("rw")
            one.close()
            f.write("still here\\n"); f.flush()
            print(two.recv(1024))
            f.close()
            print(two.recv(1024))
            one, two = socket.socketpair()
            if os.fork() == 0:
                two.close()
                one.sendall(b"from the child")
                os._exit(0)
            one.close()
            print(two.recv(1024), two.recv(1024))
            os.wait()
            """)
        )
        == "b'still here\\n'\nb''\nb'from the child' b''\n"
    )


def test_a_star_import_hides_nothing(script):
    output = result(
        script("""
        before = dict(vars(__builtins__))
        from socket import *
        assert not [name for name in before if name in globals() and globals()[name] is not before[name]
                    and name not in ("__name__", "__doc__", "__package__", "__loader__", "__spec__")]
        import socket as module
        print(sorted(module.__all__), open, input, print, socket, AF_INET, SOCK_STREAM, timeout, error)
        """)
    )
    assert "'AF_INET'" in output
    assert "<class 'socket.socket'>" in output


def test_star_imports_agree():
    source = "from socket import *; print(sorted(name for name in globals() if not name.startswith('__')))"
    names = [
        subprocess.run([sys.executable, *way, "-c", source], capture_output=True, text=True, timeout=PATIENCE).stdout
        for way in WAYS.values()
    ]
    assert names[0] == names[1] != ""


def test_a_class_attribute_of_tcpserver_reaches_subclasses(script):
    assert (
        result(
            script("""
            import socket, socketserver
            socketserver.TCPServer.allow_reuse_address = True
            server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler)
            print(server.socket.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) != 0)
            """)
        )
        == "True\n"
    )


def test_forking_servers_and_processes(script):
    process = script("""
    import socketserver, threading
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(self.rfile.readline().upper())
    server = socketserver.ForkingTCPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1])
    for _ in range(3): server.handle_request()
    server.server_close()
    """)
    port = int(process.stdout.readline())
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as peer:
            peer.sendall(b"fork\n")
            assert peer.makefile().readline() == "FORK\n"
    result(process)


def test_annotations_and_what_a_socket_prints(script):
    process = script("""
    import socket
    def show(sock: socket.socket) -> str: return repr(sock)
    sk = socket.socket()
    sk.bind(("127.0.0.1", 0)); sk.listen()
    print(sk.getsockname()[1])
    conn, addr = sk.accept()
    print(show(conn)); print(type(conn)); print(conn.getpeername() == addr)
    conn.close(); print(conn)
    """)
    with dial(process):
        lines = result(process).splitlines()
    number = r"\d+"
    assert re.fullmatch(
        rf"<socket.socket fd={number}, family=(AddressFamily.AF_INET|2), type=(SocketKind.SOCK_STREAM|1), proto=0, "
        rf"laddr=\('127.0.0.1', {number}\), raddr=\('127.0.0.1', {number}\)>",
        lines[0],
    )
    assert lines[1:3] == ["<class 'socket.socket'>", "True"]
    assert lines[3].startswith("<socket.socket [closed] fd=-1")


def test_an_exec_server_with_lengths(script):
    process = script("""
    import socket, struct, subprocess
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", 0)); s.listen(5)
    print(s.getsockname()[1])
    conn, addr = s.accept()
    while True:
        msg = conn.recv(1024)
        if not msg: break
        pipe = subprocess.PIPE
        res = subprocess.Popen(msg.decode(), shell=True, stdout=pipe, stderr=pipe, stdin=pipe)
        out, _ = res.communicate()
        conn.sendall(struct.pack("i", len(out)) + out)
    """)
    client = script(
        """
        import socket, struct, sys
        s = socket.socket()
        print(s.connect_ex(("127.0.0.1", int(sys.argv[1]))))
        s.send(b"seq 1 50000")
        x = struct.unpack("i", s.recv(4))[0]
        data = b""
        while len(data) < x: data += s.recv(1024)
        print(x, len(data), data[-6:])
        s.close()
        """,
        int(process.stdout.readline()),
    )
    assert result(client) == "0\n288894 288894 b'50000\\n'\n"
    result(process)


def test_a_room_with_makefile_and_a_console(script):
    process = script("""
    import socket, threading
    room, lock = {}, threading.Lock()
    def tell(line):
        with lock:
            for file in room.values():
                file.write(line)
                file.flush()
    def listen_to(connection: socket.socket, who):
        with connection, connection.makefile("rw") as file:
            with lock: room[who] = file
            for line in iter(file.readline, ""):
                if line.strip() == "quit": break
                tell("%s:%d says %s" % (*who, line))
            with lock: del room[who]
    def welcome():
        while True:
            threading.Thread(target=listen_to, args=door.accept(), daemon=True).start()
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    door.listen(5)
    threading.Thread(target=welcome, daemon=True).start()
    print(door.getsockname()[1])
    while input(">> ") != "quit":
        print(len(room), "here", threading.active_count(), "threads")
    """)
    with dial(process) as ann, ann.makefile("rw") as lines:
        lines.write("大家好\n")
        lines.flush()
        assert lines.readline() == "{}:{} says 大家好\n".format(*ann.getsockname())
        lines.write("quit\n")
        lines.flush()
        assert lines.readline() == ""
    assert result(process, "who\nquit\n").lstrip("> ").startswith("0 here ")


def test_the_less_common_calls_of_a_socket(script):
    assert (
        result(
            script("""
            import os, tempfile
            from socket import *
            server = socket(family=AF_INET, type=SOCK_STREAM, proto=0, fileno=None)
            server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
            server.bind(("localhost", 0)); server.listen()
            print(server.getsockopt(SOL_SOCKET, SO_REUSEADDR) != 0, server.gettimeout(), server.getblocking())
            client = socket()
            print(client.connect_ex(server.getsockname()))
            peer, address = server.accept()
            print(peer.getpeername() == address == client.getsockname(), peer.fileno() > 2)
            room = bytearray(10)
            client.send(b"into a buffer", 0)
            print(peer.recv_into(room), peer.recv_into(room, 2), peer.recvfrom_into(room, 1)[0], room)
            with tempfile.TemporaryFile() as file:
                file.write(b"a file " * 1000); file.flush()
                print(client.sendfile(file), client.sendfile(file, offset=7, count=14))
            client.shutdown(SHUT_WR)
            received = b"".join(iter(lambda: peer.recv(4096), b""))
            print(len(received), received[-14:])
            peer.setblocking(False)
            print(peer.recv(1))
            server.setblocking(False)
            try: server.accept()
            except BlockingIOError as problem: print(problem)
            server.settimeout(0.01)
            try: server.accept()
            except timeout as problem: print(problem, server.gettimeout())
            client.close(); client.close(); peer.close(); server.close()
            print(client.fileno())
            try: client.send(b"x")
            except error as problem: print(problem, problem.errno == 9, isinstance(problem, OSError))
            print(socket().connect_ex(("127.255.255.253", 1)))
            for family in (AF_UNIX, AF_INET6): socket(family, SOCK_DGRAM).close()
            print(AF_NETLINK, AF_CAN, AF_RDS, SOCK_RAW, CAN_RAW, CAN_BCM, sep=" ")
            """)
        )
        == "True None True\n0\nTrue True\n10 2 1 bytearray(b'reto a buf')\n7000 14\n7014 b'a file a file '\nb''\n"
        "[Errno 11] Resource temporarily unavailable\ntimed out 0.01\n-1\n[Errno 9] Bad file descriptor True True\n"
        "111\n16 29 21 3 1 2\n"
    )


def test_every_server_and_handler_by_name(script, tmp_path):
    assert result(
        script(
            """
                import os, socket, socketserver, sys, threading
                class Stream(socketserver.StreamRequestHandler):
                    def handle(self): self.wfile.write(self.rfile.readline().upper())
                class Datagram(socketserver.DatagramRequestHandler):
                    def handle(self): self.wfile.write(self.rfile.read().upper())
                class MixedTCP(socketserver.ThreadingMixIn, socketserver.TCPServer): pass
                class MixedUDP(socketserver.ForkingMixIn, socketserver.UDPServer): pass
                for kind in (
                    socketserver.TCPServer, socketserver.ThreadingTCPServer, socketserver.ForkingTCPServer, MixedTCP,
                    socketserver.UnixStreamServer, socketserver.UDPServer, socketserver.ThreadingUDPServer,
                    socketserver.ForkingUDPServer, MixedUDP, socketserver.UnixDatagramServer,
                ):
                    unix, stream = kind.address_family == socket.AF_UNIX, kind.socket_type == socket.SOCK_STREAM
                    address = os.path.join(sys.argv[1], kind.__name__) if unix else ("127.0.0.1", 0)
                    server = kind(address, Stream if stream else Datagram, bind_and_activate=True)
                    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
                    thread.start()
                    with socket.socket(server.address_family, server.socket_type) as client:
                        client.settimeout(20)
                        if unix: client.bind(address + ".client")
                        client.connect(server.server_address)
                        client.sendall(b"hello\\n")
                        print(kind.__name__, client.recv(100), server.RequestHandlerClass.__name__)
                    server.shutdown(); thread.join(); server.server_close()
                """,
            tmp_path,
        )
    ).splitlines() == [
        *(f"{kind}TCPServer b'HELLO\\n' Stream" for kind in ("", "Threading", "Forking")),
        *("MixedTCP b'HELLO\\n' Stream", "UnixStreamServer b'HELLO\\n' Stream"),
        *(f"{kind}UDPServer b'HELLO\\n' Datagram" for kind in ("", "Threading", "Forking")),
        *("MixedUDP b'HELLO\\n' Datagram", "UnixDatagramServer b'HELLO\\n' Datagram"),
    ]
