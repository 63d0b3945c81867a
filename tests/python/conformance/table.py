"""The results as a document."""

from collections.abc import Iterable, Sequence

from compare import Comparison
from interpreters import Interpreter

__all__ = ["document"]

HEAD = """# Conformance

The tests of the standard library's own modules, run on rustchat's. They are the interpreter's: loaded from its package
`test` as they are, each class in a process of its own, and compared with the same test on the standard modules on the
same machine. `make conformance` runs them and writes this page.

| Python | tests | pass on the standard modules | of these on rustchat's | excluded | missing |
|---|---|---|---|---|---|
"""

EXCLUDED = """
What does not pass on the standard modules there (most of it is skipped: the kernel lacks a protocol, or the tests a
right) says nothing about either. Excluded are tests of what CPython's modules are, not of what they do:

| test | reason |
|---|---|
"""

LEFT_OUT = """
Not run on either:

| test class | reason |
|---|---|
"""


def document(rows: Sequence[tuple[Interpreter, str, Comparison]], left_out: Iterable[tuple[str, str]]) -> str:
    """The page, of one comparison for each interpreter and suite."""
    text = HEAD
    excluded: dict[str, str] = {}
    for interpreter, module, result in rows:
        excluded |= result.excluded
        text += (
            f"| {interpreter.full} | `{module}` ({result.total}) | {result.standard} | {result.ours} "
            f"| {len(result.excluded)} | {len(result.lost)} |\n"
        )
    text += EXCLUDED + "".join(
        f"| `{test.removeprefix('test.')}` | {why} |\n" for test, why in sorted(excluded.items())
    )
    text += LEFT_OUT + "".join(f"| `{name}` | {why} |\n" for name, why in sorted(left_out))
    lost = [(interpreter.full, test) for interpreter, _, result in rows for test in result.lost]
    if lost:
        text += "\nMissing:\n\n" + "".join(f"* `{test.removeprefix('test.')}` on {version}\n" for version, test in lost)
    return text
