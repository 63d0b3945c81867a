#!/usr/bin/env python3
"""Builds everything, measures it side by side and in turns, prints tables, writes the figures as JSON and as a picture.

Each server runs on one core and what measures it on another. A scene is a file in `scenes/`, a program that takes part
a file in `contenders/`; a further one of either needs no change here.
"""

import argparse
import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import scenes
from harness import machine
from harness.bench import Bench, say
from harness.build import NotBuilt, cargo_here
from harness.chart import svg
from harness.machine import BENCHES, LOAD_CORE, REPO, SERVER_CORE, describe
from harness.process import Load
from harness.table import render, verdicts


def parse(names):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"which of {', '.join(names)} (default: all)")
    parser.add_argument("--repeats", type=int, help="how often everyone is measured (default: each scene's own)")
    parser.add_argument("--quick", action="store_true", help="two repeats and short windows: to see that it works")
    parser.add_argument("--full", action="store_true", help="the whole broadcast matrix, not only rooms with a bar")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this contender and the floor; repeatable")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="ours of another commit besides")
    parser.add_argument("--list", action="store_true", help="list scenes and contenders, and who cannot be built")
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="for a quiet machine, each time")
    parser.add_argument("--realtime", action="store_true", help="before all others, on a machine that is busy (root)")
    parser.add_argument("--no-setup", action="store_true", help="do not install what is missing of the peers")
    parser.add_argument("--load", type=Path, help="a load generator that is built already")
    parser.add_argument(
        "--out", type=Path, default=REPO / "build" / "bench.json", help="where the figures go, .svg beside"
    )
    parser.add_argument("--strict", action="store_true", help="exit 1 if a bar is missed on a quiet machine")
    args = parser.parse_args()
    for name in args.scenes:
        if name not in names:
            parser.error(f"no scene {name!r}: there are {', '.join(names)}")
    return args


def show_list(names, bench):
    for name in names:
        print(f"scene      {name}: {importlib.import_module(f'scenes.{name}').TITLE}")
    for role in sorted({contender.role for contender in bench.contenders.values()}):
        present, absent = bench.take_part(role)
        for contender in present:
            print(f"{role:10} {contender.name}")
        for name, reason in absent.items():
            print(f"{role:10} {name} - {reason}")


def build_load(binary):
    if binary:
        Load.binary = binary.resolve()
        return
    say("    building the load generator")
    try:
        cargo_here("-p", "rustchat-bench")
    except NotBuilt as reason:
        sys.exit(f"the load generator cannot be built: {reason}")


def save(out, results):
    """After each scene, so that a run that is cut short was not for nothing."""
    out.parent.mkdir(parents=True, exist_ok=True)
    found = {name: [result.as_json() for result in parts] for name, parts in results.items()}
    out.write_text(json.dumps({"machine": describe(), "scenes": found}, indent=1) + "\n")
    out.with_suffix(".svg").write_text(svg([result for parts in results.values() for result in parts]))


def main():
    names = sorted(module.name for module in pkgutil.iter_modules(scenes.__path__))
    args = parse(names)
    if not args.no_setup and not args.list:
        subprocess.run([BENCHES / "setup.sh", sys.executable], check=False)
    machine.realtime = args.realtime
    bench = Bench(args.repeats, args.quick, args.full, args.only, args.wait, args.against and args.against.resolve())
    if args.list:
        show_list(names, bench)
        return
    build_load(args.load)
    if SERVER_CORE == LOAD_CORE:
        print("only one core: server and load share it, and the figures say little", file=sys.stderr)
    results = {}
    for name in args.scenes or names:
        say(name)
        results[name] = []
        for result in importlib.import_module(f"scenes.{name}").run(bench):
            say("")
            print(render(result), flush=True)
            results[name].append(result)
            save(args.out, results)
    everything = [result for parts in results.values() for result in parts]
    print("== The bars", *(line for result in everything for line in verdicts(result)), sep="\n")
    print(f"all figures: {args.out}, {args.out.with_suffix('.svg')}")
    missed = [bar for result in everything for bar in result.bars if bar.verdict(result.noise()) == "MISSED"]
    if args.strict and missed:
        sys.exit(1)


if __name__ == "__main__":
    main()
