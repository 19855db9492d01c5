"""The scores of a fitted search's trials, in the unit that users expect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklstm._search.trials.trial import Trial
from sklstm._search.values.units import Unit, find_unit


def express(unit: Unit, trials: Sequence[Trial]) -> np.ndarray:
    """Express the scores of trials in this unit, NaN where one was pruned or failed."""
    scores = [trial.score if trial.status == "ok" else np.nan for trial in trials]
    return unit.sign * np.array(scores)


def find_best_so_far(unit: Unit, trials: Sequence[Trial]) -> np.ndarray:
    """Find the best score up to each trial, NaN before the first that succeeded."""
    better = np.fmin if unit.sign < 0 else np.fmax  # both pass over NaN
    return better.accumulate(express(unit, trials))


def read_unit(search: Any) -> Unit:
    """Read what a fitted search maximised."""
    check_search(search)
    return find_unit(search.scorer_, search.objective_)


def check_search(search: Any) -> None:
    """Refuse anything but a fitted search of ours."""
    if not hasattr(search, "trials_frame"):
        raise TypeError(f"The search must be a BayesTimeSeriesSearchCV; got {search!r}.")
    check_is_fitted(search, "trials_")
