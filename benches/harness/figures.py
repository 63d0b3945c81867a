"""Repeated measurements made into figures, and figures into verdicts."""

import statistics
from dataclasses import dataclass, field

from harness import machine
from harness.machine import NOISE_LIMIT, OTHERS_LIMIT

# How the name of a program of another checkout ends, see `--against`.
EARLIER = " (earlier)"


def figures(runs, *path):
    """One figure of every run's report."""
    values = []
    for run in runs:
        for key in path:
            run = run[key]
        values.append(run)
    return values


def median(values):
    """The median, or None if there is nothing."""
    return statistics.median(values) if values else None


def spread(values):
    """How far the repeats are apart, as a share of their median."""
    if len(values) < 2 or not (middle := statistics.median(values)):
        return None
    return (max(values) - min(values)) / middle


def ratio(a, b):
    """a / b, or None if one of them was not measured."""
    return a / b if a is not None and b else None


def paired(ours, theirs):
    """The median of the ratios within each turn: what slows a whole turn cancels out. Casual ones have fewer turns."""
    return median([a / b for a, b in zip(ours, theirs, strict=False) if b])


@dataclass
class Bar:
    """Something that must be shown: a value at least, or at most, so high."""

    text: str
    value: float | None
    least: float | None = None
    most: float | None = None

    def verdict(self, noisy):
        if self.value is None:
            return "not measured"
        met = (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)
        return ("met" if met else "MISSED") + (" (noisy)" if noisy else "")

    def limit(self):
        return f">= {self.least:g}" if self.least is not None else f"<= {self.most:g}"


@dataclass
class Chart:
    """What a picture of the result shows: one figure for each contender."""

    label: str
    values: dict
    # Which of them are ours, and which the floor.
    ours: list = field(default_factory=list)
    floor: str | None = None
    more_is_better: bool = False


@dataclass
class Result:
    """What a scene has found, or one part of a scene."""

    title: str
    columns: list
    rows: list = field(default_factory=list)
    bars: list = field(default_factory=list)
    # Contenders that did not take part or failed, and why.
    absent: dict = field(default_factory=dict)
    # The floor's spread of each figure that is judged.
    floor_spreads: dict = field(default_factory=dict)
    # Cores that went to programs which take no part, for each turn.
    others: list = field(default_factory=list)
    # Every single measurement, for the JSON file.
    runs: dict = field(default_factory=dict)
    chart: Chart | None = None

    def compare(self, label, values, more_is_better=False):
        """A bar for each contender that has a twin of another checkout: `values` has the runs' figures by name."""
        limit = {"least": 0.98} if more_is_better else {"most": 1.02}
        for name in [name for name in values if name + EARLIER in values]:
            over = paired(values[name], values[name + EARLIER])
            self.bars.append(Bar(f"{name}: {label} over the other checkout's", over, **limit))

    def noise(self):
        """Why the figures are too unsteady to judge by."""
        reasons = [
            f"the floor's {name} spread by {value:.0%} between repeats (limit {NOISE_LIMIT:.0%})"
            for name, value in self.floor_spreads.items()
            if value is not None and value > NOISE_LIMIT
        ]
        others = median(self.others)
        if others is not None and others > OTHERS_LIMIT and not machine.realtime:
            reasons.append(f"other programs used {others:.2f} cores meanwhile (limit {OTHERS_LIMIT:g})")
        return reasons

    def as_json(self):
        noisy = self.noise()
        bars = [
            {"text": bar.text, "value": bar.value, "bar": bar.limit(), "verdict": bar.verdict(noisy)}
            for bar in self.bars
        ]
        return {
            "title": self.title,
            "columns": self.columns,
            "rows": self.rows,
            "bars": bars,
            "absent": self.absent,
            "floor_spreads": self.floor_spreads,
            "others": self.others,
            "too_noisy": noisy,
            "runs": self.runs,
        }
