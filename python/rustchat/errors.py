"""What rustchat raises: subclasses of Error, and each of the built-in class a Python user expects.

======================= =========================================== ==================================================
class                   is also                                     when
======================= =========================================== ==================================================
InvalidArgument         ValueError                                  an option is out of range or contradicts another
InvalidText             ValueError                                  text that is not UTF-8 or has control characters
MessageTooLong          ValueError                                  a message over the limit
AddressError            ValueError                                  an address that cannot be parsed, resolved, bound
AddressInUse                                                        another socket listens there, or a file is there
FileExists              FileExistsError                             a file of that name is there
FileNotFound            FileNotFoundError                           a file or the path of a Unix socket is not there
IsADirectory            IsADirectoryError                           it is a folder, and no file
NotADirectory           NotADirectoryError                          a part of the path is a file
PermissionDenied        PermissionError                             the system does not let this user: a path, a port
NoSuchPeer              LookupError                                 no member has that id (any more)
StateError              RuntimeError                                the object is not in a state for this call
TimeoutError            TimeoutError                                the time is up
WouldBlock              BlockingIOError                             nothing is ready yet
ConnectionClosed        EOFError, ConnectionError                   closed by this side, or by the peer in good order
ConnectionLost          ConnectionResetError                        broken: reset, or lost in the middle of a message
ConnectionRefused       ConnectionRefusedError                      nobody listens there
AuthenticationError     PermissionError                             wrong secret, nobody is told more; wrong certificate
ProtocolError           ConnectionError                             the peer did not keep to the protocol
Refused                 PermissionError                             the server's rules do not allow what was asked for
CommandFailed           ChildProcessError                           a command has not succeeded, and check=True was said
QueueOverflow                                                       a bounded queue passed its limit
NotSupported            NotImplementedError                         not available in this build or on this system
InternalError           RuntimeError                                a bug of this library
======================= =========================================== ==================================================

Every Error is an OSError with `errno` and `strerror`, and has `status`: the name of the same failure in C.
"""

from __future__ import annotations

import builtins
import errno

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

    from rustchat._rustchat import CommandExit

__all__ = [
    "AddressError",
    "AddressInUse",
    "AuthenticationError",
    "CommandFailed",
    "ConnectionClosed",
    "ConnectionLost",
    "ConnectionRefused",
    "Error",
    "FileExists",
    "FileNotFound",
    "InternalError",
    "InvalidArgument",
    "InvalidText",
    "IsADirectory",
    "MessageTooLong",
    "NoSuchPeer",
    "NotADirectory",
    "NotSupported",
    "PermissionDenied",
    "ProtocolError",
    "QueueOverflow",
    "Refused",
    "StateError",
    "TimeoutError",
    "WouldBlock",
]


class Error(OSError):
    """What all errors of rustchat have in common. str() is a sentence: what was wrong and what was expected."""

    status: str = "RUSTCHAT_EIO"
    """The name of the failure in C, for example "RUSTCHAT_ETIMEDOUT"."""

    stdout: Any = None
    """What a command had written to its output, where the error is of a command."""

    stderr: Any = None
    """The same for its standard error."""

    exit: CommandExit | None = None
    """How the command has ended, None where that is not known."""

    returncode: int | None = None
    """Its return code, None where that is not known."""

    refusal: str | None = None
    """The rule by which it was refused."""

    _errno: ClassVar[int] = errno.EIO

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        if self.errno is None:
            self.errno = self._errno
            self.strerror = str(args[0]) if args else None

    def __str__(self) -> str:
        return self.strerror or type(self).__name__


class InvalidArgument(Error, ValueError):
    """An argument or option is out of range or contradicts another."""

    status = "RUSTCHAT_EINVAL"
    _errno = errno.EINVAL


class InvalidText(Error, ValueError):
    """The text is not valid UTF-8 or holds characters that are not allowed."""

    status = "RUSTCHAT_EUTF8"
    _errno = errno.EILSEQ


class MessageTooLong(Error, ValueError):
    """A message is longer than the limit."""

    status = "RUSTCHAT_EMSGSIZE"
    _errno = errno.EMSGSIZE


