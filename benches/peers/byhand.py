"""Framed messages over a plain socket, as well as Python can by hand: a buffer that outlives the call, recv_into, a
header that is unpacked where it lies, header and body in one send."""

import socket
import struct

HEADER = struct.Struct(">I")


class Framed:
    """Whole messages over a connected socket."""

    def __init__(self, sock, room=256 << 10):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self.buffer = bytearray(room)
        self.view = memoryview(self.buffer)
        self.begin = self.end = 0

    def send(self, message):
        self.sock.sendall(HEADER.pack(len(message)) + message)

    def send_batch(self, messages):
        """Many messages in one send."""
        pack = HEADER.pack
        self.sock.sendall(b"".join([part for message in messages for part in (pack(len(message)), message)]))

    def recv(self):
        """One message; None at the end of the stream."""
        while True:
            begin, end = self.begin, self.end
            if end - begin >= 4:
                size = HEADER.unpack_from(self.buffer, begin)[0]
                stop = begin + 4 + size
                if stop <= end:
                    self.begin = stop
                    return bytes(self.view[begin + 4 : stop])
                self._make_room(4 + size)
            elif begin == end:
                self.begin = self.end = 0
            else:
                self._make_room(4)
            count = self.sock.recv_into(self.view[self.end :])
            if not count:
                return None
            self.end += count

    def __iter__(self):
        """The same as recv, message by message, without the cost of a call for each."""
        unpack, buffer, view = HEADER.unpack_from, self.buffer, self.view
        while True:
            begin, end = self.begin, self.end
            while end - begin >= 4:
                stop = begin + 4 + unpack(buffer, begin)[0]
                if stop > end:
                    break
                message = bytes(view[begin + 4 : stop])
                self.begin = begin = stop
                yield message
            need = 4 if end - begin < 4 else 4 + unpack(buffer, begin)[0]
            self._make_room(need)
            buffer, view = self.buffer, self.view
            count = self.sock.recv_into(view[self.end :])
            if not count:
                return
            self.end += count

    def _make_room(self, need):
        """Moves what is left to the front, into a longer buffer if it must be."""
        rest = self.view[self.begin : self.end]
        if need > len(self.buffer):
            self.buffer = bytearray(need + (64 << 10))
        self.buffer[: len(rest)] = bytes(rest)
        self.view = memoryview(self.buffer)
        self.begin, self.end = 0, len(rest)
