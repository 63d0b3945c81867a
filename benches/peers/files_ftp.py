"""A server of files with pyftpdlib, which sends with sendfile. files_ftp.py ROOT"""

import logging
import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

logging.basicConfig(level=logging.ERROR)
FTPHandler.authorizer = DummyAuthorizer()
FTPHandler.authorizer.add_user("bench", "bench", sys.argv[1], perm="elradfmwMT")
server = FTPServer(("127.0.0.1", 0), FTPHandler)
print("listening on {}:{}".format(*server.address), flush=True)
server.serve_forever()
