"""Settings: what a command may be told by a flag or by a line of its file of settings, under one name."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rustchat.cli import options as common
from rustchat.cli.failure import Failure

UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


@dataclass(frozen=True)
class Kind:
    """What a setting takes: read from a word of the command line, or from a value of TOML."""

    expected: str
    metavar: str
    from_word: Callable[[str], Any]
    """Raises ArgumentTypeError for what it does not take."""
    from_toml: Callable[[Any], Any]
    """Raises ValueError for what it does not take."""


@dataclass(frozen=True)
class Setting:
    """One setting: `tls_key` in the file is `--tls-key` among the flags."""

    name: str
    kind: Kind
    help: str
    default: Any = None

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    def add_to(self, container: argparse._ActionsContainer, *, quiet: bool = False) -> None:
        """Add the flag; if `quiet`, what nobody gives leaves nothing behind, so that another place may."""
        default = argparse.SUPPRESS if quiet else self.default
        text = self.help.replace("%", "%%")
        if self.kind is not FLAG:
            container.add_argument(
                self.flag, type=self.kind.from_word, default=default, metavar=self.kind.metavar, help=text
            )
        elif quiet:
            # What the file turns on can be turned off.
            container.add_argument(self.flag, action=argparse.BooleanOptionalAction, default=default, help=text)
        else:
            container.add_argument(self.flag, action="store_true", help=text)


def is_kind(*types: type) -> Callable[[Any], Any]:
    """Takes values of these types, as they are."""

    def check(value: Any) -> Any:
        # In Python a bool is an int.
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise ValueError
        return value

    return check


def reads(read: Callable[[str], Any], *types: type) -> Callable[[Any], Any]:
    """Takes texts as flags do, and values of these types."""

    def check(value: Any) -> Any:
        if not isinstance(value, str):
            return is_kind(*types)(value)
        try:
            return read(value)
        except argparse.ArgumentTypeError as error:
            raise ValueError from error

    return check


def size(text: str) -> int:
    """A number, which may have a unit such as 64K, or a complaint that argparse shows."""
    number, unit = (text[:-1], text[-1].upper()) if text[-1:].isalpha() else (text, "")
    try:
        return int(number) * UNITS[unit]
    except (ValueError, KeyError):
        raise argparse.ArgumentTypeError(f"'{text}' is no number: expected one such as 1000 or 64K") from None


def seconds(text: str) -> float:
    """A number of seconds, or a complaint that argparse shows."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds, such as 2.5") from None


def rate(text: str) -> tuple[int, float]:
    """Messages at once and a second, or a complaint that argparse shows."""
    try:
        burst, per_second = text.split("/")
        return int(burst), float(per_second)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no rate: expected messages at once and a second, such as 20/10"
        ) from None


def toml_rate(value: Any) -> tuple[int, float]:
    match value:
        case str():
            return toml_rate(list(reads(rate)(value)))
        case [int(burst), int() | float() as per_second] if not isinstance(burst, bool):
            return burst, float(per_second)
    raise ValueError


def choice(*names: str) -> Kind:
    """One of a few names."""

    def read(text: str) -> str:
        if text not in names:
            raise argparse.ArgumentTypeError(f"'{text}' is unknown: expected {', '.join(names)}")
        return text

    return Kind(" or ".join(f'"{name}"' for name in names), "|".join(names), read, reads(read))


FLAG = Kind("true or false", "", lambda _: True, is_kind(bool))
COUNT = Kind('a number, or a text such as "64K"', "N", size, reads(size, int))
SECONDS = Kind("a number of seconds", "SECONDS", seconds, is_kind(int, float))
TEXT = Kind("a text", "TEXT", str, is_kind(str))
GROUP = Kind("the name of a group or its number", "GROUP", str, is_kind(str, int))
MODE = Kind('permissions such as "660" or 0o660', "MODE", common.mode, reads(common.mode, int))
RATE = Kind("messages at once and a second, such as [20, 10.0]", "BURST/RATE", rate, toml_rate)
FRAMING = Kind("the name of a framing", "KIND", common.framing, reads(common.framing))
PORT = Kind("a port, 0 to 65535", "PORT", common.port, lambda value: reads(common.port)(str(is_kind(int)(value))))
PATH = Kind("the path of a file", "FILE", Path, lambda value: Path(is_kind(str)(value)))

KINDS = {
    "flag": FLAG,
    "count": COUNT,
    "seconds": SECONDS,
    "text": TEXT,
    "group": GROUP,
    "mode": MODE,
    "rate": RATE,
    "framing": FRAMING,
}


def resolved(given: argparse.Namespace, settings: Sequence[Setting], file: Path | None) -> argparse.Namespace:
    """All settings: as the flags say, else as the file says, else as they are by default."""
    values = {setting.name: setting.default for setting in settings}
    if file is not None:
        values |= read(file, settings)
    return argparse.Namespace(**values | vars(given))


def read(path: Path, settings: Iterable[Setting]) -> dict[str, Any]:
    """The settings of a file; a failure that says what is wrong in it."""
    import tomllib

    try:
        with open(path, "rb") as file:
            found = tomllib.load(file)
    except OSError as error:
        raise Failure(f"--config {path}: {error.strerror}") from error
    except ValueError as error:
        raise Failure(f"--config {path}: {error}") from error
    known = {setting.name: setting for setting in settings}
    return {name: value_of(path, known, name, value) for name, value in found.items()}


def value_of(path: Path, known: dict[str, Setting], name: str, value: Any) -> Any:
    setting = known.get(name)
    if setting is None:
        close = difflib.get_close_matches(name.replace("-", "_"), known, 1, 0.5)
        hint = f"; do you mean {close[0]}?" if close else ""
        raise Failure(f"--config {path}: there is no setting {name}{hint}")
    try:
        read = setting.kind.from_toml(value)
    except ValueError:
        raise Failure(f"--config {path}: {name} is {value!r}, expected {setting.kind.expected}") from None
    # What a file names stands beside it, wherever the server is started.
    return path.parent / read if isinstance(read, Path) else read
