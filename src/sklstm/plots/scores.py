"""The score of a search as its user says it: an error is least where it is best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklstm.trials import Trial

SHORT_NAMES = {
    "root_mean_squared_error": "RMSE",
    "mean_absolute_error": "MAE",
    "mean_squared_error": "MSE",
    "r2_score": "R²",
}


@dataclass(frozen=True)
class Unit:
    """What the objective of a search measures."""

    name: str
    sign: int  # -1 where the search maximises minus an error

    def __str__(self) -> str:
        """Name it, and say which end is good."""
        return f"{self.name} ({'least' if self.sign < 0 else 'greatest'} is best)"

    def express(self, trials: Sequence[Trial]) -> np.ndarray:
        """Express the scores of trials in this unit, NaN where one was pruned or failed."""
        scores = [trial.score if trial.status == "ok" else np.nan for trial in trials]
        return self.sign * np.array(scores)

    def find_best_so_far(self, trials: Sequence[Trial]) -> np.ndarray:
        """Find the best score up to each trial, NaN before the first that succeeded."""
        better = np.fmin if self.sign < 0 else np.fmax  # both pass over NaN
        return better.accumulate(self.express(trials))


def read_unit(search: Any) -> Unit:
    """Read what a fitted search maximised, from its scorer."""
    check_search(search)
    scorer = search.scorer_
    if isinstance(scorer, dict):
        scorer = scorer[search.objective_]
    measure = getattr(scorer, "_score_func", None)  # of all that make_scorer makes
    name = search.objective_ if measure is None else getattr(measure, "__name__", "score")
    sign = getattr(scorer, "_sign", 1)
    if measure is None and name.startswith("neg_"):
        name, sign = name.removeprefix("neg_"), -1
    return Unit(SHORT_NAMES.get(name, name.replace("_", " ")), sign)


def check_search(search: Any) -> None:
    """Refuse what is no fitted search of ours."""
    if not hasattr(search, "trials_frame"):
        raise TypeError(f"A BayesTimeSeriesSearchCV is needed; got {search!r}.")
    check_is_fitted(search, "trials_")
