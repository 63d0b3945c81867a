"""The log of a server that the shell runs."""

from __future__ import annotations

import io
import json
import logging
import signal
import threading
from pathlib import Path

import pytest
from commands import Served, run
from rustchat.cli import logs
from rustchat.cli.failure import Failure
from waiting import wait_until


@pytest.mark.parametrize(
    "text",
    ["plain", 'a "quoted" \\ one', "\x00\x1b[2J\x7f\x85\u2028", "你好, 世界", "half \udc80 \ud83d", "two\nlines\ttab"],
)
def test_a_json_line_is_valid_whatever_is_in_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "log"
    file = logs.LogFile(path)
    file.setFormatter(logs.Json())
    record = logging.LogRecord("rustchat", logging.INFO, "", 0, "%s", (text,), None)
    file.emit(record)
    file.close()
    (line,) = path.read_bytes().decode("utf-8").split("\n")[:-1]
    found = json.loads(line)
    assert found["message"] == text
    assert (found["level"], found["logger"]) == ("info", "rustchat")
    assert found["time"].endswith("+00:00")


def test_a_traceback_is_in_its_line() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.Json())
    logger = logging.Logger("x")
    logger.addHandler(handler)
    try:
        raise ValueError("broken")
    except ValueError:
        logger.exception("it failed")
    assert "ValueError: broken" in json.loads(out.getvalue())["exception"]


def test_a_server_logs_into_a_file_and_into_a_new_one_after_sighup(tmp_path: Path) -> None:
    log, old = tmp_path / "log", tmp_path / "log.1"
    server = Served("--log-file", str(log), "--log-level", "info", "--log-format", "json")
    try:
        with server.dial():
            wait_until(lambda: "joined" in log.read_text())
        log.rename(old)
        server.process.send_signal(signal.SIGHUP)
        wait_until(log.exists)
        with server.dial():
            wait_until(lambda: "joined" in log.read_text())
    finally:
        code, errors = server.end()
    assert (code, errors) == (0, "stopping\n")
    for path in (log, old):
        assert [json.loads(line)["logger"] for line in path.read_text().splitlines()]


def test_nothing_goes_into_the_old_file_once_there_is_a_new_one(tmp_path: Path) -> None:
    log, old = tmp_path / "log", tmp_path / "log.1"
    file = logs.LogFile(log)
    log.rename(old)
    opened = file._open
    record = logging.LogRecord("x", logging.INFO, "", 0, "late", (), None)
    speaker = threading.Thread(target=file.handle, args=(record,))

    def open_and_be_overtaken() -> io.TextIOWrapper:
        new = opened()
        speaker.start()
        speaker.join(0.1)
        return new

    file._open = open_and_be_overtaken  # type: ignore[method-assign]
    file.reopen()
    speaker.join()
    file.close()
    assert (old.read_text(), log.read_text()) == ("", "late\n")


def test_a_log_that_cannot_be_opened_again_goes_on_where_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    file = logs.LogFile(folder / "log")
    moved = folder.rename(tmp_path / "moved")
    with pytest.raises(FileNotFoundError):
        file.reopen()
    file.emit(logging.LogRecord("x", logging.INFO, "", 0, "still here", (), None))
    file.close()
    assert (moved / "log").read_text() == "still here\n"


def test_a_folder_that_is_missing_is_an_error_before_the_start(tmp_path: Path) -> None:
    done = run("serve", "--port", "0", "--log-file", str(tmp_path / "none" / "log"))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"--log-file {tmp_path}/none/log: No such file or directory" in done.stderr
    with pytest.raises(Failure):
        logs.begin(logging.INFO, path=tmp_path)


@pytest.mark.parametrize(
    ("name", "verbosity", "level"),
    [(None, 0, logging.WARNING), (None, 1, logging.INFO), (None, 3, logging.DEBUG), ("error", 2, logging.ERROR)],
)
def test_a_level_by_its_name_counts_for_more_than_verbosity(name: str | None, verbosity: int, level: int) -> None:
    assert logs.level(name, verbosity) == level
