"""`multiprocessing.connection` on this core: Client, Listener and what they return, for peers that are Python programs.

    from rustchat.multiprocessing import Client, Listener

    with Listener(("localhost", 6000), authkey=b"secret password") as listener:
        with listener.accept() as connection:
            connection.send_bytes(b"hello")

The other end may be the standard library's or this one. What differs from the standard library's:

* Peers without the key never reach accept(); they are refused beside it, each within `handshake_timeout` seconds.
* MD5, all that Python 3.11 and older know, is refused unless `allow_md5=True`. An empty `authkey` is an error.
* Objects are sent and received only with `allow_pickle=True`: see the warning at Connection.recv().
* Without `authkey` a listener beyond this machine wants `allow_anonymous=True`.
* Connections may be used by several threads at once; close() wakes whoever waits.
* poll() is true if a whole message is there, so that the next recv_bytes() returns at once.

The key is proved by both sides and never sent. Nothing is encrypted or protected after that: who can change what is on
the way can take the connection over. Between programs that both have rustchat prefer rustchat.listen() and connect().
"""

import errno
import multiprocessing
import os
import pickle
import secrets
import selectors
import time
from collections import deque
from collections.abc import Iterable
from multiprocessing import BufferTooShort
from multiprocessing.reduction import ForkingPickler
from multiprocessing.util import get_temp_dir
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

import rustchat
from rustchat import errors

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["AuthenticationError", "BufferTooShort", "Client", "Connection", "Listener", "wait"]

Address: TypeAlias = tuple[str, int] | str

LIMIT = 0x7FFFFFFF
"""The longest message by default, in bytes: the standard library has no limit. Without `authkey` set a lower one."""


class AuthenticationError(errors.AuthenticationError, multiprocessing.AuthenticationError):
    """The peer does not hold the key, or wants MD5; nobody is told why. Caught under the standard class as well."""


class Connection:
    """A connection of whole messages; made by Client() and Listener.accept()."""

    def __init__(self, core: rustchat.Connection, allow_pickle: bool = False) -> None:
        self._core = core
        self._allow_pickle = allow_pickle
        self._readable = True
        self._ahead: deque[bytes] = deque()

    def send_bytes(self, buf: "Buffer", offset: int = 0, size: int | None = None) -> None:
        """Send `size` bytes from `offset` on as one message; all of them without a size."""
        self._check_open()
        view = memoryview(buf).cast("B")
        if offset < 0:
            raise ValueError("offset is negative")
        if offset > view.nbytes:
            raise ValueError("buffer length < offset")
        if size is None:
            size = view.nbytes - offset
        if size < 0:
            raise ValueError("size is negative")
        if offset + size > view.nbytes:
            raise ValueError("buffer length < offset + size")
        self._send(view[offset : offset + size])

    def recv_bytes(self, maxlength: int | None = None) -> bytes:
        """Receive one message. EOFError when the peer has closed, OSError when it is lost in the middle of a message.

        After a message longer than `maxlength`, which raises OSError, nothing can be received any more.
        """
        if maxlength is not None and maxlength < 0:
            raise ValueError("negative maxlength")
        message = self._receive()
        if maxlength is not None and len(message) > maxlength:
            self._readable = False
            raise OSError("bad message length")
        return message

    def recv_bytes_into(self, buf: "Buffer", offset: int = 0) -> int:
        """Receive one message into a writable buffer and return its length.

        Raises BufferTooShort, with the message as its argument, when it does not fit.
        """
        with memoryview(buf).cast("B") as view:
            if offset < 0:
                raise ValueError("negative offset")
            if offset > view.nbytes:
                raise ValueError("offset too large")
            message = self._receive()
            if offset + len(message) > view.nbytes:
                raise BufferTooShort(message)
            view[offset : offset + len(message)] = message
            return len(message)

    def send(self, obj: object) -> None:
        """Send an object, pickled. Only with allow_pickle=True; the peer must be willing to unpickle, too."""
        self._check_open()
        if not self._allow_pickle:
            raise pickle.PicklingError("objects are sent only with allow_pickle=True; send_bytes() needs no pickle")
        self._send(ForkingPickler.dumps(obj))

    def recv(self) -> Any:
        """Receive an object. Only with allow_pickle=True.

        Warning: unpickling runs whatever code the message names. Whoever holds the key, can change what is on the way,
        or reaches a connection without a key can do in this process what you can. Allow it only for peers that may.
        """
        if not self._allow_pickle:
            raise pickle.UnpicklingError(
                "objects are received only with allow_pickle=True, which lets the peer run any code here; "
                "recv_bytes() needs no pickle"
            )
        return ForkingPickler.loads(self._receive())

    def poll(self, timeout: float | None = 0.0) -> bool:
        """Whether there is a message, or the end, waiting for it at most `timeout` seconds; None for ever."""
        self._check_readable()
        if not self._ahead:
            try:
                self._ahead.append(self._core.recv(None if timeout is None else max(timeout, 0.0)))
            except (TimeoutError, BlockingIOError):
                return False
            except errors.StateError:
                # In a handler of a signal that has interrupted a call like this: the next one may well wait.
                raise
            except OSError:
                # The next call to receive meets it again and raises it.
                return True
        return True

    def fileno(self) -> int:
        """The descriptor. It is not readable while a message is already read ahead: use wait() or poll()."""
        self._check_open()
        return self._core.fileno()

    def close(self) -> None:
        """End the connection. The peer gets what was sent before."""
        self._core.close()

    @property
    def closed(self) -> bool:
        """Whether this side has closed."""
        return self._core.closed

    @property
    def readable(self) -> bool:
        """Whether messages can be received."""
        return self._readable

    @property
    def writable(self) -> Literal[True]:
        """Whether messages can be sent: always."""
        return True

    def _check_open(self) -> None:
        if self._core.closed:
            raise OSError("handle is closed")

    def _check_readable(self) -> None:
        self._check_open()
        if not self._readable:
            raise OSError("connection is write-only")

    def _send(self, message: "Buffer") -> None:
        try:
            self._core.send(message)
        except errors.ConnectionLost as error:
            raise _standard(error) from None

    def _receive(self) -> bytes:
        self._check_readable()
        try:
            return self._ahead.popleft()
        except IndexError:
            pass
        try:
            return self._core.recv()
        except errors.AuthenticationError as error:
            raise _standard(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._core!r}>"


