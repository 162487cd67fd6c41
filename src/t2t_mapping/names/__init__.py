"""Are two full names one person's? Prepared, cut into words, judged: compatible, doubtful, contradictory or unknown."""

from t2t_mapping.names.full_names import compare, prepare, prepared, template_parts, verdict, words
from t2t_mapping.names.habits import NO_HABITS, Habits
from t2t_mapping.names.judge import VERDICTS
from t2t_mapping.names.orders import habits_of

__all__ = [
    "NO_HABITS",
    "VERDICTS",
    "Habits",
    "compare",
    "habits_of",
    "prepare",
    "prepared",
    "template_parts",
    "verdict",
    "words",
]
