"""Pruning over folds: when a candidate is not worth its next fold.

A candidate is compared with the incumbent, the best trial so far, fold by fold. It is dropped when
it lies so far behind that it would not catch up on the folds that are left, even with the best
score that any trial has had on each of these, and half as much lead again.

The bound is in the scores' own unit and knows how much each fold can bring: where one fold decides
all, as a year of crisis does, nothing is dropped before it. A paired t-test of two or three folds
dropped fewer of the hopeless and lost the best one more often: docs/search_strategies.md.
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
    """What a candidate has to reach; scores of which greater is better, one for each fold."""

    incumbent: np.ndarray  # (n_folds,), of the best trial
    best: np.ndarray  # (n_folds,), the best that any trial had on this fold
    least_folds: int = LEAST_FOLDS
    margin: float = MARGIN

    def is_out_of_reach(self, scores: np.ndarray) -> bool:
        """Tell whether a candidate with these scores, NaN for folds to come, is to be dropped."""
        is_left = np.isnan(scores)
        if np.sum(~is_left) < self.least_folds or not is_left.any():
            return False
        with near_the_largest_float():
            behind = np.sum(self.incumbent - scores, where=~is_left)
            lead = np.sum(self.best - self.incumbent, where=is_left)
            return bool(behind > (1 + self.margin) * lead)

    def estimate_mean(self, scores: np.ndarray) -> float:
        """Estimate the mean of all folds: the incumbent's, and the mean paired difference.

        Folds that did not run count as no difference. The first ones, with few rows to learn from,
        differ most; a mean over these alone made the best score of a search 1 % worse.
        """
        return float(find_mean(np.where(np.isnan(scores), self.incumbent, scores)))


def set_threshold(scores: Sequence[np.ndarray]) -> Threshold | None:
    """Set the threshold by trials that ran all folds, (n_folds,) each; None if they are too few."""
    if len(scores) < LEAST_TRIALS:
        return None
    incumbent = max(scores, key=find_mean)
    return Threshold(incumbent, np.max(scores, axis=0))


def describe_rule() -> dict[str, Any]:
    """Describe the rule by what decides it, for a search's log."""
    return {"least_folds": LEAST_FOLDS, "least_trials": LEAST_TRIALS, "margin": MARGIN}
