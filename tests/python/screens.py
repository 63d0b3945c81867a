"""People at terminals, as tmux has them: shells in which programs run, real keys, and what the screens show."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

WIDTH, HEIGHT = 100, 40

# For one thing to appear on a screen, on a machine that has a lot to do.
PATIENCE = 30.0

# Between two looks at a screen: a terminal tells nobody that it has changed.
PAUSE = 0.02

# An interactive shell without anybody's settings, which says of what it has run how that ended.
SHELL = ("env", "-u", "ENV", "PS1=[$?]$ ", "sh", "-i")
STTY = re.compile(r"^[0-9a-f]+(?::[0-9a-f]+){20,}$", re.MULTILINE)
SHELL_WAITS = re.compile(r"^\[(\d+)\]\$ *\Z", re.MULTILINE)


class Screens:
    """A tmux of its own: nobody's configuration, one size, UTF-8 whatever the locale. Its windows have `rustchat`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        tools = folder / "bin"
        tools.mkdir()
        command = tools / "rustchat"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rustchat "$@"\n')
        command.chmod(0o755)
        self._environment = {name: value for name, value in os.environ.items() if name not in UNWANTED} | {
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
        }
        self._windows = 0

    def open(self, **environment: str) -> Screen:
        """A new window with a shell that waits for a command."""
        size = ("-x", str(WIDTH), "-y", str(HEIGHT))
        how = ("new-window", "-t", "class:") if self._windows else ("new-session", "-s", "class", *size)
        self._windows += 1
        settings = [word for item in environment.items() for word in ("-e", "=".join(item))]
        pane = self.tmux(*how, "-d", "-P", "-F", "#{pane_id}", *settings, *SHELL).strip()
        screen = Screen(self, pane)
        screen.shell()
        return screen

    def tmux(self, *words: str) -> str:
        """Runs one of tmux's commands; what it prints."""
        done = subprocess.run(
            ["tmux", "-u", "-f", "/dev/null", "-S", str(self._folder / "tmux"), *words],
            env=self._environment,
            capture_output=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, f"tmux {words}: {done.stderr.decode()}"
        return done.stdout.decode()

    def close(self) -> None:
        """Ends tmux and, as its terminals go, what runs in them."""
        if self._windows:
            self.tmux("kill-server")


# A tmux around the tests is none of theirs, nor are their terminal's colours.
UNWANTED = ("TMUX", "TMUX_PANE", "NO_COLOR", "PROMPT_TOOLKIT_NO_CPR")


@contextlib.contextmanager
def screens() -> Iterator[Screens]:
    """A tmux, while it is wanted."""
    assert shutil.which("tmux"), "tmux is not here; `make test` installs it"
    # The path of a Unix socket must be short.
    with tempfile.TemporaryDirectory(prefix="rustchat-") as folder:
        opened = Screens(Path(folder))
        try:
            yield opened
        finally:
            opened.close()


class Screen:
    """One window: a keyboard, and a screen with all that has left it at the top."""

    def __init__(self, screens: Screens, pane: str) -> None:
        self._screens, self._pane = screens, pane

    def type(self, text: str) -> None:
        """Types text, each character as a key."""
        self._screens.tmux("send-keys", "-t", self._pane, "-l", "--", text)

    def press(self, *keys: str) -> None:
        """Presses keys that have names, such as Enter, Up and C-c."""
        self._screens.tmux("send-keys", "-t", self._pane, *keys)

    def enter(self, line: str) -> None:
        """Types a line and ends it."""
        self.type(line)
        self.press("Enter")

    def paste(self, text: str) -> None:
        """Pastes text as a terminal does: all at once and, for a program that asked for it, between brackets."""
        self._screens.tmux("set-buffer", "-b", "pasted", "--", text)
        self._screens.tmux("paste-buffer", "-p", "-b", "pasted", "-t", self._pane)

    @property
    def text(self) -> str:
        """All that is and was on the screen; a line that was too long for it is one again."""
        return self._capture("-S", "-")

    @property
    def visible(self) -> str:
        """What the screen shows."""
        return self._capture()

    @property
    def painted(self) -> str:
        """What the screen shows, with the sequences that make its colours."""
        return self._capture("-e")

    def _capture(self, *how: str) -> str:
        captured = self._screens.tmux("capture-pane", "-p", "-J", *how, "-t", self._pane)
        return "\n".join(line.rstrip() for line in captured.rstrip().split("\n"))

    @property
    def line(self) -> str:
        """The lowest line, where one types."""
        return self.visible.rpartition("\n")[2]

    def lines(self, part: str) -> list[str]:
        """All lines with this text in them."""
        return [line for line in self.text.split("\n") if part in line]

    def wait(self, pattern: str) -> re.Match[str]:
        """Returns when a line is there in which the pattern is found."""
        return self._wait(re.compile(pattern, re.MULTILINE), "text")

    def wait_line(self, pattern: str) -> re.Match[str]:
        """Returns when the lowest line is all of the pattern."""
        return self._wait(re.compile(rf"\A(?:{pattern})\Z"), "line")

    def shell(self) -> int:
        """Returns when the shell waits for a command: the exit code of the one before."""
        return int(self._wait(SHELL_WAITS, "visible")[1])

    def settings(self) -> str:
        """The settings of the terminal, which the waiting shell has `stty` tell."""
        told = len(STTY.findall(self.text))
        self.enter("stty -g")
        end = time.monotonic() + PATIENCE
        while len(found := STTY.findall(self.text)) == told:
            assert time.monotonic() < end, f"stty told nothing:\n{self.text}"
            time.sleep(PAUSE)
        self.shell()
        return found[-1]

    def _wait(self, pattern: re.Pattern[str], where: str) -> re.Match[str]:
        end = time.monotonic() + PATIENCE
        while not (found := pattern.search(getattr(self, where))):
            assert time.monotonic() < end, f"{pattern.pattern!r} never came to this screen:\n{self.text}"
            time.sleep(PAUSE)
        return found

    @property
    def process(self) -> int:
        """The program in the foreground: see proc(5), `tpgid`."""
        shell = self._screens.tmux("display-message", "-p", "-t", self._pane, "#{pane_pid}").strip()
        return int(Path(f"/proc/{shell}/stat").read_text().rpartition(")")[2].split()[5])
