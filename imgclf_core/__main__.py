"""`python -m imgclf_core`: the command line."""

import sys

from imgclf_core.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
