"""Keys in a file: ``id = secret``, a line each."""

from __future__ import annotations

from pathlib import Path

from rustchat.cli.failure import Failure
from rustchat.cli.secrets import read_private
from rustchat.errors import Error


def read(path: Path) -> dict[str, bytes]:
    """The secrets of a file by their ids; a failure that says which line is wrong, and nothing of any secret.

    A file without a key is wrong: it may be one that is just being written.
    """
    keys: dict[str, bytes] = {}
    for number, line in enumerate(read_private("--keys-file", path).splitlines(), 1):
        if not line.strip() or line.strip().startswith(b"#"):
            continue
        try:
            key_id, secret = entry(line)
            if key_id in keys:
                raise ValueError(f"the id {key_id!r} comes twice")
        except (ValueError, Error) as error:
            raise Failure(f"--keys-file {path}: line {number}: {error}") from None
        keys[key_id] = secret
    if not keys:
        raise Failure(f"--keys-file {path}: there is no key in it, expected lines such as: ann = SECRET")
    return keys


def entry(line: bytes) -> tuple[str, bytes]:
    """One key; ValueError for a line that is none."""
    from rustchat.auth import KeyRing

    before, equals, after = line.partition(b"=")
    if not equals:
        raise ValueError("expected id = secret")
    try:
        key_id = before.strip().decode()
    except UnicodeDecodeError:
        raise ValueError("the id is not UTF-8") from None
    secret = after.strip()
    # Whether there may be such a key is known to the core alone.
    KeyRing({key_id: secret})
    return key_id, secret
