"""What rustchat.socket has of its own, for type checkers alone: there is no such module when a program runs."""

import socket as _standard
from collections.abc import Mapping
from typing import Any, Literal, Self, TypeAlias

from _typeshed import ReadableBuffer

from rustchat.auth import KeyRing

_Framing: TypeAlias = Literal["line", "u32be", "u32le", "multiprocessing"]

class socket(_standard.socket):
    def __enter__(self) -> Self: ...
    def accept(self) -> tuple[socket, Any]: ...
    def dup(self) -> Self: ...
    def send_frame(self, data: ReadableBuffer, framing: _Framing = "u32be", *, limit: int | None = None) -> None: ...
    def recv_frame(self, framing: _Framing = "u32be", *, limit: int | None = None) -> bytes: ...
    def authenticate(
        self,
        secret: str | ReadableBuffer | None = None,
        *,
        side: Literal["client", "server"],
        keys: KeyRing | Mapping[str, str | ReadableBuffer] | None = None,
        key_id: str = "",
        profile: str = "mutual",
        server_id: str = "",
        timeout: float | None = 5.0,
    ) -> str: ...

SocketType = socket

def fromfd(fd: int, family: int, type: int, proto: int = 0) -> socket: ...
def socketpair(family: int | None = None, type: int = ..., proto: int = 0) -> tuple[socket, socket]: ...
def create_connection(
    address: tuple[str | None, int],
    timeout: float | None = ...,
    source_address: tuple[str | bytearray | bytes, int] | None = None,
    *,
    all_errors: bool = False,
) -> socket: ...
def create_server(
    address: Any,
    *,
    family: int = ...,
    backlog: int | None = None,
    reuse_port: bool = False,
    dualstack_ipv6: bool = False,
) -> socket: ...
