"""OpenSSH's server at a port of this machine, with keys made for it alone; its clients use FOLDER/key.

sshd.py FOLDER PORT
"""

import getpass
import os
import shutil
import subprocess
import sys
from pathlib import Path

CONFIGURATION = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
AllowUsers {user}
PermitRootLogin prohibit-password
MaxSessions 300
MaxStartups 300
Subsystem sftp internal-sftp
"""


def main(folder, port):
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("host", "key"):
        if not (folder / name).exists():
            keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name]
            subprocess.run(keygen, check=True)
    configuration = folder / "sshd_config"
    configuration.write_text(CONFIGURATION.format(port=port, folder=folder, user=getpass.getuser()))
    if os.getuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    os.execv(program, [program, "-D", "-e", "-f", configuration])


main(*sys.argv[1:])
