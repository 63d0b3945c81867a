"""Threaded group chat, framed transport and HMAC authentication, on a core in Rust.

    import rustchat

    with rustchat.ChatServer("127.0.0.1", 60000) as server:      # two `nc 127.0.0.1 60000` can chat now
        input("Enter stops the server\\n")

======================================= ==============================================================================
ChatServer                              a chat room: override on_join, on_message, on_leave to take part
ChatClient                              a member of one: send(), recv(), iteration, or hooks
Client, Message, Sender                 who is in the room, what was said, who said it
Backoff                                 when a client with reconnect= tries to come back
listen() -> Listener                    whole messages of bytes over TCP or Unix sockets, with a handshake if there
connect() -> Connection                 is a secret
TLS                                     certificates and whom to trust; with a secret at both ends tls=True is enough
CommandServer, Slot, Template           runs commands of a list for whoever has proved a secret
CommandClient                           has them run: run(), popen(), as in subprocess
FileServer                              serves the files of a folder to whoever has proved a secret
FileClient                              stores, fetches and lists them: upload(), download(), list()
aio                                     connections, client and server for async functions: import rustchat.aio
testing                                 for tests of hooks, bots and clients: import rustchat.testing
frame, auth                             the framing alone; keys, challenge and response, handshakes alone
socket, socketserver, multiprocessing   the standard library's modules on this core: import rustchat.socket, ...
install(), uninstall()                  put these modules in the place of the standard ones, and back
ServerStats, ClientStats                numbers
errors                                  the exceptions below: each an Error (an OSError) and the built-in class besides
======================================= ==============================================================================

Which error when:

======================================= ==============================================================================
InvalidArgument, AddressError           at start(), listen(), connect(): an option or address that cannot be
AddressInUse, ConnectionRefused         at start(), listen(): somebody else listens there; at connect(): nobody does
FileExists, IsADirectory                of a FileClient: what is there, here or at the server
FileNotFound, NotADirectory             at start(), listen(), connect(): a part of the path of a Unix socket
PermissionDenied                        at start(), listen(), connect(): that path, a port under 1024; these three also
                                        at TLS(): a file with PEM
AuthenticationError, ProtocolError      at start() of a client, connect(): wrong secret or certificate; the peer speaks
                                        something else
InvalidText, MessageTooLong             at send(), broadcast(): before anything is sent; at recv(): it was refused
NoSuchPeer                              at send(), disconnect() of a server: the member is gone
QueueOverflow                           at send(), broadcast(): what was said before waits still, and the time is up
TimeoutError, WouldBlock                at any call that waits: the time is up
ConnectionClosed, ConnectionLost        at send(), recv(), accept(): ended in good order, or broken
Refused, CommandFailed                  at run(), popen(): not allowed by the server; check=True and no success
StateError, NotSupported                at any call: not started, used by a hook; not on this system
InstallError                            at install(): something holds already what it replaces
InternalError                           at any call: a bug of rustchat
======================================= ==============================================================================

All blocking calls let other threads run, take a timeout, end on Ctrl-C and are woken when the object is closed. What
the library has to say goes to `logging` under the name "rustchat".
"""

import sys as _sys


def _is_run() -> bool:
    """Whether the interpreter was started as `rustchat run` or `python -m rustchat run`."""
    name, *words = _sys.argv or [""]
    if name == "-m":
        # What stands before our words on the command line, behind whatever options of the interpreter's.
        name = _sys.orig_argv[-1 - len(words)].rpartition("m")[2] if len(_sys.orig_argv) > len(words) else ""
    return words[:1] == ["run"] and name.rpartition("/")[2] == "rustchat"


TYPE_CHECKING = False
if TYPE_CHECKING or not _is_run():
    # All at once: who imports a library and then gives up rights, or changes the root, may not be able to read more.
    from rustchat import auth, command, errors, frame
    from rustchat._early import InstallError
    from rustchat._rustchat import (
        TLS,
        Backoff,
        Ban,
        ChatClient,
        ChatServer,
        Client,
        ClientStats,
        CommandClient,
        CommandExit,
        CommandServer,
        CompletedCommand,
        Connection,
        FileClient,
        FileEntry,
        FileProgress,
        FileServer,
        Histogram,
        Listener,
        Message,
        Sender,
        ServerStats,
        Slot,
        Template,
        TransferredFile,
        TransferredFolder,
        __version__,
        connect,
        listen,
    )
    from rustchat.drop_in import install, uninstall
    from rustchat.errors import (
        AddressError,
        AddressInUse,
        AuthenticationError,
        CommandFailed,
        ConnectionClosed,
        ConnectionLost,
        ConnectionRefused,
        Error,
        FileExists,
        FileNotFound,
        InternalError,
        InvalidArgument,
        InvalidText,
        IsADirectory,
        MessageTooLong,
        NoSuchPeer,
        NotADirectory,
        NotSupported,
        PermissionDenied,
        ProtocolError,
        QueueOverflow,
        Refused,
        StateError,
        TimeoutError,
        WouldBlock,
    )

__all__ = [
    "TLS",
    "AddressError",
    "AddressInUse",
    "AuthenticationError",
    "Backoff",
    "Ban",
    "ChatClient",
    "ChatServer",
    "Client",
    "ClientStats",
    "CommandClient",
    "CommandExit",
    "CommandFailed",
    "CommandServer",
    "CompletedCommand",
    "Connection",
    "ConnectionClosed",
    "ConnectionLost",
    "ConnectionRefused",
    "Error",
    "FileClient",
    "FileEntry",
    "FileExists",
    "FileNotFound",
    "FileProgress",
    "FileServer",
    "Histogram",
    "InstallError",
    "InternalError",
    "InvalidArgument",
    "InvalidText",
    "IsADirectory",
    "Listener",
    "Message",
    "MessageTooLong",
    "NoSuchPeer",
    "NotADirectory",
    "NotSupported",
    "PermissionDenied",
    "ProtocolError",
    "QueueOverflow",
    "Refused",
    "Sender",
    "ServerStats",
    "Slot",
    "StateError",
    "Template",
    "TimeoutError",
    "TransferredFile",
    "TransferredFolder",
    "WouldBlock",
    "__version__",
    "auth",
    "command",
    "connect",
    "errors",
    "frame",
    "install",
    "listen",
    "uninstall",
]

# A program that is run on this core starts without what it does not use: then these are loaded when they are asked for.
_MODULES = ("_rustchat", "auth", "command", "drop_in", "errors", "frame")
_ELSEWHERE = {"InstallError": "_early", "install": "drop_in", "uninstall": "drop_in"}
_CORE = (
    *("Backoff", "Ban", "ChatClient", "ChatServer", "Client", "ClientStats", "CommandClient", "CommandExit"),
    *("CommandServer", "CompletedCommand", "Connection", "FileClient", "FileEntry", "FileProgress", "FileServer"),
    *("Histogram", "Listener", "Message", "Sender", "ServerStats", "Slot", "TLS", "Template", "TransferredFile"),
    *("TransferredFolder", "__version__", "connect", "listen"),
)


def __getattr__(name: str) -> object:
    if name not in __all__ and name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    if name in _CORE:
        # What it has to say goes there, and a thread that speaks shall find it loaded.
        importlib.import_module("logging")
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    module = importlib.import_module(f"{__name__}.{_ELSEWHERE.get(name, '_rustchat' if name in _CORE else 'errors')}")
    value: object = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *globals()} - {"TYPE_CHECKING"})


if not _is_run():
    # It wants the names above.
    from rustchat import _everything as _everything
