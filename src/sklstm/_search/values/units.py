"""The score of a search in the form that users expect: errors are positive and lower is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SHORT_NAMES = {
    "root_mean_squared_error": "RMSE",
    "mean_absolute_error": "MAE",
    "mean_squared_error": "MSE",
    "r2_score": "R²",
    "mean_pinball_loss": "pinball loss",
}


@dataclass(frozen=True)
class Unit:
    """The unit of a metric."""

    name: str
    sign: int  # -1 where the search maximises minus an error

    def __str__(self) -> str:
        """Write the name, and whether lower or higher is better."""
        return f"{self.name} ({'lower' if self.sign < 0 else 'higher'} is better)"

    def write(self, score: float) -> str:
        """Write a score to five digits, an error as a positive number."""
        return f"{self.sign * score + 0.0:.5g}"  # + 0.0: an error of 0 has no sign


def find_unit(scorer: Any, metric: str) -> Unit:
    """Find the unit of a metric from the scorer or scorers in `scorer_` of a search."""
    if isinstance(scorer, dict):
        scorer = scorer.get(metric)  # None of a trial that failed before it had a score
    measure = getattr(scorer, "_score_func", None)  # of all that make_scorer makes
    name = metric if measure is None else getattr(measure, "__name__", "score")
    sign = getattr(scorer, "_sign", 1)
    if measure is None and name.startswith("neg_"):
        name, sign = name.removeprefix("neg_"), -1
    name = SHORT_NAMES.get(name, name.replace("_", " "))
    # A pinball loss is one of quantiles, whether they are those of a path or of a single row.
    is_path = getattr(scorer, "of_paths", False) and not scorer.quantiles
    return Unit(f"path {name}" if is_path else name, sign)
