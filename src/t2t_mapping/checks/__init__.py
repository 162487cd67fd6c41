"""Pairs → findings: one small function per code, one file per family of codes."""

from t2t_mapping.checks import destination, identity, pairs, people, rule_lines, same_names, source  # noqa: F401  each registers its checks
from t2t_mapping.checks.collisions import collisions
from t2t_mapping.checks.facts import facts, names_of, tenant_words
from t2t_mapping.checks.registry import CHECKS, Answer, Facts, Skipped, run
from t2t_mapping.checks.rule_lines import malformed_exclusions
from t2t_mapping.checks.verdicts import spelt
from t2t_mapping.checks.whole_run import swapped_sides

__all__ = [
    "CHECKS",
    "Answer",
    "Facts",
    "Skipped",
    "collisions",
    "facts",
    "malformed_exclusions",
    "names_of",
    "run",
    "spelt",
    "swapped_sides",
    "tenant_words",
]
