"""Pruning over folds: the rule that stops a hopeless candidate before its last folds.

A candidate is compared fold by fold with the incumbent, the best trial so far. It is dropped if it
is so far behind that it would not catch up on the remaining folds, even with the best score that
any trial has had on each of them and half as much lead again.

The bound has the unit of the scores and reflects how much each fold can contribute: if one fold
decides the result, such as a year of crisis, nothing is dropped before it. A paired t-test of two
or three folds dropped fewer hopeless candidates and lost the best one more often: see
docs/search_strategies.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sklstm._search.values.averages import find_mean, near_the_largest_float

LEAST_FOLDS = 2  # to be run before a candidate may be dropped
LEAST_TRIALS = 2  # on all folds, before any may be: of one alone nothing is known to be possible
MARGIN = 0.5  # of the lead that others had


@dataclass(frozen=True)
class Threshold:
    """The scores that a candidate has to reach, one for each fold; greater is better."""

    incumbent: np.ndarray  # (n_folds,), of the best trial
    best: np.ndarray  # (n_folds,), the best that any trial had on this fold
    least_folds: int = LEAST_FOLDS
    margin: float = MARGIN

    def is_out_of_reach(self, scores: np.ndarray) -> bool:
        """Tell whether to drop a candidate with these scores, which are NaN for future folds."""
        is_left = np.isnan(scores)
        if np.sum(~is_left) < self.least_folds or not is_left.any():
            return False
        with near_the_largest_float():
            behind = np.sum(self.incumbent - scores, where=~is_left)
            lead = np.sum(self.best - self.incumbent, where=is_left)
            return bool(behind > (1 + self.margin) * lead)

    def estimate_mean(self, scores: np.ndarray) -> float:
        """Estimate the mean of all folds: the incumbent's, plus the mean paired difference.

        Folds that did not run count as no difference. The first folds, with few rows to learn from,
        differ most; a mean over only these made the best score of a search 1 % worse.
        """
        return float(find_mean(np.where(np.isnan(scores), self.incumbent, scores)))


def set_threshold(scores: Sequence[np.ndarray]) -> Threshold | None:
    """Compute the threshold from trials that ran all folds, (n_folds,); None if too few."""
    if len(scores) < LEAST_TRIALS:
        return None
    incumbent = max(scores, key=find_mean)
    return Threshold(incumbent, np.max(scores, axis=0))


def describe_rule() -> dict[str, Any]:
    """Describe the rule by its constants, for a search's log."""
    return {"least_folds": LEAST_FOLDS, "least_trials": LEAST_TRIALS, "margin": MARGIN}
