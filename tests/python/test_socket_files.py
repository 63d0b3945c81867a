"""The files of Unix sockets: what is replaced, what never is, and who may connect."""

import contextlib
import errno
import grp
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import rustchat
from conftest import PATIENCE, run_script, wait_until


@contextlib.contextmanager
def chat_server(path, **options):
    with rustchat.ChatServer(path, **options) as server:
        yield server


@contextlib.contextmanager
def listener(path, **options):
    with rustchat.listen(path, **options) as listener:
        yield listener


FACES = [chat_server, listener]


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "chat.sock")


def make_dead(path):
    """What a crash leaves behind."""
    with socket.socket(socket.AF_UNIX) as crashed:
        crashed.bind(path)


def regular(path):
    Path(path).write_text("a user's notes")
    return "a regular file"


def fifo(path):
    os.mkfifo(path)
    return "a fifo"


def directory(path):
    os.mkdir(path)
    return "a directory"


def link_to_file(path):
    Path(path + ".target").write_text("a user's notes")
    os.symlink(path + ".target", path)
    return "a symbolic link"


def link_to_dead_socket(path):
    make_dead(path + ".target")
    os.symlink(path + ".target", path)
    return "a symbolic link"


def link_to_nowhere(path):
    os.symlink(path + ".missing", path)
    return "a symbolic link"


KINDS = [regular, fifo, directory, link_to_file, link_to_dead_socket, link_to_nowhere]


def picture(path):
    """What tells a file from another one in its place."""
    found = os.lstat(path)
    return found.st_ino, found.st_mode, found.st_size, found.st_uid, found.st_gid


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_socket_is_left_alone(path, face, kind):
    named = kind(path)
    before = picture(path)
    with pytest.raises(rustchat.AddressInUse) as caught, face(path):
        pass
    assert picture(path) == before
    assert path in str(caught.value) and named in str(caught.value)
    assert caught.value.errno == errno.EADDRINUSE


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_leaves_alone_what_is_no_socket(path, kind):
    named = kind(path)
    before = picture(path)
    command = [sys.executable, "-m", "rustchat", "serve", "--host", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    assert done.returncode == 1 and named in done.stderr and "Traceback" not in done.stderr
    assert picture(path) == before


@pytest.mark.parametrize("face", FACES)
def test_a_dead_socket_is_replaced(path, face):
    make_dead(path)
    with face(path) as listening:
        assert listening.address == path
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
    assert not os.path.lexists(path)


@pytest.mark.parametrize("face", FACES)
def test_a_living_socket_is_not_replaced(path, face):
    with face(path):
        before = picture(path)
        with pytest.raises(rustchat.AddressInUse, match="listens"), face(path):
            pass
        assert picture(path) == before


@pytest.mark.parametrize("face", FACES)
def test_a_socket_that_is_about_to_listen_is_not_replaced(path, face):
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(path)
        before = picture(path)
        with pytest.raises(rustchat.AddressInUse), face(path):
            pass
        assert picture(path) == before
        other.listen()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)


@pytest.mark.parametrize("face", FACES)
def test_a_datagram_socket_is_not_replaced(path, face):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(path)
        before = picture(path)
        with pytest.raises(rustchat.AddressInUse), face(path):
            pass
        assert picture(path) == before


@pytest.mark.parametrize("face", FACES)
@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file away")
def test_a_dead_socket_of_somebody_else_is_not_replaced(path, face):
    make_dead(path)
    os.chown(path, 1, 1)
    before = picture(path)
    with pytest.raises(rustchat.AddressInUse, match="another user"), face(path):
        pass
    assert picture(path) == before


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_took_the_place_of_the_socket_meanwhile_is_left_alone(path, face, kind):
    with face(path):
        os.unlink(path)
        kind(path)
        before = picture(path)
    assert picture(path) == before


