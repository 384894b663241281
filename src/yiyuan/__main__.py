"""`python -m yiyuan`: the command line."""

import sys

from yiyuan.interfaces.commands.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
