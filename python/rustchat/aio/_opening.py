"""Connecting and listening, which are awaited or entered: `await connect(...)`, `async with connect(...) as
connection`."""

from __future__ import annotations

import errno
from typing import Generic, TypeVar

from rustchat import errors
from rustchat._standard import standard
from rustchat.aio import _readiness

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from types import TracebackType
    from typing import Any, Protocol, Self

    from rustchat._rustchat import Introduction
    from rustchat.aio._readiness import Direction, Loop

    class Closable(Protocol):
        """What is opened, and closed at the end of `async with`."""

        async def __aenter__(self) -> Self: ...
        async def __aexit__(
            self,
            exc_type: type[BaseException] | None,
            exc_value: BaseException | None,
            traceback: TracebackType | None,
            /,
        ) -> None: ...


T = TypeVar("T", bound="Closable")

_FULL_BACKLOG = 0.01
"""How long to wait until a Unix socket's full backlog is tried again: nothing tells when it has room."""

_LONGEST = 3600.0

_LOOK_UP = 10.0
"""How long the look-up of a host to listen at may take, which is the core's time for it."""


class Opening(Generic[T]):
    """Something that is opened when this is awaited, or entered with `async with`, which closes it in the end."""

    def __init__(self, name: str, run: Callable[[], Awaitable[T]]) -> None:
        self._name, self._run = name, run
        self._opened: T | None = None

    def __await__(self) -> Generator[Any, Any, T]:
        return self._run().__await__()

    async def __aenter__(self) -> T:
        self._opened = await self._run()
        return await self._opened.__aenter__()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.__aexit__(exc_type, exc_value, traceback)

    def __repr__(self) -> str:
        return f"<{self._name}: await it, or enter it with async with>"


async def introduce(loop: Loop, introduction: Introduction) -> None:
    """Brings an introduction to the point where it can be finished. Every await can be cancelled, and nothing is left
    open."""
    try:
        descriptor = await _connected(loop, introduction)
        introduction.begin(descriptor)
        while (direction := introduction.step()) is not None:
            await _wait(loop, introduction.fileno(), direction, introduction.patience)
    except BaseException:
        introduction.close()
        raise


async def _connected(loop: Loop, introduction: Introduction) -> int:
    """A descriptor of a socket that is connected with the first address that answers."""
    addresses = await _addresses(loop, introduction)
    error: Exception | None = None
    for index, (family, address) in enumerate(addresses):
        left = introduction.left
        # What is left is shared among the addresses, so that one that swallows packets does not use it up.
        share = None if left is None else left / (len(addresses) - index)
        where = address if isinstance(address, (str, bytes)) else f"{address[0]}:{address[1]}"
        try:
            return await loop.within(share, lambda: _connect(loop, family, address))  # noqa: B023
        except TimeoutError:
            error = introduction.failure(str(where), errno.ETIMEDOUT)
        except OSError as failure:
            error = introduction.failure(str(where), failure.errno or errno.EIO)
    raise error or introduction.failure(f"{introduction.endpoint}: it has no address")


async def _addresses(loop: Loop, introduction: Introduction) -> list[tuple[int, Any]]:
    socket, endpoint = standard("socket"), introduction.endpoint
    if not isinstance(endpoint, tuple):
        return [(socket.AF_UNIX, str(endpoint))]
    host, port = endpoint
    if (found := _numeric(host, port)) is not None:
        return found
    try:
        return await loop.within(introduction.left, lambda: loop.look_up(host, port))
    except TimeoutError:
        raise introduction.failure(f"{host}:{port}", errno.ETIMEDOUT) from None
    except (OSError, UnicodeError) as error:
        raise introduction.failure(f"{host}:{port}: {_unknown(host, error)}") from None


def _numeric(host: str, port: int) -> list[tuple[int, Any]] | None:
    """The families and addresses of a host that is a number, which needs no look-up and no thread; None for a name."""
    socket = standard("socket")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        return None
    return [(family, address) for family, _, _, _, address in found]


def _unknown(host: str, error: Exception) -> str:
    what = getattr(error, "strerror", None) or error
    return f"look up '{host}': failed to lookup address information: {what}"


async def listening(loop: Loop, endpoint: Any, start: Callable[[tuple[str, int] | None], None]) -> None:
    """Starts something that listens at an endpoint: `start` is given the first address of a host name that can be
    listened at, None where there is nothing to look up. Can be cancelled while it looks up."""
    if not isinstance(endpoint, tuple) or not endpoint[0] or _numeric(*endpoint) is not None:
        return start(None)
    host, port = endpoint
    try:
        found = await loop.within(_LOOK_UP, lambda: loop.look_up(host, port))
    except TimeoutError:
        raise errors.TimeoutError(f"listen on {host}:{port}: look up '{host}': timed out") from None
    except (OSError, UnicodeError) as error:
        raise errors.AddressError(f"listen on {host}:{port}: {_unknown(host, error)}") from None
    failure: errors.Error | None = None
    for _, address in found:
        try:
            return start((address[0], port))
        except (errors.AddressError, errors.AddressInUse, errors.PermissionDenied) as error:
            failure = error
    raise failure or errors.AddressError(f"listen on {host}:{port}: look up '{host}': no address found")


async def _connect(loop: Loop, family: int, address: Any) -> int:
    socket = standard("socket")
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        code = sock.connect_ex(address)
        while code == errno.EAGAIN:
            await loop.sleep(_FULL_BACKLOG)
            code = sock.connect_ex(address)
        if code in (errno.EINPROGRESS, errno.EINTR):
            await _wait(loop, sock.fileno(), "writable", None)
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code != 0:
            raise OSError(code, "")
        sock.setblocking(True)
        descriptor: int = sock.detach()
        return descriptor
    finally:
        sock.close()


async def _wait(loop: Loop, fileno: int, direction: Direction, seconds: float | None) -> None:
    """Waits until the descriptor is ready, or for so many seconds."""
    waiter = loop.waiter()

    def wake() -> None:
        if not waiter.done():
            waiter.set_result(None)

    unwatch = loop.watch(fileno, direction, wake)
    call_off = loop.call_later(_LONGEST if seconds is None else min(seconds, _LONGEST), wake)
    try:
        await waiter
    finally:
        call_off()
        unwatch()
        loop.closing(fileno)


def here() -> Loop:
    """The loop that the caller runs in."""
    return _readiness.current()
