"""A chat server in the hands of a test."""

from __future__ import annotations

import contextlib
import inspect
import json
import logging

from rustchat import _rustchat
from rustchat._rustchat import ChatServer, Decoder, encode
from rustchat._standard import standard
from rustchat.aio._hooks import is_overridden
from rustchat.errors import AuthenticationError, ConnectionClosed, Error, StateError
from rustchat.testing._lines import Plain, Sealed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, Literal, Self

    from rustchat._rustchat import ClientHandshake, ServerEvent
    from rustchat.testing._lines import Line

    Framing = Literal["line", "u32be", "u32le", "multiprocessing"]

_BEGINS = 1_767_225_600.0
"""2026-01-01 00:00:00 UTC."""

_EVENTS = 64
_NANOSECONDS = 1_000_000_000
_PIECE = 65536
_MOST = 1 << 24
_FIRST_PORT = 50001


class World:
    """A ChatServer in the hands of a test, with the people in it and the time.

        with World(Polite("127.0.0.1", 60000, idle_timeout=600)) as world:
            ann, ben = world.join(), world.join()
            ann.say("hello")
            assert ben.heard[-1] == "hello"
            world.advance(600)
            assert ann.farewell == ben.farewell == "said nothing for too long"

    `server` is a ChatServer of the program's that does not run, with its hooks and options. It is served without
    threads: everything happens in the calls of the world and its guests, in the same order each time, and when a call
    returns all that follows from it has happened. Its hooks are called in these calls, too, and what a hook raises is
    raised out of them, when the server has dealt with it as ever; with `strict` off it is logged alone.

    Nobody listens at the server's address, which is only its name. Time stands still but for advance(): idle_timeout,
    handshake_timeout, write_timeout, rate, pings and the stamps of messages go by it. The time of day begins at
    `begins`, in seconds of time.time(), else with the year 2026 in UTC.

    Calls of the server work as ever but never wait: what they have said is heard with the next call here, and stop()
    only begins to stop. At a server with TLS guests speak it, and trust it whatever it shows. One thread at a time may
    use a world and what is in it."""

    def __init__(self, server: ChatServer, *, begins: float = _BEGINS, strict: bool = True) -> None:
        for hook in ("on_join", "on_message", "on_leave", "on_error", "authorize"):
            if inspect.iscoroutinefunction(getattr(server, hook)):
                raise TypeError(f"{hook}() is an async function: hooks of a ChatServer are plain ones")
        wanted: list[Literal["membership", "messages", "filter", "authorize"]] = ["membership"]
        if is_overridden(ChatServer, server, "on_message"):
            wanted.append("filter")
        if is_overridden(ChatServer, server, "authorize"):
            wanted.append("authorize")
        self.server, self._strict = server, strict
        self.guests: list[Guest] = []
        """Who has connected, those who have gone since included."""
        self._raised: list[Exception] = []
        self._is_inside = self._is_closed = False
        self._core = _rustchat.World(server, wanted, begins)
        self.settle()

    def connect(self, address: tuple[str, int] | str | None = None, *, tls: bool = True) -> Guest:
        """Somebody connects from that address, (ip, port) or the path of a Unix socket: a made-up one, so that limits
        for strangers hold for who comes from elsewhere. Without one it is of 127.0.0.1. Proves nothing; see join().
        With `tls` off it speaks none, whatever the server does."""
        return self._connect(address, tls, None)

    def _connect(self, address: tuple[str, int] | str | None, tls: bool, key: tuple[str | bytes, str] | None) -> Guest:
        where = ("127.0.0.1", _FIRST_PORT + len(self.guests)) if address is None else address
        sock = standard("socket").socket(fileno=self._core.connect(where))
        line = Sealed(sock) if tls and self._core.secured else Plain(sock)
        guest = Guest(self, line, self._core.framing, key, is_mute=self._core.guarded and key is None)
        self.guests.append(guest)
        self.settle()
        return guest

    def join(
        self,
        address: tuple[str, int] | str | None = None,
        *,
        secret: str | bytes | None = None,
        key_id: str = "",
    ) -> Guest:
        """Somebody connects, and proves the secret if there is one, in the profile "mutual". Raises
        AuthenticationError where the server does not take it, ConnectionClosed where it sends the guest away at
        once."""
        guest = self._connect(address, True, None if secret is None else (secret, key_id))
        if guest._is_proving:
            raise AuthenticationError("the handshake broke off")
        if guest.gone:
            raise ConnectionClosed(f"the guest was sent away: {guest.farewell}")
        return guest

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self._core.passed / _NANOSECONDS

    def advance(self, seconds: float) -> None:
        """Lets time pass, from one moment that brings something to the next, as it would have in as many seconds.
        Guests answer pings meanwhile, unless told not to."""
        self.settle()
        self._pass(round(seconds * _NANOSECONDS), lambda: False)

    def _pass(self, left: int, is_over: Callable[[], bool]) -> None:
        while left > 0 and not is_over():
            left -= self._core.step(left)
            self.settle()

    def settle(self) -> None:
        """Has everything happen that follows from what was done before. Needed only after calls of the server's own."""
        # In a hook whoever called it goes on with what is done there.
        if self._is_inside or self._is_closed:
            return
        self._is_inside = True
        try:
            self._core.settle()
            # What was polled may have given the server something to do without an event of its own.
            while self._take() or self._core.settle() or self._listen():
                self._core.settle()
        finally:
            self._is_inside = False
        raised, self._raised = self._raised, []
        if raised and self._strict:
            raise raised[0]

    def _take(self) -> bool:
        """Calls the hooks; whether there was anything to do."""
        try:
            events = self.server.poll(_EVENTS, 0)
        except (TimeoutError, ConnectionClosed, StateError):
            return False
        for event in events:
            self._tell(event)
        return bool(events)

    def _listen(self) -> bool:
        """Has the guests hear what has come; whether anything has."""
        return any(guest._listen() for guest in self.guests)

    def _tell(self, event: ServerEvent) -> None:
        kind, server = event.kind, self.server
        client: Any = event.client
        if kind == "ask message":
            self._answer(event, self._call(lambda: _text(server.on_message(client, event.text))))
        elif kind == "ask join":
            # Here a bug must not open the door.
            self._answer(event, self._call(lambda: bool(server.authorize(client))) is True)
        elif kind == "join":
            self._call(lambda: server.on_join(client))
        elif kind == "leave":
            self._call(lambda: server.on_leave(client, event.text))
        elif kind == "error" and isinstance(event.error, Error):
            error = event.error
            self._call(lambda: server.on_error(error))

    def _call(self, hook: Callable[[], Any]) -> Any:
        """What a hook returns, or the exception that it raises."""
        try:
            return hook()
        except Exception as error:
            logging.getLogger("rustchat").exception("a hook raised an exception")
            self._raised.append(error)
            return error

    def _answer(self, event: ServerEvent, verdict: Any) -> None:
        # Where it has stopped nobody waits for it.
        with contextlib.suppress(Error):
            self.server.answer(event, verdict)

    def stop(self, timeout: float = 5.0) -> None:
        """Stops the server as its own stop() does, with `timeout` seconds of the world's for the guests' reading. May
        be repeated."""
        if not self._core.ended:
            self.server.close(timeout)
            self.settle()
            self._pass(round((timeout + 1) * _NANOSECONDS), lambda: self._core.ended)
        self.server.stop(0)

    def close(self) -> None:
        """Ends the server and every connection at once. May be repeated."""
        self._is_closed = True
        self._core.close()
        self.server.stop(0)
        for guest in self.guests:
            guest._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
        /,
    ) -> None:
        """stop() and close(); close() alone where an exception ends the block."""
        try:
            if exc_type is None:
                self.stop()
        finally:
            self.close()

    def __repr__(self) -> str:
        state = "closed" if self._is_closed else f"after {self.now:g} s"
        return f"<World of {self.server!r}, {state}, {len(self.guests)} guests>"


