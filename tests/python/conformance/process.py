"""Runs test classes, each in a process of its own with a limit of time."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from interpreters import Interpreter
from suites import Suite

__all__ = ["Outcome", "classes", "run_class", "run_test"]

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@dataclass(frozen=True)
class Outcome:
    """How a test ended: "passed", "failed", "skipped" or "hung", and what it said."""

    kind: str
    detail: str = ""


def classes(interpreter: Interpreter, suite: Suite) -> list[str]:
    """The names of the suite's test classes."""
    command = [interpreter.path, "-W", "ignore", HERE / "worker.py", "list", suite.module]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120, env=_environment(ours=False))
    if answer.returncode != 0:
        sys.exit(f"{interpreter.full} cannot list {suite.module}:\n{answer.stderr}")
    return answer.stdout.split()


def run_class(interpreter: Interpreter, suite: Suite, name: str, ours: bool) -> dict[str, Outcome]:
    """Run one class; a test that hangs ends its process, and a new one goes on behind it."""
    outcomes: dict[str, Outcome] = {}
    while True:
        left_over = _run_once(interpreter, suite, name, ours, ["without", *outcomes], outcomes)
        if left_over is None:
            return outcomes
        outcomes[left_over[0]] = left_over[1]


def run_test(interpreter: Interpreter, suite: Suite, name: str, test: str, ours: bool) -> Outcome:
    """Run one test of the class alone."""
    outcomes: dict[str, Outcome] = {}
    left_over = _run_once(interpreter, suite, name, ours, ["only", test], outcomes)
    return left_over[1] if left_over else outcomes.get(test, Outcome("failed", "it was not run"))


def _run_once(
    interpreter: Interpreter,
    suite: Suite,
    name: str,
    ours: bool,
    which: list[str],
    outcomes: dict[str, Outcome],
) -> tuple[str, Outcome] | None:
    """One process; the test that was under way at its end, if one was, with what the process said."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as directory:
        report = Path(directory, "report")
        modules = "ours" if ours else "standard"
        command = [interpreter.path, "-W", "ignore", HERE / "worker.py", "run", suite.module, name, modules, report]
        command += which
        process = subprocess.Popen(
            command, cwd=directory, env=_environment(ours), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True,
        )  # fmt: skip
        try:
            said = process.communicate(timeout=suite.limit)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            said = process.communicate()[1]
        begun = _read(report, outcomes)
    if begun is not None:
        return begun, Outcome("hung", said[-4000:])
    if process.returncode != 0 and not outcomes:
        return name, Outcome("failed", said[-4000:])
    return None


def _read(report: Path, outcomes: dict[str, Outcome]) -> str | None:
    """Add what the report says to the outcomes; the test that has not ended."""
    begun = None
    for line in report.read_text().splitlines() if report.exists() else []:
        entry = json.loads(line)
        test, kind, detail = entry["test"], entry["outcome"], entry["detail"]
        if kind == "begun":
            begun = test
            continue
        begun = None if begun == test else begun
        worse = outcomes.get(test)
        if worse is None or worse.kind != "failed":
            outcomes[test] = Outcome(kind, detail)
    return begun


def _environment(ours: bool) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    if ours:
        environment["PYTHONPATH"] = str(ROOT / "python")
    return environment
