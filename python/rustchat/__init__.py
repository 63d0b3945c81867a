"""Threaded group chat, framed transport and HMAC authentication, on a core in Rust.

    import rustchat

    with rustchat.ChatServer("127.0.0.1", 60000) as server:      # two `nc 127.0.0.1 60000` can chat now
        input("Enter stops the server\\n")

ChatServer, ChatClient
    Group chat: every member gets what any member says, all in the same order. Subclass and override hooks.
listen(), connect() -> Listener, Connection
    Whole messages of bytes over TCP or Unix sockets, with a handshake if there is a secret.
frame
    The framing alone, for callers with their own sockets.
auth
    Keys, challenge and response, and handshakes over a transport of one's own.
multiprocessing
    Client and Listener of multiprocessing.connection on this core; import rustchat.multiprocessing.
errors
    The exceptions: subclasses of rustchat.Error, which is an OSError, and of the built-in class one expects.

All blocking calls let other threads run, take a timeout, end on Ctrl-C and are woken when the object is closed. What
the library has to say goes to `logging` under the name "rustchat".
"""

from rustchat import auth, errors, frame
from rustchat._rustchat import (
    ChatClient,
    ChatServer,
    Client,
    ClientStats,
    Connection,
    Listener,
    Message,
    Sender,
    ServerStats,
    __version__,
    connect,
    listen,
)
from rustchat.errors import (
    AddressError,
    AddressInUse,
    AuthenticationError,
    ConnectionClosed,
    ConnectionLost,
    ConnectionRefused,
    Error,
    InternalError,
    InvalidArgument,
    InvalidText,
    MessageTooLong,
    NoSuchPeer,
    NotSupported,
    ProtocolError,
    QueueOverflow,
    StateError,
    TimeoutError,
    WouldBlock,
)

__all__ = [
    "AddressError",
    "AddressInUse",
    "AuthenticationError",
    "ChatClient",
    "ChatServer",
    "Client",
    "ClientStats",
    "Connection",
    "ConnectionClosed",
    "ConnectionLost",
    "ConnectionRefused",
    "Error",
    "InternalError",
    "InvalidArgument",
    "InvalidText",
    "Listener",
    "Message",
    "MessageTooLong",
    "NoSuchPeer",
    "NotSupported",
    "ProtocolError",
    "QueueOverflow",
    "Sender",
    "ServerStats",
    "StateError",
    "TimeoutError",
    "WouldBlock",
    "__version__",
    "auth",
    "connect",
    "errors",
    "frame",
    "listen",
]
