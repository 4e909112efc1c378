"""`python -m lstm …`: the command line, which lives in `cli/`."""

import sys

from lstm.cli import main

if __name__ == "__main__":
    sys.exit(main())
