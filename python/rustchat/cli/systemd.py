"""What systemd and its like are told, and hand over: sd_notify(3) and sd_listen_fds(3) without their library."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from rustchat import ChatServer, Error
from rustchat.cli.failure import Failure, tell
from rustchat.cli.threads import deaf

FIRST_DESCRIPTOR = 3


@dataclass(frozen=True)
class Sockets:
    """Descriptors of listening sockets."""

    chat: int | None = None
    metrics: int | None = None


def listening_sockets() -> Sockets:
    """The sockets that were handed over to this process, if any were; its children are not told of them."""
    words = {name: os.environ.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")}
    if words["LISTEN_PID"] != str(os.getpid()) or not words["LISTEN_FDS"].isdecimal():
        return Sockets()
    count = int(words["LISTEN_FDS"])
    descriptors = range(FIRST_DESCRIPTOR, FIRST_DESCRIPTOR + count)
    for descriptor in descriptors:
        try:
            os.set_inheritable(descriptor, False)
        except OSError as error:
            raise Failure(f"LISTEN_FDS is {count}, but descriptor {descriptor}: {error.strerror}") from error
    names = words["LISTEN_FDNAMES"].split(":")
    names += [""] * (count - len(names))
    metrics = [descriptor for descriptor, name in zip(descriptors, names, strict=False) if name == "metrics"]
    chat = [descriptor for descriptor in descriptors if descriptor not in metrics]
    if len(chat) > 1 or len(metrics) > 1:
        raise Failure(
            f"LISTEN_FDS is {count}, expected one socket for the chat, "
            "and perhaps another one whose FileDescriptorName is metrics"
        )
    return Sockets(*[found[0] if found else None for found in (chat, metrics)])


def notify(*lines: str) -> None:
    """Tell whoever has started this process; nobody if NOTIFY_SOCKET is not set."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    address = "\0" + path[1:] if path.startswith("@") else path
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.connect(address)
            sender.sendall("\n".join(lines).encode())
    except OSError as error:
        tell(f"NOTIFY_SOCKET {path}: {error.strerror}")


def notify_reloading() -> None:
    """Tell that a reload begins, as `Type=notify-reload` wants it; READY=1 ends it."""
    microseconds = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    notify("RELOADING=1", f"MONOTONIC_USEC={microseconds}")


def watchdog_interval() -> float | None:
    """Seconds within which a sign of life is expected; None if nobody expects one."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    meant_for = os.environ.get("WATCHDOG_PID", "")
    if not microseconds.isdecimal() or int(microseconds) == 0 or meant_for not in ("", str(os.getpid())):
        return None
    return int(microseconds) / 1e6


@contextlib.contextmanager
def watchdog(server: ChatServer) -> Iterator[None]:
    """Give signs of life, twice as often as they are expected, as long as every thread of the server gets on."""
    interval = watchdog_interval()
    if interval is None:
        yield
        return
    stopped = threading.Event()

    def watch() -> None:
        while not stopped.wait(interval / 2):
            with contextlib.suppress(Error):
                server.probe(interval / 4)
                notify("WATCHDOG=1")

    thread = threading.Thread(target=deaf(watch), name="rustchat-watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
