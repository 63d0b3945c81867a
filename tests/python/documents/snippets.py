"""Blocks that are run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import sys
import time
from pathlib import Path

import pytest
import rustchat
from rustchat.cli import keys_file
from rustchat.cli.console import Console
from rustchat.cli.watch import WatchedServer

from .blocks import PORT, ROOT, Block, blocks
from .peers import PATIENCE, Peer, check_server, eventually, free_port, program, run

SECRET = "a secret for the tests"


def saved(block: Block, directory: Path, name: str) -> tuple[Path, int]:
    port = free_port()
    path = directory / name
    path.write_text(block.text.replace(PORT, str(port)), "utf-8")
    return path, port


def python_run(block: Block, tmp_path: Path) -> str:
    path, _ = saved(block, tmp_path, "snippet.py")
    return run([sys.executable, path], cwd=tmp_path)


def python_pytest(block: Block, tmp_path: Path) -> None:
    """A test module of its reader's."""
    path, _ = saved(block, tmp_path, "test_snippet.py")
    run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", path], cwd=tmp_path)


def python_server(block: Block, tmp_path: Path) -> None:
    path, port = saved(block, tmp_path, "server.py")
    check_server([sys.executable, path], port)


def python_tutorial(block: Block, tmp_path: Path) -> None:
    path, port = saved(block, tmp_path, "server.py")
    with program([sys.executable, path]) as server, Peer(port) as ann, Peer(port) as bob:
        time.sleep(0.5)
        ann.say("hello")
        assert ann.hear()[1:] == bob.hear()[1:] == (ann.address, "hello")
        assert server.process.poll() is None


def python_client(block: Block, tmp_path: Path) -> None:
    assert len(block.text.splitlines()) <= 40
    converse(block, tmp_path, tls=False)


def python_tls(block: Block, tmp_path: Path) -> None:
    """The same inside TLS; tests/tls_documents.rs tries to come between."""
    assert block.kind in (ROOT / "tests/tls_documents.rs").read_text("utf-8")
    converse(block, tmp_path, tls=True)


def converse(block: Block, tmp_path: Path, *, tls: bool) -> None:
    """A client of a document's, and one of ours, in message chat; then one that has to guess the secret."""
    path = tmp_path / "client.py"
    path.write_text(block.text, "utf-8")
    with rustchat.ChatServer("127.0.0.1", 0, framing="u32be", secret=SECRET, tls=tls) as server:
        port = str(server.address[1])
        with program([sys.executable, path, "127.0.0.1", port, "ann"], RUSTCHAT_SECRET=SECRET) as ann:
            ann.enter("hello\n")
            eventually(lambda: "ann hello\n" in ann.output)
            with rustchat.ChatClient(
                "127.0.0.1", int(port), framing="u32be", secret=SECRET, name="bob", tls=tls
            ) as bob:
                eventually(lambda: len(server.clients) == 2)
                bindings = {client.name: client.binding for client in server.clients}
                assert bindings["ann"] == ("tls-server-end-point" if tls else None)
                ann.enter("from the forty lines\n")
                heard = bob.recv(timeout=PATIENCE)
                assert heard.text == "from the forty lines"
                bob.send("to the forty lines")
                eventually(lambda: "bob to the forty lines\n" in ann.output)
            assert ann.process.stdin
            ann.process.stdin.close()
            assert ann.end() == 0
            assert ann.output == "ann hello\nann from the forty lines\nbob to the forty lines\n* quit\n"
        with program([sys.executable, path, "127.0.0.1", port, "eve"], RUSTCHAT_SECRET="a guess") as eve:
            assert eve.end() != 0
            assert "PermissionError: authentication failed" in eve.output