def _text(answer: object) -> object:
    if answer is not None and not isinstance(answer, str):
        raise TypeError(f"on_message() must return str or None, not {type(answer).__name__}")
    return answer


class Guest:
    """Somebody in a World, as join() and connect() make it."""

    def __init__(
        self, world: World, line: Line, framing: Framing, key: tuple[str | bytes, str] | None, *, is_mute: bool
    ) -> None:
        self._world, self._line, self._framing = world, line, framing
        self._decoder = Decoder(framing, _MOST)
        self._key, self._is_mute = key, is_mute
        self._handshake: ClientHandshake | None = None
        self._heard: list[str] = []
        self.deaf = False
        """While it is set the guest reads nothing, as somebody whose line hangs."""
        self.answers_pings = True
        """Whether it answers the pings of message chat."""
        self.gone = False
        """Whether the server has ended the connection, or leave() has."""
        self._begin()

    def _begin(self) -> None:
        """Begins to prove its secret, as soon as it can."""
        if self._key is not None and self._line.secured:
            self._handshake, self._key = self._line.prove(*self._key), None
            self._line.send(self._handshake.output())

    @property
    def _is_proving(self) -> bool:
        return self._key is not None or self._handshake is not None

    @property
    def heard(self) -> list[str]:
        """Every whole message so far: in line chat each line by itself, stamps included; in message chat each JSON
        object as text, but for pings. See messages."""
        self._world.settle()
        return list(self._heard)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What message chat has told so far, as objects."""
        return [json.loads(each) for each in self.heard]

    @property
    def farewell(self) -> str | None:
        """Why the server has sent it away, in the server's words; None while it has not, or has said nothing."""
        if not self.gone or not self.heard:
            return None
        last = self._heard[-1]
        if self._framing == "line":
            return last.removeprefix("* ") if last.startswith("* ") else None
        said = json.loads(last)
        return str(said.get("reason") or said.get("text")) if said.get("type") in ("bye", "error") else None

    def say(self, text: str) -> None:
        """Says `text` to the room."""
        if self._framing == "line":
            self.send(text.encode() + b"\n")
        else:
            self.tell({"type": "message", "text": text})

    def tell(self, request: dict[str, Any]) -> None:
        """Sends an object of message chat."""
        self.send(encode(json.dumps(request).encode(), self._framing))

    def send(self, data: bytes) -> None:
        """Sends bytes as they are. What the server does not read, and the kernel does not keep for it, is not sent:
        then it raises BlockingIOError."""
        if self.gone:
            raise ConnectionClosed("the guest is gone")
        rest = memoryview(data)
        while rest and not self.gone:
            rest = rest[self._line.send(rest[:_PIECE]) :]
            self._world.settle()

    def leave(self) -> None:
        """Closes the connection without a word, as a program does that is killed."""
        self._close()
        self._world.settle()

    def _listen(self) -> bool:
        """Hears what has come; whether anything has."""
        has_heard = False
        while not (self.gone or self.deaf):
            try:
                data = self._line.recv(_PIECE)
            except BlockingIOError:
                break
            except ConnectionError:
                data = b""
            has_heard = True
            self._begin()
            if data is None:
                continue
            if not data:
                self._close()
            elif self._handshake is not None:
                self._take(self._shake_hands(self._handshake, data))
            elif not self._is_mute:
                # What a server says to whom it knows nothing of is none of our messages.
                self._take(data)
        return has_heard

    def _shake_hands(self, handshake: ClientHandshake, data: bytes) -> bytes:
        try:
            rest = handshake.receive(data)
        except Error:
            self._close()
            raise
        self._line.send(handshake.output())
        if handshake.complete:
            self._handshake = None
        return rest

    def _take(self, data: bytes) -> None:
        for message in self._decoder.feed(data):
            text = message.decode()
            if self._framing == "line" or json.loads(text).get("type") != "ping":
                self._heard.append(text)
            elif self.answers_pings:
                self._line.send(encode(b'{"type": "pong"}', self._framing))

    def _close(self) -> None:
        self.gone = True
        self._line.close()

    def __repr__(self) -> str:
        return f"<Guest {'gone' if self.gone else 'there'}, heard {self._heard!r}>"
