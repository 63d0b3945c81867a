"""How contenders are brought into being; whatever is missing is a reason, not an error."""

import shutil
import subprocess
import sys
from pathlib import Path

from harness.machine import BENCHES, BUILD, REPO, TARGET

PEERS, OURS = BENCHES / "peers", BENCHES / "ours"


class NotBuilt(Exception):
    """Why a contender cannot take part here."""


def compile_c(source, *flags, name=None):
    """Compiles one C file if it, or a header beside it, is newer than its program; returns the program."""
    program = BUILD / (name or source.stem)
    need_file(source)
    changed = max(path.stat().st_mtime for folder in (PEERS, source.parent) for path in [source, *folder.glob("*.h")])
    if program.exists() and program.stat().st_mtime > changed and not flags:
        return program
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NotBuilt("there is no C compiler")
    BUILD.mkdir(parents=True, exist_ok=True)
    run([compiler, "-O2", "-g", "-Wall", "-Wextra", "-o", program, source, *flags])
    return program


def compile_ours(source, name):
    """Compiles a C program that uses rustchat's C library."""
    cargo("-p", "rustchat", "--lib")
    BUILD.mkdir(parents=True, exist_ok=True)
    library = BUILD / "librustchat.so.0"
    library.unlink(missing_ok=True)
    library.symlink_to(TARGET / "release" / "librustchat.so")
    return compile_with(source, name, library.parent, "-l:librustchat.so.0")


def compile_with(source, name, folder, library):
    """Compiles a C program that finds what rustchat.h promises in a library there."""
    header = REPO / "include" / "rustchat.h"
    need_file(header)
    flags = [f"-I{header.parent}", f"-L{folder}", f"-Wl,-rpath,{folder}", library]
    return compile_c(source, *flags, name=name)


def cargo(*words):
    """Builds something with cargo, in release mode."""
    run(["cargo", "build", "--release", "--quiet", *words], cwd=REPO)


def cargo_here(*words):
    """The same for a package of the benchmark's own workspace."""
    cargo("--manifest-path", BENCHES / "Cargo.toml", "--target-dir", TARGET, *words)


def example(name):
    """The program of a Rust example of this repository."""
    return TARGET / "release" / "examples" / name


def build_rust_peers():
    cargo_here("-p", "rustchat-peers")


RUST_PEERS = TARGET / "release" / "rustchat-peers"
RUST_OURS = TARGET / "release" / "rustchat-bench-ours"


def build_rust_ours():
    cargo_here("-p", "rustchat-bench-ours")


def build_abi():
    """The C ABI's calls and the same ones from Rust, in one library: both then run the same code of the core."""
    build_rust_ours()
    compile_with(OURS / "abi.c", "ours_abi", TARGET / "release", "-lrustchat_bench_calls")


def python(script, *words):
    """The command for a Python program."""
    return [sys.executable, script, *words]


def need_module(name):
    """Raises NotBuilt unless this Python can import a module."""
    done = subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True, text=True)
    if done.returncode != 0:
        raise NotBuilt(f"this Python has no module {name}")


def need_program(name):
    """Raises NotBuilt unless a program is installed."""
    if shutil.which(name) is None:
        raise NotBuilt(f"{name} is not installed")


def need_file(path: Path):
    """Raises NotBuilt unless a file of the repository is there."""
    if not path.exists():
        raise NotBuilt(f"{path.relative_to(REPO) if path.is_relative_to(REPO) else path} does not exist")


def run(words, cwd=None):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, cwd=cwd)
    if done.returncode != 0:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-12:])
        raise NotBuilt(f"{Path(str(words[0])).name} failed: {last}")
