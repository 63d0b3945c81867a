"""A remote command that runs, in the manner of subprocess.Popen.

Made by rustchat.CommandClient.popen(). What it writes comes while it is read, and nothing comes that nobody asks for
but a window: who stops reading stops this command, and no other.
"""

from __future__ import annotations

import contextlib
import io
import signal as _signal

from rustchat.errors import ConnectionClosed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import IO, Any, Self

    from typing_extensions import Buffer

    from rustchat._rustchat import CommandExit, CommandJob, CompletedCommand

__all__ = ["RunningCommand"]

_STDOUT, _STDERR = 1, 2
# What one read asks for: as much as one message brings.
_CHUNK = 64 * 1024


class _Output(io.RawIOBase):
    def __init__(self, job: CommandJob, output: int) -> None:
        super().__init__()
        self._job, self._output = job, output

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        with memoryview(buffer).cast("B") as view:
            data = self._job.read(self._output, len(view))
            view[: len(data)] = data
            return len(data)

    def close(self) -> None:
        """Says that nobody reads it any more: a command that writes on gets SIGPIPE, as in front of head."""
        if not self.closed:
            super().close()
            if self._job.exit is None:
                # Where the connection is gone the command is, too.
                with contextlib.suppress(OSError):
                    self._job.close_output(self._output)


class _Input(io.RawIOBase):
    def __init__(self, job: CommandJob) -> None:
        super().__init__()
        self._job = job

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        try:
            return self._job.write(data)
        except ConnectionClosed as error:
            if self._job.exit is None and "reads no more input" not in str(error):
                raise
            raise BrokenPipeError(32, str(error)) from None

    def close(self) -> None:
        if not self.closed:
            super().close()
            with contextlib.suppress(OSError):
                self._job.close_stdin()


class RunningCommand:
    """A command that runs. `with` closes its files and waits for its end; without it, one that nobody holds is killed.

    stdin: a file to write to, with stdin=True; else None. stdout, stderr: files to read; stderr is None where it goes
    to stdout. They carry bytes, or str where text was asked for. returncode: None until its end is known, then as in
    subprocess. exit: a CommandExit, which says more.

    That an output ends does not say how the command has ended; one that was cut, since the command wrote more than it
    may, raises QueueOverflow where it was. wait(), communicate(), returncode, poll() and the end of `with` know, and
    raise as CommandClient.run() does where the end is not the command's own: TimeoutError, QueueOverflow,
    ConnectionClosed when the server stops, Error when its status is lost. Each has `exit`. A TimeoutError of wait() or
    communicate() whose `exit` is None is that of their own `timeout`: the command runs on.
    """

    stdin: IO[Any] | None
    stdout: IO[Any]
    stderr: IO[Any] | None

    def __init__(
        self,
        job: CommandJob,
        args: Any,
        stdin: bool,
        merged: bool,
        encoding: str | None,
        errors: str | None,
    ) -> None:
        self._job = job
        self.args = args

        def read(output: int) -> IO[Any]:
            file = io.BufferedReader(_Output(job, output), _CHUNK)
            return file if encoding is None else io.TextIOWrapper(file, encoding, errors)

        self.stdout, self.stderr = read(_STDOUT), None if merged else read(_STDERR)
        self.stdin = None
        if stdin:
            # What is written goes at once: a dialogue needs no flush().
            raw = _Input(job)
            self.stdin = io.BufferedWriter(raw)
            if encoding is not None:
                self.stdin = io.TextIOWrapper(self.stdin, encoding, errors, write_through=True, line_buffering=True)

    @property
    def id(self) -> int | None:
        """The number that the server's log has for it; None before its start and after its end."""
        return self._job.id

    @property
    def exit(self) -> CommandExit | None:
        """How it has ended, None while nobody knows. Never raises, whatever its end was."""
        return self._job.exit

    @property
    def returncode(self) -> int | None:
        """Its code, or minus the signal that has ended it; None while nobody knows. Raises for an end not its own."""
        ended = self._job.poll()
        return None if ended is None else ended.returncode

    def poll(self) -> int | None:
        """The same."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its end, at most `timeout` seconds, then TimeoutError: it runs on. Returns the return code.

        What it writes meanwhile and nobody reads is kept, up to 64 MiB of each output; more is QueueOverflow. Behind a
        TimeoutError nothing more is kept than a window: who stops reading stops the command.
        """
        return self._job.wait(timeout).returncode

    def communicate(self, input: Any = None, timeout: float | None = None) -> CompletedCommand:
        """Writes `input` and ends it, reads all of both outputs and waits for the end, all at once.

        Returns a CompletedCommand. A TimeoutError has what came until then, which comes no second time; the command
        runs on.
        """
        data = b"" if input is None else input
        if isinstance(data, str):
            encoding = getattr(self.stdout, "encoding", "utf-8")
            data = data.encode(encoding, getattr(self.stdout, "errors", "strict"))
        if self.stdin is None or self.stdin.closed:
            return self._job.communicate(data, timeout)
        # A command that reads no more has had enough of its input.
        with contextlib.suppress(BrokenPipeError):
            self.stdin.flush()
        done = self._job.communicate(data, timeout)
        with contextlib.suppress(BrokenPipeError):
            self.stdin.close()
        return done

    def send_signal(self, sig: int) -> None:
        """Sends a signal to all of its processes: HUP, INT, QUIT, KILL, USR1, USR2, TERM or WINCH."""
        self._job.signal(int(sig))

    def terminate(self) -> None:
        """Asks it to end (SIGTERM)."""
        self.send_signal(_signal.SIGTERM)

    def kill(self) -> None:
        """Ends it (SIGKILL)."""
        self.send_signal(_signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
        /,
    ) -> None:
        if exc_type is not None and self._job.exit is None:
            # Whoever leaves in haste does not wait for it.
            with contextlib.suppress(OSError):
                self.kill()
        for file in (self.stdin, self.stdout, self.stderr):
            if file is not None:
                # It may have had enough of its input.
                with contextlib.suppress(BrokenPipeError):
                    file.close()
        if exc_type is None:
            self._job.wait()

    def __repr__(self) -> str:
        ended = self._job.exit
        state = "runs" if ended is None else repr(ended)
        return f"<RunningCommand {self.args!r}: {state}>"
