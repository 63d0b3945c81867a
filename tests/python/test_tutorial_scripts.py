"""Scripts in the style of the tutorials under `rustchat run`: what they rely on holds, as under `python`."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys

import pytest
from scripts import PATIENCE, WAYS, dial, result
from waiting import wait_until_it_waits


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
            WATCHED = 0.1  # for nothing to come
            server = socket.socket(); server.bind(("127.0.0.1", 0)); server.listen(5)
            one = socket.socket(); one.connect(server.getsockname())
            two, _ = server.accept()
            def speak():
                one.send(b""); one.sendall(b""); time.sleep(WATCHED); one.send(b"x")
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
    wait_until_it_waits(process.pid)
    for _ in range(2):
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        process.send_signal(signal.SIGCONT)
        wait_until_it_waits(process.pid)
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
    wait_until_it_waits(process.pid)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
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
            import socket, threading
            one, two = socket.socketpair()
            reader = threading.Thread(target=lambda: one.recv(1), daemon=True)
            reader.start()
            stat = f"/proc/self/task/{reader.native_id}/stat"
            while open(stat).read().rpartition(")")[2].split()[0] != "S":
                pass
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
