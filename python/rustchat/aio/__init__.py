"""rustchat for async functions: the same connections, chat client and chat server, awaited in an event loop.

    import rustchat.aio

    async with rustchat.aio.connect(("127.0.0.1", 6000), secret="open sesame") as connection:
        await connection.send(b"hello")
        async for message in connection:
            print(message)

======================= ==============================================================================================
listen() -> Listener    whole messages of bytes over TCP or Unix sockets; await them, or enter them with async with
connect() -> Connection
ChatServer              a chat room: override on_join, on_message, on_leave to take part
ChatClient              a member of a chat: send(), recv(), iteration, or hooks
======================= ==============================================================================================

Options, exceptions and what travels on the wire are those of rustchat. It runs on asyncio, uvloop and trio, and so
under anyio: whatever loop runs where an object is made, to which the object belongs from then on; in any other a call
raises StateError. Only close() may be called on other threads.
"""

import sys as _sys

from rustchat.aio.client import ChatClient
from rustchat.aio.connection import Connection, Listener, connect, listen
from rustchat.aio.server import ChatServer

__all__ = ["ChatClient", "ChatServer", "Connection", "Listener", "connect", "listen"]

if "trio" in _sys.modules:
    # A program that gives up rights after its imports may not be able to read more.
    from rustchat.aio import _trio as _trio
