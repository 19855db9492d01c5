"""Trials: one candidate's parameters, scored fold by fold.

A finished trial is one Trial. What the optimizer is told, its line in the log, the line of progress
and the row in `cv_results_` all derive from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from time import perf_counter
from typing import Any, Literal, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.utils import _safe_indexing, indexable
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _num_samples

from sklstm.callbacks import FitTask, observing
from sklstm.residuals import find_residuals, overhearing
from sklstm.scoring import ONE_METRIC, Scoring

Fold = tuple[np.ndarray, np.ndarray]  # the numbers of the training rows, of the test rows


@dataclass(frozen=True)
class Candidate:
    """Parameters to be scored, and where the search found them."""

    params: dict[str, Any]
    point: tuple[float, ...] = ()  # these parameters as the optimizer knows them
    space: int = 0  # which of the search's spaces
    number: int = 0  # how many candidates of this space were asked before


@dataclass(frozen=True)
class Evaluation:
    """What all trials of a search share."""

    estimator: Any
    X: Any
    y: Any  # None where the estimator learns without a target
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
    """How one candidate did on one fold."""

    test_scores: dict[str, float]  # by metric; empty if the fit or the scorer failed
    train_scores: dict[str, float]  # empty, too, where they were not asked for
    fit_time: float  # seconds
    score_time: float  # seconds
    error: str | None = None  # the exception's class and text, if there was one
    seed_scores: tuple[dict[str, float], ...] = ()  # test_scores of each seed, if there are several
    # Of the test rows; None where they are not known. Only those of the best trial are kept.
    residuals: np.ndarray | None = field(default=None, compare=False, repr=False)


class Outcome(NamedTuple):
    """What the optimizer is told of a point."""

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

    @cached_property  # with each trial, the best one so far is told
    def score(self) -> float:
        """The mean of the objective on the test rows of the folds; NaN unless the trial is ok."""
        return self.mean(self.objective)

    def mean(self, metric: str) -> float:
        """The mean of a metric over all folds; NaN if one failed or did not run."""
        with np.errstate(invalid="ignore", over="ignore"):  # infinite scores, or a sum that is
            return float(np.mean(self.list_scores(metric)))

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
        """What the fits and scores of all folds took."""
        return sum(fold.fit_time + fold.score_time for fold in self.run_folds)

    @cached_property
    def error(self) -> str | None:
        """Why the trial failed, by its first fold that did, or None."""
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
        """What the optimizer is told."""
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
        means = scores.mean(axis=0)  # (n_seeds,)
        return float(means.var(ddof=1) / len(means))


def make_trial(
    candidate: Candidate, folds: tuple[FoldScore | None, ...], scoring: Scoring
) -> Trial:
    """Put the scores of the folds together."""
    metrics = next((fold.test_scores for fold in folds if fold and fold.test_scores), None)
    objective = ONE_METRIC if metrics is None else scoring.choose_objective(metrics)
    return Trial(candidate, folds, objective)


def score_on_fold(
    evaluation: Evaluation, params: dict[str, Any], fold: int, tasks: Sequence[FitTask] = ()
) -> FoldScore:
    """Fit the candidate on the training rows of a fold and score it on the test rows.

    With several seeds the scores are their means, the seconds their sums, and the residuals those
    of the first, which is the seed of the fit on all rows.
    """
    by_seed: list[FoldScore] = []
    for seed in range(evaluation.n_seeds):
        estimator = _make_candidate(evaluation, params)
        if seed > 0:
            reseed(estimator, seed)
        by_seed.append(_fit_and_score(estimator, evaluation, fold, tasks[seed] if tasks else None))
        if by_seed[-1].error is not None:
            break
    return by_seed[0] if len(by_seed) == 1 else average_seeds(by_seed)


def average_seeds(by_seed: Sequence[FoldScore]) -> FoldScore:
    """Take the mean of the scores of all seeds, or the error of the last one."""
    failed = by_seed[-1].error is not None
    return FoldScore(
        {} if failed else _average([one.test_scores for one in by_seed]),
        {} if failed else _average([one.train_scores for one in by_seed]),
        sum(one.fit_time for one in by_seed),
        sum(one.score_time for one in by_seed),
        by_seed[-1].error,
        () if failed else tuple(one.test_scores for one in by_seed),
        None if failed else by_seed[0].residuals,
    )


def _average(scores: Sequence[dict[str, float]]) -> dict[str, float]:
    with np.errstate(invalid="ignore", over="ignore"):  # infinite scores, or a sum that is
        return {name: float(np.mean([one[name] for one in scores])) for name in scores[0]}


def reseed(estimator: Any, number: int) -> Any:
    """Move each random_state of an estimator and its parts that is an int on by so many."""
    seeds = {
        name: (seed + number) % 2**32
        for name, seed in find_random_states(estimator).items()
        if isinstance(seed, int | np.integer)
    }
    return estimator.set_params(**seeds)


def find_random_states(estimator: Any) -> dict[str, Any]:
    """Find the random_state of an estimator and of its parts, by the name of the parameter."""
    params = estimator.get_params(deep=True)
    return {n: value for n, value in params.items() if n.rsplit("__", 1)[-1] == "random_state"}


def _fit_and_score(
    estimator: Any, evaluation: Evaluation, fold: int, task: FitTask | None
) -> FoldScore:
    train, test = evaluation.folds[fold]
    began = perf_counter()
    try:
        with observing(task, estimator):
            _fit(estimator, evaluation, train)
        fitted = perf_counter()
        test_answer, residuals = _score(estimator, evaluation, test, train)
        scored = perf_counter()
        train_answer, _ = (
            _score(estimator, evaluation, train) if evaluation.return_train_score else (None, None)
        )
    except Exception as error:
        if evaluation.error_score == "raise":
            raise
        return FoldScore({}, {}, perf_counter() - began, 0.0, _describe(error))
    read = evaluation.scoring.read
    return FoldScore(
        read(test_answer),
        read(train_answer) if evaluation.return_train_score else {},
        fitted - began,
        scored - fitted,
        residuals=residuals,
    )


def fit_on_all_rows(
    evaluation: Evaluation, params: dict[str, Any], task: FitTask | None = None
) -> Any:
    """Fit the candidate as in a trial, but on all rows, and return it."""
    estimator = _make_candidate(evaluation, params)
    with observing(task, estimator):
        estimator.fit(evaluation.X, *_targets(evaluation.y), **evaluation.fit_params)
    return estimator


def _make_candidate(evaluation: Evaluation, params: dict[str, Any]) -> Any:
    # Parameters are cloned too: they may be estimators, which other folds fit at the same time.
    return clone(evaluation.estimator).set_params(**clone(params, safe=False))


def _fit(estimator: Any, evaluation: Evaluation, train: np.ndarray) -> None:
    X, y = _safe_split(estimator, evaluation.X, evaluation.y, train)
    params = take_rows(evaluation.fit_params, train, _num_samples(evaluation.X))
    estimator.fit(X, *_targets(y), **params)


def _score(
    estimator: Any, evaluation: Evaluation, rows: np.ndarray, train: np.ndarray | None = None
) -> tuple[Any, np.ndarray | None]:
    """Return what the scorer says of these rows, and their residuals if it predicted them."""
    # Where X is a matrix of similarities, its columns are the training rows.
    X, y = _safe_split(estimator, evaluation.X, evaluation.y, rows, train)
    params = take_rows(evaluation.score_params, rows, _num_samples(evaluation.X))
    with overhearing(estimator, X) as predictions:
        answer = evaluation.scoring.scorer(estimator, X, *_targets(y), **params)
    return answer, find_residuals(y, predictions)


def _targets(y: Any) -> tuple[Any, ...]:
    return () if y is None else (y,)


def take_rows(params: dict[str, Any], rows: np.ndarray | slice, n_rows: int) -> dict[str, Any]:
    """Cut what has one entry per row, such as sample_weight, to the rows; leave the rest."""
    return {
        name: _safe_indexing(indexable(value)[0], rows) if _has_rows(value, n_rows) else value
        for name, value in params.items()
    }


def _has_rows(value: Any, n_rows: int) -> bool:
    is_array_like = hasattr(value, "shape") or hasattr(value, "__len__")
    return is_array_like and not isinstance(value, str) and _num_samples(value) == n_rows


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
