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
    from t2t_mapping.after.arrival import Verification, verify
    from t2t_mapping.after.changes import Drift, drift
    from t2t_mapping.after.mappings import Diff, diff, read_mapping
    from t2t_mapping.plans.planning import PlanResult, plan
    from t2t_mapping.results.options import Options
    from t2t_mapping.rules.table import RuleTable, read_rules
    from t2t_mapping.run.explanation import Explanation, explain
    from t2t_mapping.run.exports import Exports
    from t2t_mapping.run.generation import generate
    from t2t_mapping.run.inspection import Inspection, inspect
    from t2t_mapping.run.result import Result
    from t2t_mapping.run.validation import Validation, validate
    from t2t_mapping.users.load import Users, read_users

__all__ = [
    "CATALOGUE",
    "Diff",
    "Drift",
    "Explanation",
    "Exports",
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
    "Verification": "after.arrival",
    "verify": "after.arrival",
    "Drift": "after.changes",
    "drift": "after.changes",
    "Diff": "after.mappings",
    "diff": "after.mappings",
    "read_mapping": "after.mappings",
    "PlanResult": "plans.planning",
    "plan": "plans.planning",
    "Options": "results.options",
    "RuleTable": "rules.table",
    "read_rules": "rules.table",
    "Exports": "run.exports",
    "Explanation": "run.explanation",
    "explain": "run.explanation",
    "generate": "run.generation",
    "Inspection": "run.inspection",
    "inspect": "run.inspection",
    "Result": "run.result",
    "Validation": "run.validation",
    "validate": "run.validation",
    "Users": "users.load",
    "read_users": "users.load",
}
"""Public name -> its one home."""


def __getattr__(name: str) -> Any:
    """Everything that needs polars is imported on first use, so that `--help` and `codes` start at once."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"t2t_mapping.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
