"""For tests of programs with a chat in them: of hooks, of bots, of clients.

    from rustchat.testing import World

    def test_who_joins_is_greeted():
        with World(Polite()) as world:
            ann = world.join()
            assert ann.heard[-1] == "welcome"
            world.advance(600)                      # ten minutes, and the test waits for none of them
            assert ann.farewell == "said nothing for too long"

======================= ==============================================================================================
World(server)           a ChatServer with its hooks in the hands of the test: no threads, no ports, and a clock that
                        stands still until the test moves it
Guest                   somebody in a world: say(), heard, leave()
Recorder                a ChatClient that notes all that it hears: wait_for(), wait_for_end()
pair()                  the two ends of a Connection in memory
chat_server, recorder   fixtures of pytest: real servers on free ports or Unix paths, and clients that record, all of
                        them stopped in the end
command_server,         the same for servers of remote commands and of files, whose clients prove SECRET
file_server
======================= ==============================================================================================

Under pytest the fixtures are there by `pytest_plugins = ["rustchat.testing"]` in conftest.py, or imported by name like
all else. Nothing of it is loaded by `import rustchat`, and pytest is not asked for.
"""

import sys as _sys

from rustchat.testing._pair import pair
from rustchat.testing._recorder import Recorder
from rustchat.testing._world import Guest, World

__all__ = ["Guest", "Recorder", "World", "pair"]

TYPE_CHECKING = False
if TYPE_CHECKING or "pytest" in _sys.modules:
    from rustchat.testing._fixtures import (
        SECRET,
        CommandServers,
        FileServers,
        Recorders,
        Servers,
        chat_server,
        command_server,
        file_server,
        recorder,
    )

    __all__ += ["SECRET", "CommandServers", "FileServers", "Recorders", "Servers"]
    __all__ += ["chat_server", "command_server", "file_server", "recorder"]
