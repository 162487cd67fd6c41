"""`python -m t2t_mapping`."""

import sys

from t2t_mapping.cli import main

if __name__ == "__main__":
    sys.exit(main())
