"""Framing: where one message ends and the next begins in a stream of bytes. For callers with their own sockets.

    sock.sendall(frame.encode(b"hello", "u32le"))

    decoder = frame.Decoder("u32le")
    while data := sock.recv(65536):
        for message in decoder.feed(data):
            ...

=================== ==================================================================================================
"line"              a message ends with a newline, which is not part of it, nor is a carriage return before it
"u32be"             the length as struct.pack("!I", n), then the message
"u32le"             the length as struct.pack("<i", n), as many scripts write it, then the message
"multiprocessing"   what multiprocessing.connection puts on the wire
=================== ==================================================================================================

FRAMINGS has these names. The limit is 16 MiB, 8 KiB for lines, unless given. A message over it is refused before it is
stored: MessageTooLong.
"""

from rustchat._rustchat import FRAMINGS, Decoder, encode

__all__ = ["FRAMINGS", "Decoder", "encode"]
