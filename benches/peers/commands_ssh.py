"""Commands over ssh with one connection that all share (a control master), or over asyncssh: those of peers/sshd.py.

commands_ssh.py ssh|asyncssh KEY HOST PORT rate SECONDS IN_FLIGHT | output BYTES | first SECONDS
"""

import asyncio
import contextlib
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time

CHUNK = 1 << 18


class Ssh:
    """The program, once for each command."""

    def __init__(self, key, host, port):
        self.folder = tempfile.TemporaryDirectory()
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
        options = [word for option in options for word in ("-o", option)]
        self.words = ["ssh", *options, "-S", f"{self.folder.name}/master", "-i", key, "-p", port, host]
        subprocess.run([*self.words[:1], "-M", "-N", "-f", *self.words[1:]], check=True)

    def close(self):
        subprocess.run([*self.words[:1], "-O", "exit", *self.words[1:]], check=True, stderr=subprocess.DEVNULL)
        self.folder.cleanup()

    def rate(self, seconds, in_flight):
        end, counts = time.monotonic() + seconds, []

        def work():
            count = 0
            while time.monotonic() < end:
                subprocess.run([*self.words, "true"], check=True)
                count += 1
            counts.append(count)

        threads = [threading.Thread(target=work) for _ in range(in_flight)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {"commands": sum(counts)}

    def output(self, count):
        words = [*self.words, f"head -c {count} /dev/zero"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, bufsize=0) as job:
            came = 0
            while content := job.stdout.read(CHUNK):
                came += len(content)
        if came != count or job.returncode:
            raise SystemExit(f"{came} of {count} bytes came")
        return {"bytes": came}

    def first(self, seconds):
        end, count, waited = time.monotonic() + seconds, 0, 0.0
        while time.monotonic() < end:
            begin = time.monotonic()
            with subprocess.Popen([*self.words, "echo x"], stdout=subprocess.PIPE, bufsize=0) as job:
                job.stdout.read(1)
                waited += time.monotonic() - begin
                job.stdout.read()
            count += 1
        return {"commands": count, "seconds": waited}


async def over_asyncssh(key, host, port, what, *words):
    import asyncssh

    async with asyncssh.connect(host, int(port), client_keys=[key], known_hosts=None) as connection:
        begin = time.monotonic()
        if what == "rate":
            end, count = begin + float(words[0]), 0

            async def work():
                nonlocal count
                while time.monotonic() < end:
                    await connection.run("true", check=True)
                    count += 1

            await asyncio.gather(*(work() for _ in range(int(words[1]))))
            return {"commands": count, "seconds": time.monotonic() - begin}
        if what == "output":
            wanted, came = int(words[0]), 0
            async with connection.create_process(f"head -c {wanted} /dev/zero", encoding=None) as job:
                while content := await job.stdout.read(CHUNK):
                    came += len(content)
            if came != wanted:
                raise SystemExit(f"{came} of {wanted} bytes came")
            return {"bytes": came, "seconds": time.monotonic() - begin}
        end, count, waited = begin + float(words[0]), 0, 0.0
        while time.monotonic() < end:
            begin = time.monotonic()
            async with connection.create_process("echo x") as job:
                await job.stdout.read(1)
                waited += time.monotonic() - begin
                await job.stdout.read()
            count += 1
        return {"commands": count, "seconds": waited}


def main(kind, key, host, port, what, *words):
    if kind == "asyncssh":
        found = asyncio.run(over_asyncssh(key, host, port, what, *words))
    else:
        with contextlib.closing(Ssh(key, host, port)) as ssh:
            begin = time.monotonic()
            numbers = [int(word) if what == "output" or word.isdigit() else float(word) for word in words]
            found = getattr(ssh, what)(*numbers)
            found.setdefault("seconds", time.monotonic() - begin)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({**found, "cpu_seconds": sum(one.ru_utime + one.ru_stime for one in used)}))


main(*sys.argv[1:])
