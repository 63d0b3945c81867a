"""A module that was built without TLS says so, wherever it is asked for.

`make python-test` builds one and says where, in RUSTCHAT_WITHOUT_TLS.
"""

from __future__ import annotations

import os

import pytest
from conftest import run_script

WITHOUT = os.environ.get("RUSTCHAT_WITHOUT_TLS")

PROGRAM = """
import importlib.util, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_file_location(name, sys.argv[1]) if name == "rustchat._rustchat" else None

sys.meta_path.insert(0, Finder())
import rustchat
from rustchat import socketserver

SECRET = "what only the two of them know"

def refuses(call):
    try:
        call()
    except rustchat.NotSupported as error:
        assert isinstance(error, NotImplementedError) and error.status == "RUSTCHAT_ENOTSUP", error.status
        assert "this build of rustchat has no TLS" in str(error), error
    else:
        raise AssertionError("it has TLS")

for tls in (True, rustchat.TLS()):
    refuses(rustchat.ChatServer(port=0, secret=SECRET, tls=tls).start)
    refuses(lambda: rustchat.listen("127.0.0.1:0", secret=SECRET, tls=tls))
    with rustchat.ChatServer(port=0) as server:
        refuses(rustchat.ChatClient(*server.address, secret=SECRET, tls=tls).start)
        refuses(lambda: rustchat.connect(server.address, tls=tls))
        assert server.pin is None
refuses(lambda: rustchat.TLS(pin="00" * 32))
refuses(lambda: rustchat.TLS(cert=b"", key=b""))
refuses(lambda: type("Server", (socketserver.FramedServer,), {"tls": True, "secret": SECRET})(("127.0.0.1", 0), None))
with rustchat.ChatServer(port=0, secret=SECRET) as server:
    with rustchat.ChatClient(*server.address, secret=SECRET) as client:
        client.send("hello")
        assert (client.recv(20).text, client.protection) == ("hello", "plain")
"""


@pytest.mark.skipif(WITHOUT is None, reason="no module without TLS was built, see `make python-test`")
def test_whoever_asks_for_tls_is_told_that_there_is_none() -> None:
    done = run_script(PROGRAM, WITHOUT)
    assert done.returncode == 0, done.stderr
