"""User mapping for Dynamics 365 / Power Platform tenant-to-tenant migrations.

From the exports an administrator already has to the `usermapping.csv` that the service accepts, with every source user
accounted for: mapped, held for a person to decide, or excluded, each with the reason.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from t2t_mapping._version import __version__
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.errors import InputError, OutputError, Problem, T2TError, UsageError

if TYPE_CHECKING:
    from t2t_mapping.generate import Options, Result, generate
    from t2t_mapping.rules import RuleTable, read_rules
    from t2t_mapping.users import Users, read_users

__all__ = [
    "CATALOGUE",
    "InputError",
    "Options",
    "OutputError",
    "Problem",
    "Result",
    "RuleTable",
    "T2TError",
    "UsageError",
    "Users",
    "__version__",
    "generate",
    "read_rules",
    "read_users",
]

_HOMES = {
    "Options": "generate",
    "Result": "generate",
    "RuleTable": "rules",
    "Users": "users",
    "generate": "generate",
    "read_rules": "rules",
    "read_users": "users",
}


def __getattr__(name: str) -> Any:
    """Everything that needs polars is imported on first use, so that `--help` and `codes` start at once."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"t2t_mapping.{_HOMES[name]}"), name)
    globals()[name] = value  # `generate` is also a module: the function is what callers mean
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
