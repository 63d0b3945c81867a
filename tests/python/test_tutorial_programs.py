"""Programs in the style of the tutorials, and scripts with every name they use: the same under both ways."""

from __future__ import annotations

from scripts import dial, result


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
