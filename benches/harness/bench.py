"""The order of a benchmark: who takes part, how often, in turns."""

import sys
import time

from harness.build import NotBuilt
from harness.contender import all_contenders
from harness.figures import EARLIER
from harness.machine import OTHERS_LIMIT, SERVER_CORE, Others
from harness.process import Failed, Server, load

CASUAL_REPEATS = 2
# How often a measurement is made that others disturb; the least disturbed one counts.
TRIES = 3


class Bench:
    """What a scene gets: the contenders that are there, and the means to measure them in turns."""

    def __init__(self, repeats=None, quick=False, full=False, only=None, wait=0, against=None):
        self.repeats = repeats
        self.wait = wait
        self.quick = quick
        self.full = full
        self.only = only
        self.contenders = all_contenders(against)
        # Why a contender cannot take part, or None; once it was tried.
        self.reasons = {}

    def seconds(self, wanted):
        """The length of a measured window."""
        return wanted * 0.4 if self.quick else wanted

    def times(self, wanted):
        """How many repeats."""
        return self.repeats or (2 if self.quick else wanted)

    def take_part(self, role, members=0, framing=None):
        """The contenders of a role that can be had here, the floor first; and why the others cannot."""
        present, absent = [], {}
        for key, contender in self.contenders.items():
            wanted = not self.only or contender.floor or contender.name.removesuffix(EARLIER) in self.only
            if contender.role != role or not wanted:
                continue
            if framing and framing not in contender.formats:
                continue
            if members > contender.max_members:
                absent[contender.name] = f"not made for {members} members"
            elif reason := self._reason_against(key, contender):
                absent[contender.name] = f"not built: {reason}"
            else:
                present.append(contender)
        return sorted(present, key=lambda contender: (not contender.floor, not contender.ours)), absent

    def in_turns(self, contenders, repeats, measure, result):
        """Measures A B C A B C ..., so that what disturbs the machine disturbs everyone. One that fails is left out
        from then on, with its reason in the result's `absent`. Puts the measurements into the result by name."""
        found = {contender.name: [] for contender in contenders}
        for repeat in range(repeats):
            for contender in contenders:
                if contender.name in result.absent or (contender.casual and repeat >= CASUAL_REPEATS):
                    continue
                say(f"    {contender.name} {repeat + 1}/{repeats}")
                try:
                    others, measured = self._undisturbed(lambda one=contender: measure(one))
                except Failed as failure:
                    result.absent[contender.name] = f"failed: {failure}"
                    continue
                found[contender.name].append(measured)
                result.others.append(others)
        result.runs = {name: runs for name, runs in found.items() if name not in result.absent}

    def _undisturbed(self, measure):
        """Measures, again if other programs are at work; and how many cores those had in the best of the tries."""
        tries = []
        most = TRIES if self.wait else 1
        while len(tries) < most and (not tries or tries[-1][0] > OTHERS_LIMIT):
            self._wait_for_quiet()
            others = Others()
            measured = measure()
            tries.append((others.share(), measured))
        return min(tries, key=lambda found: found[0])

    def _wait_for_quiet(self):
        end = time.monotonic() + self.wait
        while time.monotonic() < end:
            others = Others()
            time.sleep(0.3)
            if others.share() < OTHERS_LIMIT:
                return

    def _reason_against(self, key, contender):
        """Builds a contender once; None if that worked."""
        if key not in self.reasons:
            say(f"    building {contender.name}")
            try:
                contender.build()
                self.reasons[key] = None
            except NotBuilt as reason:
                self.reasons[key] = str(reason)
        return self.reasons[key]


def chat(contender, *, workers=1, framing="line", core=SERVER_CORE, **options):
    """Starts a chat server, puts the load on it, and returns the load generator's report."""
    with Server(contender.serve(workers=workers, framing=framing), core=core) as server:
        return load(server, format=contender.formats[framing], **contender.load, **options)


def say(text):
    """Progress, on standard error and gone with the next line if that is a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)
