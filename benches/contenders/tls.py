"""The same loops through TLS: rustchat with a secret and a certificate that it makes itself, plain beside it, and what
one would use instead. None of the peers verifies a certificate, which favours them."""

from harness.build import OURS, PEERS, RUST_OURS, build_rust_ours, need_module, need_program, python
from harness.contender import Contender

SECRET = "a key for the benchmark, 32 byte"
FORMATS = {"line": "stamp2", "u32be": "json"}


def rust(name, role, program, *words, **more):
    command = [RUST_OURS, *words, program]
    return between(name, role, command, build_rust_ours, ours=True, **more)


def ours(name, role, script, *words, **more):
    return between(name, role, python(OURS / script, *words), lambda: need_module("rustchat"), ours=True, **more)


def peer(name, role, script, *words, module=None, **more):
    def build():
        need_program("openssl")
        if module:
            need_module(module)

    return between(name, role, python(PEERS / script, *words), build, **more)


def between(name, role, command, build, **more):
    """A program that both serves and calls."""
    return Contender(
        name=name, role=role, serve=lambda **_: [*command, "serve"], call=[*command, "call"], build=build, **more
    )


def chat(name, *words, **more):
    def serve(workers=1, framing="line"):
        return [RUST_OURS, *words, "chat", "serve", workers, framing]

    return Contender(name=name, role="tls_chat", serve=serve, build=build_rust_ours, formats=FORMATS, **more)


CONTENDERS = [
    peer("ssl sockets (floor)", "tls_echo", "echo_byhand.py", "--tls", floor=True),
    peer("asyncio, ssl", "tls_echo", "echo_asyncio.py", "--tls"),
    peer("uvloop, ssl", "tls_echo", "echo_asyncio.py", "--uvloop", "--tls", module="uvloop"),
    ours("rustchat Python, TLS", "tls_echo", "echo.py", "--tls"),
    ours("rustchat Python, TLS, no polling", "tls_echo", "echo.py", "--tls", "--no-polling"),
    ours("rustchat Python, plain, no polling", "tls_echo", "echo.py", "--no-polling"),
    rust("rustchat Rust, TLS", "tls_echo", "echo", "--tls"),
    rust("rustchat Rust, TLS, no polling", "tls_echo", "echo", "--tls", "--no-polling"),
    rust("rustchat Rust, plain, no polling", "tls_echo", "echo", "--no-polling"),
    peer("ssl, multiprocessing's HMAC (floor)", "tls_handshake", "handshake_ssl.py", floor=True),
    ours("rustchat Python, TLS", "tls_handshake", "handshake.py", "--tls"),
    rust("rustchat Rust, TLS", "tls_handshake", "handshake", "--tls"),
    rust("rustchat Rust, plain", "tls_handshake", "handshake"),
    chat("rustchat, plain (floor)", floor=True),
    chat("rustchat, TLS", "--tls", ours=True, load={"tls": SECRET}),
]