def python_commands(block: Block, tmp_path: Path) -> None:
    """A client of remote commands, below the first functions of the client of message chat."""
    chat, *_ = blocks("python client")
    path = tmp_path / "client.py"
    path.write_text(chat.text.partition("def say(")[0] + block.text, "utf-8")
    commands = {"count": ["/usr/bin/seq", rustchat.Slot.int(1, 1_000_000)]}
    with rustchat.CommandServer("127.0.0.1:0", commands, secret=SECRET) as server:
        call = [sys.executable, path, "127.0.0.1", str(server.address[1])]
        environment = {**os.environ, "RUSTCHAT_SECRET": SECRET}
        said = run([*call, "count", "500000"], env=environment)
        assert said.splitlines() == [str(number) for number in range(1, 500_001)]
        with program([*call, "count", "0"], RUSTCHAT_SECRET=SECRET) as refused:
            assert refused.end() == 1
            assert "argument 1 is not an integer from 1 to 1000000" in refused.output


def python_files(block: Block, tmp_path: Path) -> None:
    """A client of files, below the first functions of the client of message chat."""
    chat, *_ = blocks("python client")
    path, root = tmp_path / "client.py", tmp_path / "root"
    path.write_text(chat.text.partition("def say(")[0] + block.text, "utf-8")
    (root / "in").mkdir(parents=True)
    lines = "".join(f"{number}\n" for number in range(500_000))
    (root / "in/file").write_text(lines)
    with rustchat.FileServer("127.0.0.1:0", root, secret=SECRET) as server:
        call = [sys.executable, path, "127.0.0.1", str(server.address[1])]
        said = run([*call, "in/file"], env={**os.environ, "RUSTCHAT_SECRET": SECRET})
        assert said == lines
        with program([*call, "in/none"], RUSTCHAT_SECRET=SECRET) as refused:
            assert refused.end() == 1
            assert "'none': not found" in refused.output


def sh_files(block: Block, tmp_path: Path) -> None:
    """A key, a server of files, and what is done with a file there, one a line."""
    script, _ = saved(block, tmp_path, "files.sh")
    root = tmp_path / "files"
    root.mkdir()
    (tmp_path / "big.iso").write_bytes(bytes(3_000_000))
    key, serve, *rest = script.read_text("utf-8").splitlines()
    environment = command_in(tmp_path)
    run(["bash", "-euc", key], cwd=tmp_path, env={**os.environ, **environment})
    with program(["bash", "-euc", f"cd {tmp_path}; exec {serve}"], **environment) as server:
        eventually(lambda: "listening" in server.output)
        said = [run(["bash", "-euc", line], cwd=tmp_path, env={**os.environ, **environment}) for line in rest]
    assert "big.iso" in said[-1]
    assert (tmp_path / "here/big.iso").stat().st_size == 3_000_000


def toml_commands(block: Block, tmp_path: Path) -> None:
    """A list of commands; the block of the shell beside it serves it."""
    from rustchat.cli.serve_commands import catalogue

    (tmp_path / "commands.toml").write_text(block.text, "utf-8")
    assert catalogue(tmp_path / "commands.toml")


def sh_commands(block: Block, tmp_path: Path) -> None:
    """A key, a server of remote commands and one who has a command run, one a line."""
    script, _ = saved(block, tmp_path, "commands.sh")
    (listed,) = blocks("toml commands")
    (tmp_path / "commands.toml").write_text(listed.text, "utf-8")
    key, serve, execute = script.read_text("utf-8").splitlines()
    environment = command_in(tmp_path)
    run(["bash", "-euc", key], cwd=tmp_path, env={**os.environ, **environment})
    with program(["bash", "-euc", f"cd {tmp_path}; exec {serve}"], **environment) as server:
        eventually(lambda: "listening" in server.output)
        said = run(["bash", "-euc", execute], cwd=tmp_path, env={**os.environ, **environment})
        assert said == "hello world\n"


def c_server(block: Block, tmp_path: Path) -> None:
    path, port = saved(block, tmp_path, "server.c")
    check_server([compiled(path)], port)


def c_run(block: Block, tmp_path: Path) -> str:
    """A program that ends with 0 if it finds what it says."""
    path, _ = saved(block, tmp_path, "snippet.c")
    return run([compiled(path)], cwd=tmp_path)


def compiled(source: Path) -> Path:
    libraries = library(source.parent)
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{ROOT / 'include'}"]
    link = [f"-L{libraries}", "-lrustchat", f"-Wl,-rpath,{libraries}"]
    run([os.environ.get("CC", "cc"), *flags, source, "-o", source.with_suffix(""), *link])
    return source.with_suffix("")


