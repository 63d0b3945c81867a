"""The framing alone, beside struct and any split of the bytes."""

import random
import struct

import pytest
import rustchat
from rustchat import frame

MESSAGES = [b"", b"x", b"hello world", bytes(range(256)) * 10]
LINES = [b"", b"x", "grüße".encode(), b"a\tb"]


def wire(framing, message):
    return {
        "line": lambda: message + b"\n",
        "u32be": lambda: struct.pack("!I", len(message)) + message,
        "u32le": lambda: struct.pack("<i", len(message)) + message,
        "multiprocessing": lambda: struct.pack("!i", len(message)) + message,
    }[framing]()


@pytest.mark.parametrize("framing", frame.FRAMINGS)
def test_encode_is_what_struct_writes_and_decode_takes_any_split(framing):
    messages = LINES if framing == "line" else MESSAGES
    stream = b"".join(wire(framing, message) for message in messages)
    assert b"".join(frame.encode(message, framing) for message in messages) == stream
    choose = random.Random(7)
    for _ in range(50):
        decoder, got, at = frame.Decoder(framing), [], 0
        while at < len(stream):
            step = choose.randint(1, 40)
            got += decoder.feed(memoryview(stream)[at : at + step])
            at += step
        assert got == messages
        assert decoder.buffered == 0


def test_push_next_and_iteration():
    decoder = frame.Decoder("line")
    assert decoder.next() is None
    decoder.push(b"one\ntwo\r\nthr")
    assert decoder.next() == b"one"
    assert list(decoder) == [b"two"]
    assert decoder.buffered == 3
    decoder.push(bytearray(b"ee\n"))
    assert next(decoder) == b"three"
    with pytest.raises(StopIteration):
        next(decoder)
    assert (decoder.framing, decoder.limit) == ("line", 8192)


def test_the_limit_is_checked_before_storing():
    decoder = frame.Decoder("u32be", limit=5)
    good = frame.encode(b"12345")
    with pytest.raises(rustchat.MessageTooLong, match="limit"):
        decoder.push(struct.pack("!I", 6))
    decoder = frame.Decoder("u32be", limit=5)
    assert decoder.feed(good + struct.pack("!I", 1 << 31)) == [b"12345"]
    for _ in range(2):
        with pytest.raises(rustchat.MessageTooLong):
            decoder.feed(b"")
    assert decoder.buffered == 0
    with pytest.raises(rustchat.MessageTooLong):
        frame.encode(b"123456", limit=5)


def test_wrong_bytes_are_a_protocol_error():
    with pytest.raises(rustchat.ProtocolError):
        frame.Decoder("u32le").feed(struct.pack("<i", -1))
    with pytest.raises(ConnectionError):
        frame.Decoder("multiprocessing").feed(struct.pack("!i", -5))


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match=r"framing.*'?u32BE.*expected one of line"):
        frame.Decoder("u32BE")
    with pytest.raises(ValueError, match="limit is -1"):
        frame.Decoder("line", limit=-1)
    with pytest.raises(rustchat.Error):
        frame.encode(b"two\nlines", "line")
    with pytest.raises(TypeError):
        frame.Decoder().feed("text")