class Listener:
    """Listens for connections: at (host, port) or at the path of a Unix socket; without an address at one of its own.

    `authkey`: the secret; peers must prove to hold it, and we to them. `allow_md5`: let Python 3.11 and older in.
    `allow_pickle`: see Connection.recv(). `allow_anonymous`: listen beyond this machine without a key.
    `limit`: the longest message in bytes. `handshake_timeout`: seconds for each newcomer to prove the key.
    """

    def __init__(
        self,
        address: Address | None = None,
        family: str | None = None,
        backlog: int = 4096,
        authkey: bytes | None = None,
        *,
        allow_md5: bool = False,
        allow_pickle: bool = False,
        allow_anonymous: bool = False,
        limit: int = LIMIT,
        handshake_timeout: float = 5.0,
    ) -> None:
        self._allow_pickle = allow_pickle
        self._last_accepted: Address | None = None
        address = _arbitrary(family) if address is None else _checked(address, family)
        try:
            self._core = rustchat.listen(
                address,
                framing="multiprocessing",
                secret=_checked_key(authkey),
                profile=_profile(allow_md5),
                allow_anonymous=allow_anonymous,
                limit=limit,
                backlog=backlog,
                handshake_timeout=handshake_timeout,
            )
        except errors.Error as error:
            raise _standard(error) from None

    def accept(self) -> Connection:
        """Wait for a connection whose peer has proved the key."""
        if self._core.closed:
            raise OSError("listener is closed")
        core = self._core.accept()
        self._last_accepted = core.peer
        return Connection(core, self._allow_pickle)

    def close(self) -> None:
        """Refuse further connections and wake every accept()."""
        self._core.close()

    @property
    def address(self) -> Any:
        """Where it listens, with the port the system chose."""
        return self._core.address

    @property
    def last_accepted(self) -> Any:
        """The address of the connection accepted last; an empty path for most peers on Unix sockets."""
        return self._last_accepted

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()


def Client(
    address: Address,
    family: str | None = None,
    authkey: bytes | None = None,
    *,
    allow_md5: bool = False,
    allow_pickle: bool = False,
    limit: int = LIMIT,
    timeout: float | None = 10.0,
) -> Connection:
    """Connect to a listener, within `timeout` seconds (None for ever) for connecting and proving the key.

    With a key, a listener that does not say a byte for a tenth of that, or a second, is given up: one of the standard
    library is silent until its program calls accept(), and may want a larger timeout.

    The other options are those of Listener.
    """
    try:
        core = rustchat.connect(
            _checked(address, family),
            framing="multiprocessing",
            secret=_checked_key(authkey),
            profile=_profile(allow_md5),
            limit=limit,
            timeout=timeout,
        )
    except errors.Error as error:
        raise _standard(error) from None
    return Connection(core, allow_pickle)


def wait(object_list: Iterable[Any], timeout: float | None = None) -> list[Any]:
    """Those of the objects (connections, sockets, descriptors) that are ready to be read, waiting for the first one at
    most `timeout` seconds; None for ever."""
    objects = list(object_list)
    end = None if timeout is None else time.monotonic() + timeout
    with selectors.PollSelector() as selector:
        for item in objects:
            selector.register(item, selectors.EVENT_READ)
        while True:
            ahead = [item for item in objects if isinstance(item, Connection) and item.poll()]
            patience = None if end is None else max(end - time.monotonic(), 0.0)
            readable = [key.fileobj for key, _ in selector.select(0 if ahead else patience)]
            # A connection whose message is not yet whole may be readable and is not ready.
            ready = ahead + [item for item in readable if not isinstance(item, Connection) or item.poll()]
            if ready or patience == 0:
                return [item for item in objects if item in ready]


def _profile(allow_md5: bool) -> Literal["multiprocessing", "multiprocessing:md5"]:
    return "multiprocessing:md5" if allow_md5 else "multiprocessing"


def _checked_key(authkey: bytes | None) -> bytes | None:
    if authkey is not None and not isinstance(authkey, bytes):
        raise TypeError("authkey should be a byte string")
    return authkey


def _checked(address: Address, family: str | None) -> Address:
    found = "AF_INET" if isinstance(address, tuple) else "AF_UNIX"
    if family not in (None, found):
        raise ValueError(f"family is {family!r}, expected {found!r} for the address {address!r}")
    # A path without a slash would be read as host:port.
    return f"./{address}" if isinstance(address, str) and "/" not in address else address


def _arbitrary(family: str | None) -> Address:
    if family == "AF_INET":
        return ("localhost", 0)
    if family in (None, "AF_UNIX"):
        return os.path.join(get_temp_dir(), f"listener-{secrets.token_hex(8)}")
    raise ValueError(f"family is {family!r}, expected 'AF_INET' or 'AF_UNIX'")


def _standard(error: errors.Error) -> Exception:
    """The same failure under the class that the standard library raises, where ours is not one of its kind."""
    if isinstance(error, errors.AuthenticationError):
        return AuthenticationError(error.errno, error.strerror)
    if error.errno in (errno.EPIPE, errno.ENOENT, errno.EACCES):
        return OSError(error.errno, error.strerror)
    return error
