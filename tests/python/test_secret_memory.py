"""Secrets do not stay in memory when their owner is gone."""

import pytest
from conftest import run_script

# The secret is in a bytearray, which the program can erase, and looked for by the half that no allocator writes over.
# Every byte is turned, so that what is looked for is not itself found.
SCRIPT = """
import os, sys
import rustchat

TURNED = bytes(byte ^ 0xFF for byte in range(256))
secret = bytearray(256)
with open("/dev/urandom", "rb", buffering=0) as random:
    random.readinto(secret)
wanted = bytes(byte ^ 0xFF for byte in secret[128:])

def found():
    count = 0
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, rights, *_, name = (line + " -").split()[:6] if len(line.split()) > 5 else [*line.split()[:5], ""]
            if not rights.startswith("rw") or name.startswith(("[vvar", "[vsyscall")):
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            try:
                memory.seek(start)
                count += memory.read(end - start).translate(TURNED).count(wanted)
            except (OSError, OverflowError):
                pass
    return count

def erase():
    for index in range(len(secret)):
        secret[index] = 0

assert found() == 1, found()
USE
erase()
print(found())
"""

USES = {
    "server": "server = rustchat.ChatServer(port=0, secret=secret); server.start(); server.stop(); del server",
    "listener": "rustchat.listen(('127.0.0.1', 0), secret=secret).close()",
    "keys": "rustchat.listen(('127.0.0.1', 0), keys={'a': secret}).close()",
    "ring": "ring = rustchat.auth.KeyRing(); ring.add('a', secret); ring.remove('a'); del ring",
    "handshake": """
with rustchat.listen(("127.0.0.1", 0), secret=secret) as listener:
    with rustchat.connect(listener.address, secret=secret), listener.accept(10): pass
""",
    "challenge": """
challenge = os.urandom(32)
assert rustchat.auth.verify(secret, challenge, rustchat.auth.respond(secret, challenge))
""",
    "sockets": """
import threading
from rustchat import socket
near, far = socket.socketpair()
with near, far:
    thread = threading.Thread(target=far.authenticate, args=(secret,), kwargs={"side": "server"}); thread.start()
    near.authenticate(secret, side="client"); thread.join()
""",
}


@pytest.mark.parametrize("use", USES)
def test_none_is_left(use):
    done = run_script(SCRIPT.replace("USE", USES[use]))
    assert (done.stdout, done.stderr) == ("0\n", "")
