"""Are two full names one person's? Prepared, cut into words, judged: compatible, doubtful, contradictory or unknown."""

from t2t_mapping.names.full_names import compare, prepared, template_parts, verdict, words
from t2t_mapping.names.judge import VERDICTS

__all__ = ["VERDICTS", "compare", "prepared", "template_parts", "verdict", "words"]
