"""User mapping for Dynamics 365 / Power Platform tenant-to-tenant migrations.

From the exports an administrator already has to the `usermapping.csv` that the service accepts, with every source user
accounted for: mapped, held for a person to decide, or excluded, each with the reason.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from t2t_mapping._version import __version__
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.errors import InputError, OutputError, Problem, T2TError, UsageError

if TYPE_CHECKING:
    from t2t_mapping.changes import Drift, drift
    from t2t_mapping.compare import Diff, Verification, diff, read_mapping, verify
    from t2t_mapping.explain import Explanation, explain
    from t2t_mapping.generate import Options, Result, generate
    from t2t_mapping.inspection import Inspection, inspect
    from t2t_mapping.plan import PlanResult, plan
    from t2t_mapping.rules import RuleTable, read_rules
    from t2t_mapping.users import Users, read_users
    from t2t_mapping.validate import Validation, validate

__all__ = [
    "CATALOGUE",
    "Diff",
    "Drift",
    "Explanation",
    "InputError",
    "Inspection",
    "Options",
    "OutputError",
    "PlanResult",
    "Problem",
    "Result",
    "RuleTable",
    "T2TError",
    "UsageError",
    "Users",
    "Validation",
    "Verification",
    "__version__",
    "diff",
    "drift",
    "explain",
    "generate",
    "inspect",
    "plan",
    "read_mapping",
    "read_rules",
    "read_users",
    "validate",
    "verify",
]

_HOMES = {
    "Explanation": "explain",
    "explain": "explain",
    "Inspection": "inspection",
    "inspect": "inspection",
    "Diff": "compare",
    "Drift": "changes",
    "Options": "generate",
    "PlanResult": "plan",
    "Result": "generate",
    "RuleTable": "rules",
    "Users": "users",
    "Validation": "validate",
    "Verification": "compare",
    "diff": "compare",
    "drift": "changes",
    "generate": "generate",
    "plan": "plan",
    "read_mapping": "compare",
    "read_rules": "rules",
    "read_users": "users",
    "validate": "validate",
    "verify": "compare",
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


class _Package(ModuleType):
    """`generate` and `plan` are modules and functions: importing such a module must not hide the function."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and name in _HOMES):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
