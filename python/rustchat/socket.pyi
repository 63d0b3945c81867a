"""The standard module's names have the standard module's types; the class has what is ours besides."""

import socket as _standard
from collections.abc import Mapping
from socket import *  # noqa: F403
from typing import Any, Literal, Self, TypeAlias

from _typeshed import ReadableBuffer

from rustchat.auth import KeyRing

_Framing: TypeAlias = Literal["line", "u32be", "u32le", "multiprocessing"]

class socket(_standard.socket):  # type: ignore[no-redef]
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

SocketType = socket  # type: ignore[misc, assignment]

def fromfd(fd: int, family: int, type: int, proto: int = 0) -> socket: ...  # type: ignore[no-redef]
def socketpair(family: int | None = None, type: int = ..., proto: int = 0) -> tuple[socket, socket]: ...  # type: ignore[no-redef]
def create_connection(  # type: ignore[no-redef]
    address: tuple[str | None, int],
    timeout: float | None = ...,
    source_address: tuple[str | bytearray | bytes, int] | None = None,
    *,
    all_errors: bool = False,
) -> socket: ...
def create_server(  # type: ignore[no-redef]
    address: Any,
    *,
    family: int = ...,
    backlog: int | None = None,
    reuse_port: bool = False,
    dualstack_ipv6: bool = False,
) -> socket: ...
