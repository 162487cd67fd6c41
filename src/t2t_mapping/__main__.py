"""`python -m t2t_mapping`."""

import sys

from t2t_mapping.cli.commands import program

if __name__ == "__main__":
    sys.exit(program())
