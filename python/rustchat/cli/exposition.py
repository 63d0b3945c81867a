"""The numbers of a server as Prometheus reads them, its text format of version 0.0.4."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rustchat import ChatServer, ServerStats, __version__
from rustchat._rustchat import Histogram
from rustchat.cli.text import show_address

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# What rises and falls; everything else only rises.
GAUGES = {"members", "members_tls"}

HISTOGRAMS = {"turns": "turn_seconds", "latency": "delivery_seconds"}


def of_server(server: ChatServer) -> str:
    """All of its numbers, as text."""
    about = {"version": __version__, "address": show_address(server.address)}
    stats = server.stats()
    lines = [
        *family("info", "gauge", "What serves, and where."),
        f"rustchat_info{labels(about)} 1",
        *family("up", "gauge", "Whether the server runs."),
        f"rustchat_up {int(server.running)}",
    ]
    for name, number in stats.as_dict().items():
        kind = "gauge" if name in GAUGES else "counter"
        metric = name if name in GAUGES else f"{name}_total"
        lines += [*family(metric, kind, sentence_of(name)), f"rustchat_{metric} {number}"]
    for name, metric in HISTOGRAMS.items():
        lines += [*family(metric, "histogram", sentence_of(name)), *histogram(metric, getattr(stats, name))]
    return "\n".join(lines) + "\n"


def family(metric: str, kind: str, what: str) -> Iterator[str]:
    """What stands before the samples of a metric."""
    yield f"# HELP rustchat_{metric} {help_text(what)}"
    yield f"# TYPE rustchat_{metric} {kind}"


def histogram(metric: str, times: Histogram) -> Iterator[str]:
    """The samples of a histogram: how many times were up to each bound."""
    count = 0
    for bound, more in times.buckets:
        count += more
        le = "+Inf" if math.isinf(bound) else f"{bound:.6f}".rstrip("0").rstrip(".")
        yield f"rustchat_{metric}_bucket{labels({'le': le})} {count}"
    yield f"rustchat_{metric}_sum {times.sum!r}"
    yield f"rustchat_{metric}_count {count}"


def sentence_of(name: str) -> str:
    """What a number counts, as its documentation says."""
    return " ".join((getattr(ServerStats, name).__doc__ or name).split())


def labels(values: dict[str, str]) -> str:
    """Labels with their values, in which whatever would end one is escaped."""
    escaped = (f'{name}="{help_text(value).replace(chr(34), chr(92) + chr(34))}"' for name, value in values.items())
    return "{" + ",".join(escaped) + "}"


def help_text(text: str) -> str:
    """A text that stays in its line."""
    return text.replace("\\", r"\\").replace("\n", r"\n")
