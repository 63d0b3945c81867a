"""The same programs of rustchat as another checkout has them, for `--against`: whether a change costs anything."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from harness.build import NotBuilt
from harness.figures import EARLIER
from harness.machine import REPO

# Run in the other checkout, with its own idea of how a contender is built.
BUILD = """
import sys
sys.path.insert(0, "benches")
from harness.contender import all_contenders
all_contenders()[sys.argv[1], sys.argv[2]].build()
"""


def earlier(contenders, checkout):
    """A twin of each of rustchat's contenders, built and run in `checkout`; its name ends with `EARLIER`."""
    ours = [one for one in contenders if one.ours]
    return [replace(one, name=one.name + EARLIER, **moved(one, checkout), build=builder(one, checkout)) for one in ours]


def moved(contender, checkout):
    """The commands of a contender, with the programs of the other checkout."""

    def move(words):
        return [str(word).replace(str(REPO), str(checkout)) for word in words]

    return {"serve": lambda **options: move(contender.serve(**options)), "call": move(contender.call)}


def builder(contender, checkout):
    """Has the other checkout build its program, and its Python module in an environment of its own."""
    python = sys.executable.replace(str(REPO), str(checkout))

    def build():
        if not Path(python).exists():
            run(["make", "--silent", "python-build"], checkout)
        run([python, "-c", BUILD, contender.role, contender.name], checkout)

    return build


def run(command, checkout):
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
    if done.returncode != 0:
        raise NotBuilt(f"{checkout}: {done.stderr.strip()[-500:]}")
