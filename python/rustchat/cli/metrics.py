"""Numbers for Prometheus, and whether the server gets on, over HTTP: at an address of their own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

import rustchat
from rustchat import ChatServer, Error
from rustchat.cli import exposition
from rustchat.cli.failure import Failure
from rustchat.cli.text import show_address
from rustchat.cli.threads import deaf

# Seconds for a whole request and its answer: who is slower is cut off.
PATIENCE = 5.0

# Who is there at a time; more are turned away.
MOST_SCRAPERS = 256

LONGEST_REQUEST = 8 << 10

# Seconds within which every thread of the server has to come to the end of what it does.
PROBING = 1.0

HELP = b"/metrics: numbers for Prometheus\n/health: whether the server gets on\n"


def listening_socket(address: str) -> socket.socket:
    """A socket that listens there: a port of this machine alone, or host:port; a failure if it cannot."""
    host, port = parsed(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=MOST_SCRAPERS)
    except OSError as error:
        raise Failure(f"--metrics {address}: {error.strerror or error}") from error


def socket_of(address: str | None, descriptor: int | None) -> socket.socket | None:
    """The socket for who asks: one that was handed over, or one that listens at an address, if there is either."""
    if descriptor is not None:
        return socket.socket(fileno=descriptor)
    return None if address is None else listening_socket(address)


def parsed(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if colon else "127.0.0.1"
    if not (port.isascii() and port.isdigit() and int(port) <= 65535 and host):
        raise Failure(f"--metrics {address}: expected a port such as 9100, or host:port")
    return host, int(port)


@contextlib.contextmanager
def serving(server: ChatServer, listening: socket.socket | None) -> Iterator[None]:
    """Answer at that socket, on a thread of its own, what is asked about a server; nothing without one."""
    if listening is None:
        yield
        return
    responder = Responder(server, listening)
    responder.start()
    try:
        yield
    finally:
        responder.stop()


class Responder:
    """An HTTP server of a few words. However many ask, and however slowly, they wait for one another alone."""

    def __init__(self, server: ChatServer, listening: socket.socket) -> None:
        self._server, self._listening = server, listening
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=deaf(self._run), name="rustchat-metrics", daemon=True)
        self._probe: asyncio.Task[str] | None = None
        self._visits: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """Where it answers."""
        return show_address(self._listening.getsockname()[:2])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End within a moment, whoever is still there."""
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def _run(self) -> None:
        with contextlib.closing(self._loop), self._listening:
            self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self._listening.setblocking(False)
        accepting = asyncio.ensure_future(self._accept())
        await self._stopped.wait()
        for task in (accepting, *self._visits):
            task.cancel()
        await asyncio.gather(accepting, *self._visits, return_exceptions=True)

    async def _accept(self) -> None:
        while True:
            try:
                peer, _ = await self._loop.sock_accept(self._listening)
            except OSError:
                # No descriptor is left, perhaps: those of the chat come first.
                await asyncio.sleep(1)
                continue
            if len(self._visits) >= MOST_SCRAPERS:
                peer.close()
                continue
            visit = asyncio.ensure_future(self._meet(peer))
            self._visits.add(visit)
            visit.add_done_callback(self._visits.discard)

    async def _meet(self, peer: socket.socket) -> None:
        # Whoever is slow, gone or speaks something else gets no answer.
        with peer, contextlib.suppress(OSError, ValueError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._loop.sock_sendall(peer, await self._answer(peer))
                peer.shutdown(socket.SHUT_WR)
                # Closed with unread bytes, the connection would lose what was sent.
                await self._loop.sock_recv(peer, LONGEST_REQUEST)

    async def _answer(self, peer: socket.socket) -> bytes:
        request = b""
        while b"\r\n\r\n" not in request:
            more = await self._loop.sock_recv(peer, LONGEST_REQUEST)
            request += more
            if not more or len(request) > LONGEST_REQUEST:
                raise ValueError
        method, path, _version = request.split(b"\r\n", 1)[0].split(b" ")
        if method not in (b"GET", b"HEAD"):
            return response(405, b"expected GET\n")
        answer = await self._answer_to(path.split(b"?")[0])
        return answer if method == b"GET" else answer[: answer.index(b"\r\n\r\n") + 4]

    async def _answer_to(self, path: bytes) -> bytes:
        match path:
            case b"/metrics":
                return response(200, exposition.of_server(self._server).encode(), exposition.CONTENT_TYPE)
            case b"/health":
                wrong = await self._wrong()
                return response(503, f"{wrong}\n".encode()) if wrong else response(200, b"ok\n")
            case b"/":
                return response(200, HELP)
        return response(404, HELP)

    async def _wrong(self) -> str:
        """What is wrong with the server, "" if nothing is; all who ask at a time are told the same."""
        if self._probe is None or self._probe.done():
            self._probe = asyncio.ensure_future(asyncio.to_thread(wrong, self._server))
        return await asyncio.shield(self._probe)


def wrong(server: ChatServer) -> str:
    """What is wrong with a server; "" if nothing is."""
    try:
        server.probe(PROBING)
    except (Error, rustchat.TimeoutError) as error:
        return str(error)
    return ""


REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


def response(code: int, body: bytes, kind: str = "text/plain; charset=utf-8") -> bytes:
    """A whole answer, after which the connection ends."""
    head = (
        f"HTTP/1.1 {code} {REASONS[code]}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\nCache-Control: no-store\r\n\r\n"
    )
    return head.encode() + body
