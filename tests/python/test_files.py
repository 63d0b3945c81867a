"""Files at a server, from Python."""

import contextlib
import os
import threading
from pathlib import Path

import pytest
import rustchat
from conftest import PATIENCE
from rustchat import FileClient, FileServer

SECRET = "sixteen bytes or more"
BLOCK = 1 << 20


@contextlib.contextmanager
def serving(root, **options):
    with (
        FileServer("127.0.0.1:0", root, secret=SECRET, disk_reserve=0, **options) as server,
        FileClient(server.address, secret=SECRET) as client,
    ):
        yield server, client


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    return root


@pytest.fixture
def client(root):
    with serving(root) as (_, client):
        yield client


def test_a_file_goes_there_and_back(client, root, tmp_path):
    here = tmp_path / "file"
    content = os.urandom(3 * BLOCK + 5)
    here.write_bytes(content)
    os.utime(here, ns=(0, 1_234_567_890_123_456_789))
    told = []
    done = client.upload(here, "file", progress=told.append)
    assert (done.size, done.resumed, len(done.hash)) == (len(content), 0, 64)
    assert (told[-1].done, told[-1].total) == (len(content), len(content))
    assert (root / "file").read_bytes() == content
    entry = client.stat("file")
    assert (entry.name, entry.kind, entry.size) == ("file", "file", len(content))
    assert entry.mtime_ns == 1_234_567_890_123_456_789
    assert entry.is_file() and not entry.is_dir()
    with pytest.raises(FileExistsError) as caught:
        client.upload(here, "file")
    assert (type(caught.value), caught.value.refusal) == (rustchat.FileExists, "exists already")
    client.upload(here, "file", overwrite=True)
    back = client.download("file", tmp_path / "back", timeout=PATIENCE)
    assert (tmp_path / "back").read_bytes() == content
    assert back.hash == done.hash


def test_hashes_can_be_left_out(client, root, tmp_path):
    (tmp_path / "file").write_bytes(bytes(3_000_000))
    assert client.upload(tmp_path / "file", verify=False).hash is None
    assert client.download("file", tmp_path / "back", verify=False).hash is None
    assert (root / "file").read_bytes() == (tmp_path / "back").read_bytes() == bytes(3_000_000)


def test_names_are_those_of_pathlib(client, root):
    client.mkdir("a/b", parents=True)
    client.mkdir("a", exist_ok=True)
    (root / "a/file").write_text("x")
    client.rename("a/file", "a/other")
    (root / "taken").write_text("y")
    with pytest.raises(FileExistsError):
        client.rename("a/other", "taken")
    client.replace("a/other", Path("taken"))
    assert sorted(entry.name for entry in client.list()) == ["a", "taken"]
    client.remove("taken")
    client.rmdir("a/b")
    with pytest.raises(FileNotFoundError, match="not found"):
        client.stat("taken")
    with pytest.raises(IsADirectoryError):
        client.remove("a")
    with pytest.raises(rustchat.Refused, match=r"a name is \. or \.\."):
        client.stat("../secret")
    with pytest.raises(TypeError):
        client.stat(7)


def test_a_listing_has_names_that_are_no_text(client, root):
    (root / os.fsdecode(b"bad\xff\n")).write_text("x")
    [entry] = client.list()
    assert os.fsencode(entry.name) == b"bad\xff\n"


def test_what_a_callback_raises_ends_the_transfer_and_it_is_gone_on_with(client, root, tmp_path):
    here = tmp_path / "file"
    here.write_bytes(bytes(20 * BLOCK))

    def stop(progress):
        raise KeyError(progress.total)

    with pytest.raises(KeyError):
        client.upload(here, "file", progress=stop)
    assert not (root / "file").exists()
    done = client.upload(here, "file", timeout=PATIENCE)
    assert done.resumed >= BLOCK
    with pytest.raises(KeyError):
        client.download("file", tmp_path / "back", progress=stop)
    assert not (tmp_path / "back").exists()
    assert client.download("file", tmp_path / "back").resumed >= BLOCK
    with pytest.raises(TypeError, match="progress"):
        client.upload(here, "other", progress=7)


def test_folders(client, root, tmp_path):
    tree = tmp_path / "tree"
    (tree / "deep").mkdir(parents=True)
    (tree / "a").write_text("a")
    (tree / "deep/b").write_text("bb")
    (tree / "link").symlink_to("a")
    stored = client.upload(tree, "in/tree", recursive=True)
    assert (stored.files, stored.bytes, stored.skipped) == (2, 3, [str(tree / "link")])
    client.download("in/tree", tmp_path / "back", recursive=True)
    assert (tmp_path / "back/deep/b").read_text() == "bb"


def test_threads_take_turns_and_close_wakes(client, root, tmp_path):
    here = tmp_path / "file"
    here.write_bytes(bytes(2 * BLOCK))
    threads = [threading.Thread(target=client.upload, args=(here, f"file{number}")) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(client.list()) == 4
    client.close()
    with pytest.raises(rustchat.ConnectionClosed):
        client.list()


def test_there_is_no_server_without_a_secret(root):
    with pytest.raises(rustchat.InvalidArgument, match="a file server needs a secret"):
        FileServer("127.0.0.1:0", root).start()
    with pytest.raises(rustchat.InvalidArgument, match="without encryption"):
        FileServer("0.0.0.0:0", root, secret=SECRET).start()
    with pytest.raises(FileNotFoundError):
        FileServer("127.0.0.1:0", root / "none", secret=SECRET).start()


def test_a_server_counts_and_starts_again(root, tmp_path):
    (root / "file").write_text("x")
    server = FileServer("127.0.0.1:0", root, secret=SECRET)
    for _ in range(2):
        with server, FileClient(server.address, secret=SECRET) as client:
            client.download("file", tmp_path / "back", overwrite=True)
            numbers = server.stats()
            assert (numbers["fetched"], numbers["connections"], numbers["transfers"]) == (1, 1, 0)
    assert not server.running
