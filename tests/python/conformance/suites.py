"""Which of the interpreter's own test modules are run, and how rustchat's modules get in place of the standard ones."""

from dataclasses import dataclass, field

__all__ = ["SUITES", "Suite", "suite"]


@dataclass(frozen=True)
class Suite:
    """One module of the interpreter's package `test`."""

    module: str
    """Its name without the package."""
    replaces: tuple[str, ...] = ()
    """Standard modules in whose place rustchat's of the same name are put before the tests are imported; with none,
    `rustchat.install()` does it."""
    resources: tuple[str, ...] = ("network",)
    """What the tests may use: see `python -m test --help`."""
    limit: float = 90.0
    """Seconds that one test class may take."""
    only: tuple[str, ...] = field(default=())
    """The test classes that concern sockets, where it is not all of them."""


LOGGING = (
    *("SMTPHandlerTest", "SocketHandlerTest", "UnixSocketHandlerTest", "DatagramHandlerTest"),
    *(
        "UnixDatagramHandlerTest",
        "SysLogHandlerTest",
        "UnixSysLogHandlerTest",
        "IPv6SysLogHandlerTest",
        "HTTPHandlerTest",
        "ConfigDictTest",
    ),
)

ASYNCIO = (
    *("test_base_events", "test_buffered_proto", "test_events", "test_selector_events", "test_sendfile", "test_server"),
    *("test_sock_lowlevel", "test_ssl", "test_sslproto", "test_streams", "test_transports", "test_unix_events"),
)

SUITES = (
    Suite("test_socket", replaces=("socket",)),
    Suite("test_socketserver", replaces=("socket", "socketserver")),
    Suite("test_httplib"),
    Suite("test_httpservers"),
    Suite("test_xmlrpc"),
    Suite("test_ftplib"),
    Suite("test_smtplib"),
    Suite("test_poplib"),
    Suite("test_imaplib"),
    Suite("test_urllib2_localnet"),
    Suite("test_wsgiref"),
    Suite("test_selectors"),
    Suite("test_logging", only=LOGGING),
    Suite("test_ssl"),
    *(Suite(f"test_asyncio.{part}") for part in ASYNCIO),
)


def suite(module: str) -> Suite:
    """The suite of that name."""
    return next(one for one in SUITES if one.module == module)
