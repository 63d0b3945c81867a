"""The order of a benchmark: who takes part, how often, in turns."""

import sys

from harness.contender import NotBuilt, all_contenders
from harness.process import Failed


class Bench:
    """What a scene gets: the contenders that are there, and the means to measure them in turns."""

    def __init__(self, repeats=None, quick=False, only=None):
        self.repeats = repeats
        self.quick = quick
        self.only = only
        self.contenders = all_contenders()
        # Why a contender cannot take part, or None; by name, once it was tried.
        self.reasons = {}

    def seconds(self, wanted):
        """The length of a measured window."""
        return wanted * 0.4 if self.quick else wanted

    def times(self, wanted):
        """How many repeats."""
        return self.repeats or (2 if self.quick else wanted)

    def take_part(self, role, members=0):
        """The contenders of a role that can be had here, the floor first. `absent` is told of the others."""
        present, absent = [], {}
        for contender in self.contenders.values():
            if contender.role != role or (self.only and contender.name not in self.only and not contender.floor):
                continue
            if members > contender.max_members:
                absent[contender.name] = f"not made for {members} members"
            elif reason := self._reason_against(contender):
                absent[contender.name] = f"not built: {reason}"
            else:
                present.append(contender)
        return sorted(present, key=lambda contender: not contender.floor), absent

    def in_turns(self, contenders, repeats, measure, absent):
        """Measures A B C A B C ..., so that what disturbs the machine disturbs everyone. One that fails is left out
        from then on, with its reason in `absent`. Returns the measurements by name."""
        found = {contender.name: [] for contender in contenders}
        for repeat in range(repeats):
            for contender in contenders:
                if contender.name in absent:
                    continue
                say(f"    {contender.name} {repeat + 1}/{repeats}")
                try:
                    found[contender.name].append(measure(contender))
                except Failed as failure:
                    absent[contender.name] = f"failed: {failure}"
        return {name: runs for name, runs in found.items() if name not in absent}

    def _reason_against(self, contender):
        """Builds a contender once; None if that worked."""
        if contender.name not in self.reasons:
            say(f"    building {contender.name}")
            try:
                contender.build()
                self.reasons[contender.name] = None
            except NotBuilt as reason:
                self.reasons[contender.name] = str(reason)
        return self.reasons[contender.name]


def say(text):
    """Progress, on standard error and gone with the next line if that is a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)