class AddressError(Error, ValueError):
    """The address cannot be parsed, resolved or bound here."""

    status = "RUSTCHAT_EADDRINVAL"
    _errno = errno.EADDRNOTAVAIL


class AddressInUse(Error):
    """Another socket already listens on that address, or a file that is left alone is at its path."""

    status = "RUSTCHAT_EADDRINUSE"
    _errno = errno.EADDRINUSE


class FileExists(Error, FileExistsError):
    """Something of that name is there, here or at a server of files."""

    status = "RUSTCHAT_EREFUSED"
    _errno = errno.EEXIST


class IsADirectory(Error, IsADirectoryError):
    """It is a folder, here or at a server of files, and a file was wanted."""

    status = "RUSTCHAT_EREFUSED"
    _errno = errno.EISDIR


class FileNotFound(Error, FileNotFoundError):
    """A file at a server, the path of a Unix socket or of PEM is not there, or a part of it."""

    status = "RUSTCHAT_EIO"
    _errno = errno.ENOENT


class NotADirectory(Error, NotADirectoryError):
    """A part of a path is a file."""

    status = "RUSTCHAT_EIO"
    _errno = errno.ENOTDIR


class PermissionDenied(Error, PermissionError):
    """The system does not let this user do that: a path that may not be written to, a port that is kept for others."""

    status = "RUSTCHAT_EIO"
    _errno = errno.EACCES


class NoSuchPeer(Error, LookupError):
    """No member has that id (any more)."""

    status = "RUSTCHAT_ENOPEER"
    _errno = errno.ENOENT


class StateError(Error, RuntimeError):
    """The object is not in a state for this call."""

    status = "RUSTCHAT_ESTATE"
    _errno = errno.EBADFD


class TimeoutError(Error, builtins.TimeoutError):
    """The time is up."""

    status = "RUSTCHAT_ETIMEDOUT"
    _errno = errno.ETIMEDOUT


class WouldBlock(Error, BlockingIOError):
    """Nothing is ready yet; try again."""

    status = "RUSTCHAT_EAGAIN"
    _errno = errno.EAGAIN


class ConnectionClosed(Error, ConnectionError, EOFError):
    """This side, or the peer in good order, has closed the connection."""

    status = "RUSTCHAT_ECLOSED"
    _errno = errno.ESHUTDOWN


class ConnectionLost(Error, ConnectionResetError):
    """The connection broke: reset by the peer, or lost in the middle of a message."""

    status = "RUSTCHAT_ECONNRESET"
    _errno = errno.ECONNRESET


class ConnectionRefused(Error, ConnectionRefusedError):
    """Nobody listens at that address."""

    status = "RUSTCHAT_ECONNREFUSED"
    _errno = errno.ECONNREFUSED


class AuthenticationError(Error, PermissionError):
    """Authentication failed; of a secret nobody is told why, for the peer's safety."""

    status = "RUSTCHAT_EAUTH"
    _errno = errno.EACCES


class ProtocolError(Error, ConnectionError):
    """The peer did not keep to the protocol."""

    status = "RUSTCHAT_EPROTO"
    _errno = errno.EPROTO


class QueueOverflow(Error):
    """A bounded queue passed its limit."""

    status = "RUSTCHAT_EOVERFLOW"
    _errno = errno.ENOBUFS


class Refused(Error, PermissionError):
    """The server's rules do not allow what was asked for, and nothing was done. `refusal` says which rule."""

    status = "RUSTCHAT_EREFUSED"
    _errno = errno.EPERM


class CommandFailed(Error, ChildProcessError):
    """A command has not succeeded, and check=True was said. `returncode`, `exit`, `stdout` and `stderr` are its own."""

    status = "RUSTCHAT_ECOMMAND"
    _errno = errno.ECHILD


class NotSupported(Error, NotImplementedError):
    """Not available in this build or on this system."""

    status = "RUSTCHAT_ENOTSUP"
    _errno = errno.EOPNOTSUPP


class InternalError(Error, RuntimeError):
    """A bug of this library was caught at the boundary."""

    status = "RUSTCHAT_EPANIC"
    _errno = errno.EFAULT
