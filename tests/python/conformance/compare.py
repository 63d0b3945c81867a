"""What the same tests did on both sets of modules, side by side."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from process import Outcome

__all__ = ["Comparison", "Exclusions", "compare"]


class Exclusions:
    """The list of tests that need not pass, each with its reason."""

    def __init__(self, path: Path) -> None:
        self.entries: dict[str, dict[str, Any]] = tomllib.loads(path.read_text())

    def reason(self, test: str) -> str | None:
        """Why the test, or its class, is on the list."""
        entry = self._entry(test)
        return entry["reason"] if entry else None

    def is_left_out(self, name: str) -> bool:
        """Whether a class is not to be run at all."""
        entry = self._entry(name)
        return bool(entry and entry.get("skip"))

    def _entry(self, test: str) -> dict[str, Any] | None:
        name = test.removeprefix("test.")
        return self.entries.get(name) or self.entries.get(name.rpartition(".")[0])


@dataclass
class Comparison:
    """The figures of one suite on one interpreter."""

    total: int = 0
    standard: int = 0
    """How many pass on the standard modules."""
    ours: int = 0
    """How many of those pass on rustchat's."""
    excluded: dict[str, str] = field(default_factory=dict)
    """Those on the list that do not, with the reason."""
    lost: dict[str, Outcome] = field(default_factory=dict)
    """Those that do not and should."""
    gained: list[str] = field(default_factory=list)
    """Those that pass on rustchat's modules only."""


def compare(standard: dict[str, Outcome], ours: dict[str, Outcome], exclusions: Exclusions) -> Comparison:
    """Compare test by test. What does not pass on the standard modules on this machine is nobody's duty."""
    result = Comparison(total=len(standard))
    for test, outcome in standard.items():
        other = ours.get(test, Outcome("failed", "it was not run"))
        if outcome.kind != "passed":
            if other.kind == "passed":
                result.gained.append(test)
            continue
        result.standard += 1
        if other.kind == "passed":
            result.ours += 1
        elif (reason := exclusions.reason(test)) is not None:
            result.excluded[test] = reason
        else:
            result.lost[test] = other
    return result
