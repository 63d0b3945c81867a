"""The examples in C of commands and files: with each other, and with the other face at either end."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import rustchat
from documents.peers import PATIENCE, Program, eventually, program
from documents.snippets import library

ROOT = Path(__file__).resolve().parents[2]
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wstrict-prototypes", "-Werror"]
SECRET = "open sesame, and more"

Build = Callable[[str], Path]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Compiles an example, once."""
    folder = tmp_path_factory.mktemp("examples")
    libraries = library(folder)

    def compiled(name: str) -> Path:
        out = folder / name
        if not out.exists():
            source = ROOT / f"bindings/c/examples/{name}.c"
            link = [f"-L{libraries}", "-lrustchat", f"-Wl,-rpath,{libraries}", "-pthread"]
            subprocess.run(
                [os.environ.get("CC", "cc"), *STRICT, f"-I{ROOT / 'include'}", source, "-o", out, *link], check=True
            )
        return out

    return compiled


def address_of(server: Program) -> str:
    eventually(lambda: "listening on" in server.output)
    found = re.search(r"listening on (\S+)", server.output)
    assert found
    return found[1]


def call(*words: str | Path, said: bytes = b"") -> tuple[int, str, str]:
    done = subprocess.run(words, input=said, capture_output=True, timeout=PATIENCE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture(params=["c", "python"])
def commands(request: pytest.FixtureRequest, build: Build) -> Iterator[str]:
    """The address of a server of the list of the example, in either face."""
    if request.param == "c":
        with program([build("commands"), "serve", SECRET]) as server:
            yield address_of(server)
        return
    listed = {
        "greet": ["/bin/echo", "hello", rustchat.Slot.word(20)],
        "count": rustchat.Template(["/usr/bin/seq", rustchat.Slot.int(1, 1000)], input=False),
        "sort": ["/usr/bin/sort"],
    }
    with rustchat.CommandServer("127.0.0.1:0", listed, secret=SECRET) as server:
        yield "{}:{}".format(*server.address)


def test_commands_from_c(build: Build, commands: str) -> None:
    example = build("commands")
    assert call(example, "run", SECRET, commands, "greet", "world") == (0, "hello world\n", "")
    code, out, errors = call(example, "run", SECRET, commands, "greet", "a; rm -rf /")
    assert (code, out) == (125, "")
    assert "argument 1 is not a word of at most 20 bytes (RUSTCHAT_EREFUSED)" in errors
    assert call(example, "run", SECRET, commands, "reboot")[0] == 127
    lines = "".join(f"{number:07}\n" for number in reversed(range(50_000)))
    code, out, errors = call(example, "pipe", SECRET, commands, "sort", said=lines.encode())
    assert (code, errors) == (0, "")
    assert out == "".join(f"{number:07}\n" for number in range(50_000))
    assert "RUSTCHAT_EAUTH" in call(example, "run", "a guess that is wrong", commands, "sort")[2]


def test_commands_from_python(commands: str) -> None:
    with rustchat.CommandClient(commands, secret=SECRET) as remote:
        assert remote.run(["greet", "world"], text=True, check=True).stdout == "hello world\n"
        with pytest.raises(rustchat.Refused) as refused:
            remote.run(["count", "1001"])
        assert refused.value.refusal == "an argument does not match its pattern"
        with remote.popen(["sort"], stdin=True, text=True) as job:
            job.stdin.write("b\na\n")
            job.stdin.close()
            assert job.stdout.read() == "a\nb\n"
        assert job.returncode == 0


@pytest.fixture(params=["c", "python"])
def files(request: pytest.FixtureRequest, build: Build, tmp_path: Path) -> Iterator[str]:
    """The address of a server of files in the folder "root", in either face."""
    root = tmp_path / "root"
    root.mkdir()
    if request.param == "c":
        with program([build("files"), "serve", SECRET, root]) as server:
            yield address_of(server)
        return
    with rustchat.FileServer("127.0.0.1:0", root, secret=SECRET) as server:
        yield "{}:{}".format(*server.address)


def test_files_from_c(build: Build, files: str, tmp_path: Path) -> None:
    example = build("files")
    content = os.urandom(2_500_000)
    (tmp_path / "a.iso").write_bytes(content)
    code, out, errors = call(example, "put", SECRET, files, tmp_path / "a.iso", "in/b.iso")
    assert code == 0, errors
    assert (tmp_path / "root/in/b.iso").read_bytes() == content
    assert "2500000 of 2500000 bytes" in errors
    assert call(example, "ls", SECRET, files, "in") == (0, "   2500000 b.iso\n", "")
    assert call(example, "ls", SECRET, files)[1].endswith(" in/\n")
    code, got, errors = call(example, "get", SECRET, files, "in/b.iso", tmp_path / "back")
    assert code == 0, errors
    assert (tmp_path / "back").read_bytes() == content
    assert got.split()[0] == out.split()[0]
    code, _, errors = call(example, "get", SECRET, files, "none", tmp_path / "none")
    assert code == 1
    assert "'none': not found (RUSTCHAT_EREFUSED)" in errors


def test_files_from_python(files: str, tmp_path: Path) -> None:
    (tmp_path / "tree/leaf").mkdir(parents=True)
    (tmp_path / "tree/leaf/one").write_bytes(bytes(1000))
    with rustchat.FileClient(files, secret=SECRET) as client:
        assert client.upload(tmp_path / "tree", "there", recursive=True).files == 1
        assert [entry.name for entry in client.list("there/leaf")] == ["one"]
        client.download("there", tmp_path / "back", recursive=True)
        with pytest.raises(FileExistsError):
            client.mkdir("there")
    assert (tmp_path / "back/leaf/one").stat().st_size == 1000
