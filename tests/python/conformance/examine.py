"""Runs one suite on both sets of modules, and what failed once more."""

import os
from concurrent.futures import ThreadPoolExecutor

from compare import Exclusions
from interpreters import Interpreter
from process import Outcome, classes, run_class, run_test
from suites import Suite

__all__ = ["Examination"]

TRIES = 3


class Examination:
    """What the tests of a suite do on the standard modules, and what on rustchat's."""

    def __init__(self, interpreter: Interpreter, suite: Suite, exclusions: Exclusions) -> None:
        self.interpreter = interpreter
        self.suite = suite
        self.exclusions = exclusions
        self.standard: dict[str, Outcome] = {}
        self.ours: dict[str, Outcome] = {}
        self._class_of: dict[str, str] = {}

    def run(self, only: str | None) -> None:
        """Run all classes, or one; as many at a time as there are cores, since most of a test is waiting."""
        names = [name for name in classes(self.interpreter, self.suite) if not self.exclusions.is_left_out(name)]
        if only:
            names = [name for name in names if name.rpartition(".")[2] == only]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, (standard, ours) in zip(names, pool.map(self._both, names), strict=True):
                self.standard |= standard
                self.ours |= ours
                self._class_of |= dict.fromkeys([*standard, *ours], name)
        self._judge()

    def _both(self, name: str) -> list[dict[str, Outcome]]:
        return [run_class(self.interpreter, self.suite, name, ours=ours) for ours in (False, True)]

    def _judge(self) -> None:
        """What failed is run alone, on either side, before it counts.

        A busy machine fails tests that look at the clock; what is broken fails each time.
        """
        for test, outcome in list(self.standard.items()):
            if outcome.kind in ("failed", "hung"):
                self.standard[test] = self._alone(test, ours=False)
            if self.standard[test].kind != "passed" or self.exclusions.reason(test):
                continue
            for _ in range(TRIES):
                if self.ours.get(test, Outcome("failed")).kind == "passed":
                    break
                self.ours[test] = self._alone(test, ours=True)
            else:
                self.standard[test] = self._alone(test, ours=False)

    def _alone(self, test: str, ours: bool) -> Outcome:
        return run_test(self.interpreter, self.suite, self._class_of[test], test, ours)
