"""``python -m rustchat``: the same as the console script ``rustchat``."""

import sys

from rustchat.cli import main

if __name__ == "__main__":
    sys.exit(main())
