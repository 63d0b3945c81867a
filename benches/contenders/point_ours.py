"""Echo, one-way streams and handshakes over rustchat, from C, Rust and Python; and calls through the C ABI."""

from harness.build import OURS, RUST_OURS, build_abi, build_rust_ours, compile_ours, need_module, python
from harness.contender import Contender
from harness.machine import BUILD


def c(name, role, *words):
    command = [BUILD / f"ours_{role}", *words]
    return contender(name, role, command, lambda: compile_ours(OURS / f"{role}.c", f"ours_{role}"))


def rust(name, role, *words):
    return contender(name, role, [RUST_OURS, *words, role], build_rust_ours)


def py(name, role, *words):
    return contender(name, role, python(OURS / f"{role}.py", *words), lambda: need_module("rustchat"))


def contender(name, role, command, build):
    serve, call = [*command, "serve"], [*command, "call"]
    return Contender(name=name, role=role, serve=lambda **_: serve, call=call, build=build, ours=True)


CONTENDERS = [
    c("rustchat C", "echo"),
    c("rustchat C, no polling", "echo", "--no-polling"),
    rust("rustchat Rust", "echo"),
    rust("rustchat Rust, no polling", "echo", "--no-polling"),
    py("rustchat Python", "echo"),
    py("rustchat Python, no polling", "echo", "--no-polling"),
    c("rustchat C", "stream"),
    c("rustchat C, many", "stream", "--many"),
    rust("rustchat Rust", "stream"),
    rust("rustchat Rust, many", "stream", "--many"),
    py("rustchat Python", "stream"),
    py("rustchat Python, many", "stream", "--many"),
    c("rustchat C", "handshake"),
    rust("rustchat Rust", "handshake"),
    py("rustchat Python", "handshake"),
    Contender(name="C beside Rust", role="abi", call=[BUILD / "ours_abi"], build=build_abi, ours=True),
]
