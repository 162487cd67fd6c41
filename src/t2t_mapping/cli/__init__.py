"""Words on the terminal and the exit status; decides nothing."""

from t2t_mapping.cli.commands import main, program

__all__ = ["main", "program"]
