"""Runs the interpreters' own tests on rustchat's modules, and on the standard ones to compare with.

    python run.py [--python 3.11,3.12] [--suite test_socket] [--class NAME] [--write FILE]

Results are kept in build/conformance, so that the suites can be run one after another; the page has all of them.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from compare import Comparison, Exclusions, compare
from examine import Examination
from interpreters import Interpreter, find
from process import ROOT, Outcome
from suites import SUITES, Suite
from table import document

KEPT = ROOT / "build" / "conformance"
EXCLUSIONS = Exclusions(Path(__file__).with_name("exclusions.toml"))


def main() -> int:
    options = parse()
    wanted = options.python.split(",") if options.python else None
    interpreters = [one for one in find() if wanted is None or one.short in wanted or one.full in wanted]
    suites = [one for one in SUITES if not options.suite or one.module in options.suite.split(",")]
    missing = 0
    for interpreter in interpreters:
        for suite in filter(is_there, suites):
            missing += len(examine(interpreter, suite, options.only).lost)
    if options.write:
        Path(options.write).write_text(page())
    return 1 if missing else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--python", help="versions, such as 3.11,3.13; default: every one from 3.11 on")
    parser.add_argument("--suite", help="test modules; default: all")
    parser.add_argument("--class", dest="only", help="one test class; nothing is kept")
    parser.add_argument("--write", help="the page to write")
    return parser.parse_args()


def is_there(suite: Suite) -> bool:
    """Whether rustchat has the modules that the suite is about."""
    if not suite.replaces:
        return '"install"' in (ROOT / "python" / "rustchat" / "__init__.py").read_text()
    package = ROOT / "python" / "rustchat"
    return all((package / f"{name}.py").exists() or (package / name).is_dir() for name in suite.replaces)


def examine(interpreter: Interpreter, suite: Suite, only: str | None) -> Comparison:
    """Run one suite both ways, say what is missing and keep the results."""
    begun = time.monotonic()
    examination = Examination(interpreter, suite, EXCLUSIONS)
    examination.run(only)
    result = compare(examination.standard, examination.ours, EXCLUSIONS)
    taken = time.monotonic() - begun
    print(
        f"{interpreter.full} {suite.module}: {result.ours} of {result.standard} pass "
        f"({result.total} tests, {taken:.0f} s)",
        flush=True,
    )
    for test, outcome in result.lost.items():
        print(f"  {test}: {outcome.kind}\n{indented(outcome.detail)}")
    if not only:
        keep(interpreter, suite, examination.standard, examination.ours)
    return result


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.rstrip().splitlines()[-25:])


def keep(interpreter: Interpreter, suite: Suite, standard: dict[str, Outcome], ours: dict[str, Outcome]) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    value = {
        "version": interpreter.version,
        "standard": {test: outcome.kind for test, outcome in standard.items()},
        "ours": {test: outcome.kind for test, outcome in ours.items()},
    }
    (KEPT / f"{interpreter.full}-{suite.module}.json").write_text(json.dumps(value, indent=1))


def kept() -> Iterator[tuple[Interpreter, str, Comparison]]:
    """What was found out, in the order of versions and suites."""
    order = [suite.module for suite in SUITES]
    found = []
    for path in KEPT.glob("*.json"):
        value = json.loads(path.read_text())
        module = path.stem.partition("-")[2]
        if module not in order:
            continue
        sides = [{test: Outcome(kind) for test, kind in value[side].items()} for side in ("standard", "ours")]
        major, minor, micro = value["version"]
        found.append((Interpreter((major, minor, micro), path), module, compare(*sides, EXCLUSIONS)))
    yield from sorted(found, key=lambda row: (order.index(row[1]), row[0].version))


def page() -> str:
    left_out = [(name, entry["reason"]) for name, entry in EXCLUSIONS.entries.items() if entry.get("skip")]
    return document(list(kept()), left_out)


if __name__ == "__main__":
    sys.exit(main())
