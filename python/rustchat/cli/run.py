"""``rustchat run``: a Python program on rustchat's sockets."""

from __future__ import annotations

import argparse
import builtins
import functools
import importlib.machinery
import io
import os
import runpy
import sys
from collections.abc import Callable, Sequence
from pkgutil import get_importer
from types import CodeType, ModuleType, TracebackType
from typing import TypeAlias

import rustchat
from rustchat.cli.options import Commands

USAGE = """rustchat run SCRIPT [ARGUMENT ...]
       rustchat run -m MODULE [ARGUMENT ...]
       rustchat run -c CODE [ARGUMENT ...]"""

DESCRIPTION = """\
Run a Python program as `python` would, with rustchat's modules where it imports socket and socketserver. Options of
the interpreter go before: python -X dev -m rustchat run SCRIPT. What the program starts as a process of its own is
not concerned.
"""


Program: TypeAlias = Callable[[str, list[str]], Callable[[], object]]


def add_to(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "run", help="run a Python program on rustchat's sockets", usage=USAGE, description=DESCRIPTION
    )
    parser.add_argument("words", nargs="+", metavar="SCRIPT, -m MODULE or -c CODE", help="and the program's arguments")
    parser.set_defaults(run=run, parser=parser)


def protected(arguments: Sequence[str]) -> Sequence[str]:
    """The command line with a mark that keeps argparse from taking the program's options for ours."""
    if arguments[:1] == ["run"] and arguments[1:2] not in (["-h"], ["--help"], ["--"]):
        return ["run", "--", *(f"={word}" for word in arguments[1:])]
    return arguments


def run(options: argparse.Namespace) -> int:
    """Run the program; its exceptions, SystemExit among them, go to the interpreter."""
    first, *rest = [word.removeprefix("=") for word in options.words]
    option, glued = first[:2], first[2:]
    if option in ("-m", "-c"):
        if not glued and not rest:
            options.parser.error(f"argument expected for the {option} option")
        operand, arguments = (glued, rest) if glued else (rest[0], rest[1:])
        program: Program = module if option == "-m" else code
    elif first.startswith("-") and first != "-":
        options.parser.error(f"unknown option {first}; options of the interpreter go before -m rustchat")
    else:
        operand, arguments, program = first, rest, script
    rustchat.install()
    start(program(operand, arguments))
    return 0


def script(path: str, arguments: list[str]) -> Callable[[], object]:
    """A file, a folder or zip file with a `__main__.py`, or `-` for what is on the standard input."""
    sys.argv = [path, *arguments]
    if path != "-" and get_importer(path) is not None:
        search_in(os.path.abspath(path))
        fresh_main()
        return lambda: runpy._run_module_as_main("__main__", False)  # type: ignore[attr-defined]
    if path == "-":
        search_in("")
        return program_of(lambda: sys.stdin.read(), "<stdin>", fresh_main())
    search_in(os.path.dirname(os.path.realpath(path)))
    whole = os.path.abspath(path)
    main = fresh_main()
    main.__file__ = whole
    main.__dict__["__cached__"] = None
    main.__loader__ = importlib.machinery.SourceFileLoader("__main__", whole)
    return program_of(lambda: source_of(path, whole), whole, main)


def module(name: str, arguments: list[str]) -> Callable[[], object]:
    """What `python -m` would find."""
    sys.argv = ["-m", *arguments]
    search_in(os.getcwd())
    fresh_main()
    return lambda: runpy._run_module_as_main(name)  # type: ignore[attr-defined]


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
    main.__loader__ = importlib.machinery.BuiltinImporter
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
        sys.excepthook = functools.partial(report, sys.excepthook, theirs(error.__traceback__))
        raise


def report(
    hook: Callable[..., object], begin: TracebackType | None, kind: type, error: BaseException, _whole: object
) -> None:
    """What the interpreter calls for the exception that ended the program."""
    hook(kind, error.with_traceback(begin), begin)


def theirs(traceback: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that is not ours."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename == __file__:
        traceback = traceback.tb_next
    return traceback
