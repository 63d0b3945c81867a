"""Moves files with a program that one has, and tells how long that took, its start included.

files_call.py [--fsync] rsync|sftp|scp|ftp KEY ROOT HOST PORT get|put|get-all|put-all FROM TO
"""

import ftplib
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

SSH = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]


def run(*words, text=None):
    subprocess.run([str(word) for word in words], check=True, input=text, text=True, stdout=subprocess.DEVNULL)


def rsync(_key, _root, host, port, what, source, target):
    sync = ["--fsync"] if "--fsync" in sys.argv else []
    if what.endswith("all"):
        sync, source, target = [*sync, "--recursive"], f"{source}/", f"{target}/"
    there = f"rsync://{host}:{port}/root/"
    ends = (there + source, target) if what.startswith("get") else (source, there + target)
    run("rsync", "--whole-file", "--times", *sync, *ends)


def sftp(key, root, host, port, what, source, target):
    words = ["get" if what.startswith("get") else "put"]
    words += ["-f"] if "--fsync" in sys.argv else []
    if what.startswith("get"):
        source = f"{root}/{source}"
    else:
        target = f"{root}/{target}"
    if what.endswith("all"):
        source, target = f"{source}/*", f"{target}/"
    batch = " ".join([*words, source, target]) + "\n"
    run("sftp", "-q", *SSH, "-i", key, "-P", port, "-b", "-", host, text=batch)


def scp(key, root, host, port, what, source, target):
    if what.startswith("get"):
        source = f"{host}:{root}/{source}"
    else:
        target = f"{host}:{root}/{target}"
    if what.endswith("all"):
        source, target = f"{source}/.", f"{target}/"
    run("scp", "-q", *(["-r"] if what.endswith("all") else []), *SSH, "-i", key, "-P", port, source, target)


def ftp(_key, _root, host, port, what, source, target):
    with ftplib.FTP() as client:
        client.connect(host, int(port))
        client.login("bench", "bench")
        names = os.listdir(source) if what == "put-all" else client.nlst(source) if what == "get-all" else [None]
        for name in names:
            one, other = (
                (source, target) if name is None else (f"{source}/{Path(name).name}", f"{target}/{Path(name).name}")
            )
            if what.startswith("put"):
                with open(one, "rb") as file:
                    client.storbinary(f"STOR {other}", file, 1 << 20)
            else:
                with open(other, "wb") as file:
                    client.retrbinary(f"RETR {one}", file.write, 1 << 20)


def bytes_at(path):
    path = Path(path)
    return sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size


def main(kind, key, root, host, port, what, source, target):
    begin = time.monotonic()
    {"rsync": rsync, "sftp": sftp, "scp": scp, "ftp": ftp}[kind](key, root, host, port, what, source, target)
    seconds = time.monotonic() - begin
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(one.ru_utime + one.ru_stime for one in used)
    print(
        json.dumps(
            {"bytes": bytes_at(target if what.startswith("get") else source), "seconds": seconds, "cpu_seconds": cpu}
        )
    )


main(*(word for word in sys.argv[1:] if word != "--fsync"))
