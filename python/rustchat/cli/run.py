"""``rustchat run``: a Python program on rustchat's sockets."""

from __future__ import annotations

import builtins
import io
import os
import sys
from types import ModuleType

import rustchat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, TracebackType

    from rustchat.cli.options import Commands

# What this imports, every program has imported: so little, and the rest where it is needed.

USAGE = """rustchat run SCRIPT [ARGUMENT ...]
       rustchat run -m MODULE [ARGUMENT ...]
       rustchat run -c CODE [ARGUMENT ...]"""

DESCRIPTION = """\
Run a Python program as `python` would, with rustchat's modules where it imports socket and socketserver. Options of
the interpreter go before: python -X dev -m rustchat run SCRIPT. What the program starts as a process of its own is
not concerned.
"""


def add_to(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "run", help="run a Python program on rustchat's sockets", usage=USAGE, description=DESCRIPTION
    )
    parser.add_argument("words", nargs="+", metavar="SCRIPT, -m MODULE or -c CODE", help="and the program's arguments")
    parser.set_defaults(run=lambda options: run(options.words))


def run(words: Sequence[str]) -> int:
    """Run the program that the words name; its exceptions, SystemExit among them, go to the interpreter."""
    first, rest = (words[0], list(words[1:])) if words else ("", [])
    option, glued = first[:2], first[2:]
    program: Callable[[str, list[str]], Callable[[], object]] = script
    if option in ("-m", "-c"):
        if not glued and not rest:
            return wrong(f"argument expected for the {option} option")
        first, rest = (glued, rest) if glued else (rest[0], rest[1:])
        program = module if option == "-m" else code
    elif not first or (first.startswith("-") and first != "-"):
        return wrong(f"unknown option {first!r}; options of the interpreter go before -m rustchat")
    try:
        rustchat.install()
    except rustchat.InstallError as error:
        print(f"rustchat: {error}", file=sys.stderr)
        return 1
    start(program(first, rest))
    return 0


def wrong(why: str) -> int:
    """Say what is wrong with the command line, as argparse does."""
    print(f"usage: {USAGE}\nrustchat run: error: {why}", file=sys.stderr)
    return 2


def script(path: str, arguments: list[str]) -> Callable[[], object]:
    """A file, a folder or zip file with a `__main__.py`, or `-` for what is on the standard input."""
    sys.argv = [path, *arguments]
    if path != "-" and holds_modules(path):
        search_in(os.path.abspath(path))
        return run_main("__main__", False)
    if path == "-":
        search_in("")
        return program_of(lambda: sys.stdin.read(), "<stdin>", fresh_main())
    search_in(os.path.dirname(os.path.realpath(path)))
    whole = os.path.abspath(path)
    main = fresh_main()
    main.__file__ = whole
    main.__dict__["__cached__"] = None
    main.__loader__ = sys.modules["_frozen_importlib_external"].SourceFileLoader("__main__", whole)
    return program_of(lambda: source_of(path, whole), whole, main)


def module(name: str, arguments: list[str]) -> Callable[[], object]:
    """What `python -m` would find."""
    sys.argv = ["-m", *arguments]
    search_in(os.getcwd())
    return run_main(name)


def run_main(name: str, alter_argv: bool = True) -> Callable[[], object]:
    """What the interpreter itself does for `-m`, folders and zip files."""
    fresh_main()

    def execute() -> object:
        import runpy

        return runpy._run_module_as_main(name, alter_argv)  # type: ignore[attr-defined]

    return execute


def holds_modules(path: str) -> bool:
    """Whether modules can be imported from there: a folder or a zip file."""
    for hook in sys.path_hooks:
        try:
            hook(path)
        except ImportError:
            continue
        return True
    return False


def code(text: str, arguments: list[str]) -> Callable[[], object]:
    """What stands on the command line."""
    sys.argv = ["-c", *arguments]
    search_in("")
    return program_of(lambda: text, "<string>", fresh_main())


def program_of(source: Callable[[], str | bytes], filename: str, main: ModuleType) -> Callable[[], object]:
    def execute() -> None:
        compiled: CodeType = compile(source(), filename, "exec", dont_inherit=True)
        exec(compiled, main.__dict__)

    return execute


def source_of(path: str, whole: str) -> bytes:
    """The text of a script, or the interpreter's way to say that there is none."""
    try:
        with io.open_code(whole) as file:
            return file.read()
    except OSError as error:
        print(f"{sys.executable}: can't open file {whole!r}: [Errno {error.errno}] {error.strerror}", file=sys.stderr)
        raise SystemExit(2) from None


def search_in(folder: str) -> None:
    """Begin the search for modules where `python` would, instead of where rustchat was started."""
    if not sys.flags.safe_path:
        sys.path[:1] = [folder]


def fresh_main() -> ModuleType:
    """A module `__main__` without our names, in the place of ours."""
    main = ModuleType("__main__")
    main.__dict__.update(__annotations__={}, __builtins__=builtins)
    main.__loader__ = sys.modules["_frozen_importlib"].BuiltinImporter
    sys.modules["__main__"] = main
    return main


def start(program: Callable[[], object]) -> None:
    """Run it; a traceback begins with the program's first line."""
    try:
        program()
    except SystemExit:
        raise
    except BaseException as error:
        # The interpreter goes on from here as after any program: it reports, and finds the exit code.
        sys.excepthook = reporter(sys.excepthook, theirs(error.__traceback__))
        raise


def reporter(hook: Callable[..., object], begin: TracebackType | None) -> Callable[..., object]:
    """What the interpreter calls for the exception that ended the program."""

    def report(kind: type, error: BaseException, _whole: object) -> None:
        hook(kind, error.with_traceback(begin), begin)

    return report


def theirs(traceback: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that is not ours."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename == __file__:
        traceback = traceback.tb_next
    return traceback