@pytest.mark.parametrize("face", FACES)
def test_the_file_is_removed_wherever_the_program_has_gone_meanwhile(tmp_path, monkeypatch, face):
    monkeypatch.chdir(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with face("./chat.sock"):
        assert Path("chat.sock").is_socket()
        os.chdir(elsewhere)
    assert not os.path.lexists(tmp_path / "chat.sock")


@pytest.mark.parametrize("face", FACES)
def test_of_many_that_start_at_once_exactly_one_listens(path, face, background):
    for _ in range(20):
        make_dead(path)
        with contextlib.ExitStack() as stack:

            def start(stack=stack):
                return stack.enter_context(face(path))

            starts = [background(start) for _ in range(4)]
            for thread in starts:
                thread.join(PATIENCE)
            running = [thread.value for thread in starts if thread.value is not None]
            errors = [thread.error for thread in starts if thread.error is not None]
            assert len(running) == 1, errors
            assert all(isinstance(error, rustchat.AddressInUse) for error in errors)
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(path)
        assert not os.path.lexists(path)


def mode_of(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.parametrize("face", FACES)
def test_without_a_word_only_the_owner_may_connect(path, face, umask):
    with face(path):
        assert mode_of(path) == 0o600
    assert os.umask(umask) == umask, "the mask is the program's own"


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("mode", [0o600, 0o660, 0o666, 0o777, 0o620])
def test_the_mode_is_what_was_asked_for_whatever_the_mask(path, face, mode, umask):
    with face(path, mode=mode):
        assert mode_of(path) == mode
    assert os.umask(umask) == umask


@pytest.mark.parametrize("face", FACES)
@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file to a group")
def test_a_group_may_connect_by_name_or_number(path, face):
    group = grp.getgrnam("daemon")
    for given in (group.gr_name, group.gr_gid, str(group.gr_gid)):
        with face(path, group=given):
            assert os.lstat(path).st_gid == group.gr_gid
            assert mode_of(path) == 0o660
    with face(path, group=group.gr_name, mode=0o666):
        assert mode_of(path) == 0o666


@pytest.mark.parametrize("face", FACES)
def test_a_group_that_is_not_there_is_named(path, face):
    with pytest.raises(rustchat.InvalidArgument, match="'no-such-group'"), face(path, group="no-such-group"):
        pass
    assert not os.path.lexists(path)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("mode", [-1, 0o1777, 660, 1 << 40])
def test_a_mode_that_is_none_is_refused(path, face, mode):
    with pytest.raises(rustchat.InvalidArgument, match="mode"), face(path, mode=mode):
        pass
    assert not os.path.lexists(path)


@pytest.mark.parametrize("options", [{"mode": 0o660}, {"group": "daemon"}])
def test_a_port_has_neither_mode_nor_group(options):
    with pytest.raises(rustchat.InvalidArgument, match="Unix socket"):
        rustchat.listen(("127.0.0.1", 0), **options)
    with pytest.raises(rustchat.InvalidArgument, match="Unix socket"), rustchat.ChatServer(port=0, **options):
        pass


WINDOW = """
import os, sys, threading, rustchat
path, seen, over = sys.argv[1], set(), threading.Event()
def watch():
    while not over.is_set():
        try:
            seen.add(oct(os.lstat(path).st_mode & 0o777))
        except FileNotFoundError:
            pass
os.umask(0)
watcher = threading.Thread(target=watch); watcher.start()
for _ in range(300):
    rustchat.listen(path, mode=0o600).close()
over.set(); watcher.join()
print(sorted(seen - {"0o600"}))
"""


def test_there_is_no_moment_at_which_others_may_connect(path):
    done = run_script(WINDOW, path)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("face", FACES)
def test_a_start_that_fails_leaves_no_file(path, face):
    with pytest.raises(rustchat.Error), face(path, group="no-such-group"):
        pass
    assert not os.path.lexists(path)


def test_the_command_takes_mode_and_group(path):
    command = [sys.executable, "-m", "rustchat", "serve", "--host", path, "--mode", "660"]
    group = grp.getgrgid(os.getegid()).gr_name
    with subprocess.Popen([*command, "--group", group], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        try:
            assert b"listening" in process.stdout.readline()
            assert mode_of(path) == 0o660 and os.lstat(path).st_gid == os.getegid()
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    wait_until(lambda: not os.path.lexists(path))


@pytest.mark.parametrize("wrong", ["9", "rw", "1777", "-660", ""])
def test_the_command_names_a_wrong_mode(path, wrong):
    command = [sys.executable, "-m", "rustchat", "serve", "--host", path, f"--mode={wrong}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    assert done.returncode == 2 and "--mode" in done.stderr


@pytest.mark.parametrize("endpoint", ["unix:", ""])
def test_an_empty_path_is_no_address(endpoint):
    with pytest.raises(rustchat.AddressError):
        rustchat.listen(endpoint)
