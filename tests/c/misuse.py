"""Whether the programs tests/c/misuse*.c try every mistake that the header's prototypes make possible, and whether the
header's documents name the status that each gives.

    misuse.py PROGRAM...
"""

import re
import subprocess
import sys
from pathlib import Path

HEADER = Path(__file__).parent.parent.parent / "include" / "rustchat.h"
HANDLES = {
    *("rustchat_server", "rustchat_client", "rustchat_listener", "rustchat_connection", "rustchat_key_ring"),
    *("rustchat_command_server", "rustchat_command_client", "rustchat_command"),
    *("rustchat_file_server", "rustchat_file_client"),
}
OBJECTS = {"rustchat_message", "rustchat_decoder", "rustchat_handshake"}
REPORTS = re.compile(
    r"struct rustchat_\w+(_data|_info|_protection|_outcome|_exit|_result|_listing|_transferred|_tree) \*"
)
OPTIONS = re.compile(r"const struct rustchat_\w+_options \*")

# What the head of the header says of all functions, by the mistake.
EVERYWHERE = {
    "=NULL": {"RUSTCHAT_EHANDLE", "RUSTCHAT_EINVAL"},
    "=stale": {"RUSTCHAT_EHANDLE"},
    "=wrong": {"RUSTCHAT_EHANDLE"},
    "=garbage": {"RUSTCHAT_EHANDLE"},
    "=huge": {"RUSTCHAT_EMSGSIZE"},
    "=unknown": {"RUSTCHAT_EINVAL"},
    "=enum": {"RUSTCHAT_EINVAL"},
}


def functions(header):
    """Each function's document and parameters."""
    for match in re.finditer(r"/\*\*((?:(?!\*/).)*)\*/\s*RUSTCHAT_API([^;]*);", header, re.S):
        document, prototype = match.groups()
        prototype = " ".join(prototype.split())
        name, parameters = re.search(r"(rustchat_\w+)\((.*)\)$", prototype).groups()
        yield name, " ".join(document.split()), [] if parameters == "void" else parameters.split(", ")


def parameter_name(parameter):
    return re.search(r"(\w+)(\[\d+\])?$", parameter).group(1)


def mistakes_of(parameter, document):
    """What can be wrong with one parameter, by its type."""
    name = parameter_name(parameter)
    kind = parameter[: parameter.rindex(name)].strip()
    target = re.sub(r"^const |^struct |\s*\*$", "", kind.replace("const struct", "struct"))
    if kind == f"struct {target} *" and target in HANDLES:
        return {f"{name}={what}" for what in ("NULL", "stale", "wrong", "garbage")}
    if kind in (f"struct {target} *", f"const struct {target} *") and target in OBJECTS:
        return {f"{name}={what}" for what in ("NULL", "wrong", "garbage")} | utf8(name, document)
    if OPTIONS.match(kind):
        found = {f"{name}=NULL", f"{name}=size", f"{name}=reserved"}
        if "_tls_" in kind:
            return found | {f"{name}=none", f"{name}=utf8", f"{name}=file", f"{name}=PEM"}
        if "rustchat_command_options" in kind:
            return found | {f"{name}=range", f"{name}=input", f"{name}=environment"}
        if "_transfer_" in kind:
            return found
        if not re.search("_(command|file)_client_", kind):
            found |= {f"{name}=enum"}
        if "_log_" in kind:
            return found
        found |= {f"{name}=utf8", f"{name}=secret"}
        return found | ({f"{name}=binding"} if "_handshake_" in kind else {f"{name}=address", f"{name}=tls"})
    if kind == "const void *":
        return {f"{name}=NULL", f"{name}=empty"} | utf8(name, document)
    if kind == "size_t" and name == "len":
        return {"len=huge"}
    if kind == "size_t" and name == "count":
        return {"count=huge"}
    if kind == "size_t" and name == "argc":
        return {"argc=0", "argc=huge"}
    if kind == "size_t" and name == "most":
        return {"most=0"}
    if kind == "size_t" and name == "cap":
        return {"cap=0"} if "cap how many fit, at least 1" in document else {"cap=small"}
    if kind == "struct rustchat_bytes":
        return {f"{name}=NULL", f"{name}=empty", f"{name}=huge"}
    if kind == "int64_t":
        return {f"{name}=-2"}
    if kind == "uint32_t" and name == "flags":
        return {"flags=unknown"}
    if kind == "int32_t":
        return {f"{name}=unknown"}
    if kind == "int" and name == "fd":
        return {"fd=-1", "fd=closed", "fd=deaf"}
    if kind == "rustchat_peer_id":
        return {f"{name}=unknown"} if name == "peer" else set()
    if kind.endswith("*") or parameter.endswith("]"):
        return {f"{name}=NULL"}
    return set()


def utf8(name, document):
    return {f"{name}=utf8"} if "RUSTCHAT_EUTF8 for text" in document else set()


def wanted(name, document, parameters):
    if not parameters:
        return {"call"}
    found = set().union(*(mistakes_of(parameter, document) for parameter in parameters))
    if any(REPORTS.match(parameter) for parameter in parameters):
        found.add("out=size")
    return found


def main():
    lines = []
    for program in sys.argv[1:]:
        listed = subprocess.run([program, "--list"], check=True, capture_output=True, text=True)
        lines += listed.stdout.splitlines()
    attempts = {}
    for line in lines:
        function, mistake, result = line.split("\t")
        attempts.setdefault(function, {}).setdefault(mistake, set()).add(result)
    problems = []
    count = 0
    known = list(functions(HEADER.read_text()))
    for name, document, parameters in known:
        tried = attempts.pop(name, {})
        missing = wanted(name, document, parameters) - set(tried)
        problems += [f"{name}: nobody tries {mistake}" for mistake in sorted(missing)]
        for mistake, results in tried.items():
            general = next((statuses for end, statuses in EVERYWHERE.items() if mistake.endswith(end)), set())
            for result in results - general - {"value", "nothing"}:
                if not re.search(rf"\b{result}\b", document):
                    problems.append(f"{name}: {mistake} gives {result}, which its document does not name")
            count += 1
    problems += [f"{name}: tried, but not in the header" for name in attempts]
    for problem in problems:
        print(f"FAIL  misuse: {problem}")
    if not problems:
        tried = f"{count} mistakes with {len(known)} functions, {len(lines)} attempts"
        print(f"ok    misuse: {tried}, each status documented")
    return bool(problems)


sys.exit(main())
