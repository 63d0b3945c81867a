"""Runs in the interpreter that is examined: lists the test classes of a suite, or runs one of them.

    python worker.py list SUITE
    python worker.py run SUITE CLASS ours|standard REPORT without|only [TEST ...]

A line of JSON is written to the file REPORT when a test begins and when it has ended, so that nothing is lost of a
class that hangs. Of the class all tests are run `without` those named, or `only` those.
"""

import faulthandler
import json
import sys
import unittest
from collections.abc import Iterator
from typing import Any, TextIO

from suites import Suite, suite


def main(arguments: list[str]) -> None:
    command, chosen = arguments[0], suite(arguments[1])
    if command == "list":
        load(chosen, ours=False)
        print(*sorted({name_of(type(test)) for test in tests(chosen)}), sep="\n")
        return
    wanted, modules, report, which = arguments[2:6]
    load(chosen, ours=modules == "ours")
    faulthandler.dump_traceback_later(chosen.limit - 5, exit=True)
    with open(report, "a", encoding="utf-8") as lines:
        run(chosen, wanted, which == "only", set(arguments[6:]), lines)
    faulthandler.cancel_dump_traceback_later()


def load(chosen: Suite, ours: bool) -> None:
    """Put the modules in place and import what the tests are run with."""
    if ours and chosen.replaces:
        import importlib
        import ssl  # its C part wants the standard class, which it finds as long as it is imported first

        assert ssl
        for name in chosen.replaces:
            sys.modules[name] = importlib.import_module(f"rustchat.{name}")
    elif ours:
        import rustchat

        rustchat.install()  # type: ignore[attr-defined]
    from test import support

    support.use_resources = list(chosen.resources)
    support.verbose = 0


def tests(chosen: Suite) -> Iterator[unittest.TestCase]:
    def flat(part: Any) -> Iterator[unittest.TestCase]:
        if isinstance(part, unittest.TestCase):
            yield part
        else:
            for inner in part:
                yield from flat(inner)

    for test in flat(unittest.defaultTestLoader.loadTestsFromName(f"test.{chosen.module}")):
        if not chosen.only or type(test).__name__ in chosen.only:
            yield test


def name_of(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def run(chosen: Suite, wanted: str, only: bool, named: set[str], lines: TextIO) -> None:
    of_class = [test for test in tests(chosen) if name_of(type(test)) == wanted]
    unittest.TestSuite(test for test in of_class if (test.id() in named) == only).run(Recorder(lines))


class Recorder(unittest.TestResult):
    """Writes down how each test begins and ends."""

    def __init__(self, lines: TextIO) -> None:
        super().__init__()
        self.lines = lines
        self.failed: set[str] = set()

    def write(self, test: Any, outcome: str, detail: str = "") -> None:
        self.lines.write(json.dumps({"test": test.id(), "outcome": outcome, "detail": detail}) + "\n")
        self.lines.flush()

    def startTest(self, test: Any) -> None:
        super().startTest(test)
        self.write(test, "begun")

    def addSuccess(self, test: Any) -> None:
        super().addSuccess(test)
        if test.id() not in self.failed:
            self.write(test, "passed")

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        self.write(test, "failed", self.errors[-1][1])

    def addFailure(self, test: Any, err: Any) -> None:
        super().addFailure(test, err)
        self.write(test, "failed", self.failures[-1][1])

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.failed.add(test.id())
            self.write(test, "failed", (self.failures + self.errors)[-1][1])

    def addSkip(self, test: Any, reason: str) -> None:
        super().addSkip(test, reason)
        self.write(test, "skipped", reason)

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        super().addExpectedFailure(test, err)
        self.write(test, "passed", "an expected failure")

    def addUnexpectedSuccess(self, test: Any) -> None:
        super().addUnexpectedSuccess(test)
        self.write(test, "failed", "an unexpected success")


if __name__ == "__main__":
    main(sys.argv[1:])
