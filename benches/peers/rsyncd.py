"""rsync's daemon at a port of this machine: rsyncd.py ROOT PORT"""

import os
import sys
import tempfile

root, port = sys.argv[1:]
text = f"use chroot = no\n[root]\npath = {root}\nread only = no\nuid = {os.getuid()}\ngid = {os.getgid()}\n"
with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as file:
    file.write(text)
words = ["rsync", "--daemon", "--no-detach", "--address=127.0.0.1", f"--port={port}", f"--config={file.name}"]
os.execvp("rsync", words)
