"""The standard module's names have the standard module's types; the class has what is ours besides.

Of several imports of a name mypy takes the first and pyright the last: ours stand on both sides of the standard ones.
"""

# ruff: noqa: F403, F811, I001
from rustchat._own_socket import (
    SocketType as SocketType,
    create_connection as create_connection,
    create_server as create_server,
    fromfd as fromfd,
    socket as socket,
    socketpair as socketpair,
)
from socket import *  # type: ignore[assignment]
from rustchat._own_socket import (
    SocketType as SocketType,
    create_connection as create_connection,
    create_server as create_server,
    fromfd as fromfd,
    socket as socket,
    socketpair as socketpair,
)
