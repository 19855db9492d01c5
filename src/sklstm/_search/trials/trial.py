"""Trials: one candidate's parameters, scored fold by fold.

A finished trial is one Trial. The input of the optimizer, its line in the log, the line of progress
and the row in `cv_results_` are all derived from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from sklstm._nested.gap import Gap
from sklstm._rows.folds import Fold
from sklstm._search.trials.scoring import ONE_METRIC, Scoring
from sklstm._search.values.averages import find_mean, near_the_largest_float


@dataclass(frozen=True)
class Candidate:
    """Parameters to be scored, and where the search found them."""

    params: dict[str, Any]
    point: tuple[float, ...] = ()  # these parameters as the optimizer knows them
    space: int = 0  # which of the search's spaces
    number: int = 0  # how many candidates of this space were asked before


@dataclass(frozen=True)
class Evaluation:
    """The data and settings that all trials of a search share."""

    estimator: Any
    X: Any
    y: Any  # None where the estimator learns without a target
    gap: Gap  # that the estimator needs between training and test rows
    folds: Sequence[Fold]
    scoring: Scoring
    fit_params: dict[str, Any]
    score_params: dict[str, Any]
    error_score: float | Literal["raise"]
    return_train_score: bool
    pruning: bool = False  # whether hopeless candidates are spared their last folds
    n_seeds: int = 1  # fits of a candidate on a fold, each with its own random_state


@dataclass(frozen=True)
class FoldScore:
    """The scores of one candidate on one fold."""

    test_scores: dict[str, float]  # by metric; empty if the fit or the scorer failed
    train_scores: dict[str, float]  # empty, too, where they were not asked for
    fit_time: float  # seconds
    score_time: float  # seconds
    error: str | None = None  # the exception's class and text, if there was one
    seed_scores: tuple[dict[str, float], ...] = ()  # test_scores of each seed, if there are several
    # Of the test rows; None where they are not known. Only those of the best trial are kept.
    residuals: np.ndarray | None = field(default=None, compare=False, repr=False)
    # Whether its process had fitted nothing before: TensorFlow starts in such a fit.
    in_new_process: bool = field(default=False, compare=False, repr=False)

    @property
    def seconds(self) -> float:
        """The duration of the fit and the scores."""
        return self.fit_time + self.score_time


class Outcome(NamedTuple):
    """The outcome of a point, as the optimizer receives it."""

    score: float  # greater is better; NaN where the trial failed
    seconds: float = np.nan  # what it took, NaN where that is not known
    variance: float = 0.0  # of the score, as far as several seeds tell it


@dataclass(frozen=True)
class Trial:
    """A candidate that was scored, on all folds unless it was dropped before."""

    candidate: Candidate
    folds: tuple[FoldScore | None, ...]  # None where it did not run
    objective: str = ONE_METRIC  # the metric that the search maximises
    estimate: float | None = None  # of the score, where the candidate was dropped

    @property
    def params(self) -> dict[str, Any]:
        """The candidate's parameters."""
        return self.candidate.params

    @cached_property  # read again with each trial, to find the best one
    def score(self) -> float:
        """The mean of the objective on the test rows of the folds; NaN unless the trial is ok."""
        return self.mean(self.objective)

    def mean(self, metric: str) -> float:
        """The mean of a metric over all folds; NaN if one failed or did not run."""
        return float(find_mean(self.list_scores(metric)))

    def list_scores(self, metric: str) -> np.ndarray:
        """List the metric on the test rows of each fold, NaN where it failed or did not run."""
        scores = [fold.test_scores.get(metric, np.nan) if fold else np.nan for fold in self.folds]
        return np.array(scores)

    @property
    def run_folds(self) -> list[FoldScore]:
        """The folds that ran."""
        return [fold for fold in self.folds if fold is not None]

    @property
    def residuals(self) -> np.ndarray | None:
        """The residuals of the test rows, fold after fold; None where not all are known."""
        by_fold = [fold.residuals for fold in self.run_folds if fold.residuals is not None]
        return np.concatenate(by_fold) if len(by_fold) == len(self.folds) else None

    def without_residuals(self) -> Trial:
        """Return the same trial without its residuals."""
        folds = tuple(fold and replace(fold, residuals=None) for fold in self.folds)
        return replace(self, folds=folds)

    @property
    def seconds(self) -> float:
        """The total duration of the fits and scores of all folds."""
        return sum(fold.seconds for fold in self.run_folds)

    @property
    def in_new_process(self) -> bool:
        """Whether one of its fits was the first of a process."""
        return any(fold.in_new_process for fold in self.run_folds)

    @cached_property
    def error(self) -> str | None:
        """The error of the first fold that failed, or None."""
        for number, fold in enumerate(self.folds):
            if fold is None:
                continue
            if fold.error is not None:
                return f"fold {number}: {fold.error}"
            score = fold.test_scores[self.objective]
            if not np.isfinite(score):
                return f"fold {number}: the score is {score}"
        return None

    @property
    def status(self) -> Literal["ok", "pruned", "failed"]:
        """Whether the score can be compared with others."""
        if self.error is not None:
            return "failed"
        return "pruned" if None in self.folds else "ok"

    @property
    def outcome(self) -> Outcome:
        """The outcome that the optimizer receives."""
        if self.status == "failed":
            return Outcome(np.nan, self.seconds)
        score = self.score if self.estimate is None else self.estimate
        return Outcome(score, self.seconds, self.variance)

    @property
    def variance(self) -> float:
        """The variance of the mean over the seeds, of the folds that ran; 0 with one seed."""
        seeds = [fold.seed_scores for fold in self.run_folds]
        if not all(seeds):
            return 0.0
        scores = np.array([[seed[self.objective] for seed in fold] for fold in seeds])
        means = find_mean(scores, axis=0)  # (n_seeds,)
        with near_the_largest_float():
            return float(means.var(ddof=1) / len(means))


def make_trial(
    candidate: Candidate, folds: tuple[FoldScore | None, ...], scoring: Scoring
) -> Trial:
    """Combine the scores of the folds."""
    metrics = next((fold.test_scores for fold in folds if fold and fold.test_scores), None)
    objective = ONE_METRIC if metrics is None else scoring.choose_objective(metrics)
    return Trial(candidate, folds, objective)
