"""The same programs of rustchat as another checkout has them, for `--against`: whether a change costs anything."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from harness.build import NotBuilt
from harness.figures import EARLIER
from harness.machine import REPO


def earlier(contenders, checkout):
    """A twin of each of rustchat's contenders, built and run in `checkout`; its name ends with `EARLIER`."""
    builder = Builder(checkout)
    ours = [one for one in contenders if one.ours]
    return [replace(one, name=one.name + EARLIER, **moved(one, checkout), build=builder) for one in ours]


def moved(contender, checkout):
    def move(words):
        return [str(word).replace(str(REPO), str(checkout)) for word in words]

    return {"serve": lambda **options: move(contender.serve(**options)), "call": move(contender.call)}


class Builder:
    """Has the other checkout build everything of its own, once."""

    def __init__(self, checkout):
        self.checkout = Path(checkout)
        self.done = False

    def __call__(self):
        if self.done:
            return
        for command in (["make", "--silent", "python-build"], [self._python(), "benches/run.py", "--list"]):
            done = subprocess.run(command, cwd=self.checkout, capture_output=True, text=True)
            if done.returncode != 0:
                raise NotBuilt(f"{self.checkout}: {done.stderr.strip()[-500:]}")
        self.done = True

    def _python(self):
        return sys.executable.replace(str(REPO), str(self.checkout))