def library(directory: Path) -> Path:
    """A folder with the newest librustchat.so under the names of linker and loader; built when there is none."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    found = [target / profile / "librustchat.so" for profile in ("release", "debug")]
    if not any(map(Path.exists, found)):
        run(["cargo", "build", "--quiet"], cwd=ROOT)
    newest = max(filter(Path.exists, found), key=lambda path: path.stat().st_mtime)
    for name in ("librustchat.so", "librustchat.so.0"):
        (directory / name).symlink_to(newest.resolve())
    return directory


def rust_server(block: Block, tmp_path: Path) -> None:
    assert "include_documents" in (ROOT / "tests/documents.rs").read_text("utf-8"), "tests/documents.rs runs it"


def sh_nc(block: Block, tmp_path: Path) -> str:
    """Commands that talk to a line chat on this machine."""
    with rustchat.ChatServer("127.0.0.1", 0) as server:
        text = block.text.replace(PORT, str(server.address[1]))
        path = os.pathsep.join([str(stand_in_for_nc(tmp_path)), os.environ["PATH"]])
        return run(["bash", "-euo", "pipefail", "-c", text], env={**os.environ, "PATH": path})


def stand_in_for_nc(directory: Path) -> Path:
    """A folder with an `nc`, for machines that have none."""
    folder = directory / "bin"
    folder.mkdir()
    if shutil.which("nc") is None:
        nc = folder / "nc"
        nc.write_text(
            f"#!{sys.executable}\n"
            "import socket, sys, threading\n"
            "def say():\n"
            "    # Not sys.stdin, whose end at the interpreter's aborts it while a thread reads there.\n"
            "    for line in open(0, 'rb'):\n"
            "        peer.sendall(line)\n"
            "with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as peer:\n"
            "    threading.Thread(target=say, daemon=True).start()\n"
            "    for line in peer.makefile('rb'):\n"
            "        sys.stdout.buffer.write(line)\n"
            "        sys.stdout.buffer.flush()\n"
        )
        nc.chmod(nc.stat().st_mode | stat.S_IXUSR)
    return folder


def command_in(directory: Path) -> dict[str, str]:
    """The variables under which the shell finds a `rustchat` of this interpreter, and an `nc`, in `directory`."""
    command = directory / "rustchat"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rustchat "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return {"PATH": os.pathsep.join([str(directory), str(stand_in_for_nc(directory)), os.environ["PATH"]])}


def say_hello(serve: str, joins: str, directory: Path, environment: dict[str, str]) -> None:
    """A server, and somebody who joins, says a line and hears it: two commands of a document."""
    with program(["bash", "-euc", f"cd {directory}; exec {serve}"], **environment) as server:
        eventually(lambda: "listening" in server.output)
        with program(["bash", "-euc", f"cd {directory}; exec {joins}"], **environment) as member:
            member.enter("hello\n")
            eventually(lambda: "hello" in member.output)


def sh_shell(block: Block, tmp_path: Path) -> None:
    """A key, a server and a member from the shell, one a line."""
    script, _ = saved(block, tmp_path, "shell.sh")
    key, serve, chat = script.read_text("utf-8").replace("SERVER", "127.0.0.1").splitlines()
    environment = command_in(tmp_path)
    run(["bash", "-euc", key], cwd=tmp_path, env={**os.environ, **environment})
    say_hello(serve, chat, tmp_path, environment)


def sh_classroom(block: Block, tmp_path: Path) -> None:
    """The same, and then a server for anybody with somebody who has `nc`."""
    script, _ = saved(block, tmp_path, "classroom.sh")
    key, serve, chat, serve_all, nc = script.read_text("utf-8").replace("TEACHER", "127.0.0.1").splitlines()
    environment = command_in(tmp_path)
    run(["bash", "-euc", key], cwd=tmp_path, env={**os.environ, **environment})
    say_hello(serve, chat, tmp_path, environment)
    say_hello(serve_all, nc, tmp_path, environment)


def sh_run(block: Block, tmp_path: Path) -> None:
    """Programs under `rustchat run`, one a line."""
    (tmp_path / "script.py").write_text("import socket\nassert socket.__name__ == 'rustchat.socket'\n")
    (tmp_path / "package").mkdir()
    (tmp_path / "package/module.py").write_text("import socket\nassert socket.__name__ == 'rustchat.socket'\n")
    for name, words in (("rustchat", f'"{sys.executable}" -m rustchat'), ("python", f'"{sys.executable}"')):
        command = tmp_path / name
        command.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        command.chmod(command.stat().st_mode | stat.S_IXUSR)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    run(["bash", "-euc", block.text], cwd=tmp_path, env={**os.environ, "PATH": path})


def sh_make(block: Block, tmp_path: Path) -> None:
    """Targets of the Makefile; that they work is what the other tests are for."""
    lines = [line for line in block.text.splitlines() if line]
    assert lines
    for line in lines:
        command, target = shlex.split(line, comments=True)
        assert command == "make"
        run(["make", "--dry-run", target], cwd=ROOT)


def sh_check(block: Block, tmp_path: Path) -> None:
    """Building and installing a wheel, which takes minutes: the target and the place of the wheel are checked."""
    rules = "".join(path.read_text("utf-8") for path in (ROOT / "Makefile", *ROOT.glob("bindings/*/*.mk")))
    for line in block.text.splitlines():
        match shlex.split(line, comments=True):
            case ["make", target]:
                run(["make", "--dry-run", target], cwd=ROOT)
            case ["pip", "install", wheels]:
                assert wheels.rpartition("/")[0] in rules, f"no target writes to {wheels}"
            case unknown:
                pytest.fail(f"not checked: {unknown}")


def sh_install(block: Block, tmp_path: Path) -> None:
    """Installs the C library below a home of its own, quickly built, and compiles the C server of README.md with it."""
    source, *_ = blocks("c server")
    _, port = saved(source, tmp_path, "server.c")
    text = block.text.replace("make install", f"make --directory={ROOT} install C_PROFILE=dev")
    assert text != block.text
    script = tmp_path / "install.sh"
    script.write_text(f"set -euo pipefail\nexport CARGO_HOME RUSTUP_HOME HOME={tmp_path}\n{text}")
    homes = {
        name: os.environ.get(name, str(Path.home() / f".{name[:-5].lower()}")) for name in ("CARGO_HOME", "RUSTUP_HOME")
    }
    run(["bash", script], cwd=tmp_path, env={**os.environ, **homes})
    check_server(["env", f"LD_LIBRARY_PATH={tmp_path}/.local/lib", tmp_path / "server"], port)


def toml_serve(block: Block, tmp_path: Path) -> None:
    """The settings of a server, which begins with them."""
    path, port = saved(block, tmp_path, "chat.toml")
    with program([sys.executable, "-m", "rustchat", "serve", "--config", path]) as server:
        eventually(lambda: f"listening on 127.0.0.1:{port}" in server.output)
        with rustchat.ChatClient("127.0.0.1", port, framing="u32be", name="ann") as ann:
            ann.send("hello")
            assert ann.recv(timeout=PATIENCE).text == "hello"


def text_keys(block: Block, tmp_path: Path) -> None:
    path, _ = saved(block, tmp_path, "keys")
    path.chmod(0o600)
    assert list(keys_file.read(path)) == ["ann", "ben"]


def text_console(block: Block, tmp_path: Path) -> None:
    """What is said to a console, which does it."""
    with WatchedServer(port=0) as server:
        answers = [Console(server).obey(line) for line in block.text.splitlines()]
    *done, table = answers
    assert all(re.search("is banned; 0 clients|may join again", answer) for answer in done), answers
    assert len(table.splitlines()) == 4


def text_bans(block: Block, tmp_path: Path) -> None:
    """A file of bans, which a server reads and would write like this."""
    path, _ = saved(block, tmp_path, "bans")
    with rustchat.ChatServer(port=0, ban_file=str(path)) as server:
        assert len(server.bans) == len(block.text.splitlines())
        server.ban(name="another one")
        server.unban(name="another one")
    written = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert sorted(written) == sorted(block.text.splitlines())
