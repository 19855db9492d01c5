"""Trials: one candidate's parameters, scored fold by fold.

A finished trial is one Trial. What the optimizer is told, its line in the log, the line of progress
and the row in `cv_results_` all derive from it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from time import perf_counter
from typing import Any, Literal, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.utils import _safe_indexing, indexable
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _num_samples

from sklstm.callbacks import FitTask, observing
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


@dataclass(frozen=True)
class FoldScore:
    """How one candidate did on one fold."""

    test_scores: dict[str, float]  # by metric; empty if the fit or the scorer failed
    train_scores: dict[str, float]  # empty, too, where they were not asked for
    fit_time: float  # seconds
    score_time: float  # seconds
    error: str | None = None  # the exception's class and text, if there was one


class Outcome(NamedTuple):
    """What the optimizer is told of a point."""

    score: float  # greater is better; NaN where the trial failed
    seconds: float = np.nan  # what it took, NaN where that is not known


@dataclass(frozen=True)
class Trial:
    """A candidate that was scored on all folds."""

    candidate: Candidate
    folds: tuple[FoldScore, ...]
    objective: str = ONE_METRIC  # the metric that the search maximises

    @property
    def params(self) -> dict[str, Any]:
        """The candidate's parameters."""
        return self.candidate.params

    @cached_property  # with each trial, the best one so far is told
    def score(self) -> float:
        """The mean of the objective on the test rows of the folds; NaN if a fold failed."""
        return self.mean(self.objective)

    def mean(self, metric: str) -> float:
        """The mean of a metric on the test rows of the folds; NaN if a fold failed."""
        with np.errstate(invalid="ignore", over="ignore"):  # infinite scores, or a sum that is
            return float(np.mean([fold.test_scores.get(metric, np.nan) for fold in self.folds]))

    @property
    def seconds(self) -> float:
        """What the fits and scores of all folds took."""
        return sum(fold.fit_time + fold.score_time for fold in self.folds)

    @cached_property
    def error(self) -> str | None:
        """Why the trial failed, by its first fold that did, or None."""
        for number, fold in enumerate(self.folds):
            if fold.error is not None:
                return f"fold {number}: {fold.error}"
            score = fold.test_scores[self.objective]
            if not np.isfinite(score):
                return f"fold {number}: the score is {score}"
        return None

    @property
    def status(self) -> Literal["ok", "failed"]:
        """Whether the score can be compared with others."""
        return "ok" if self.error is None else "failed"

    @property
    def outcome(self) -> Outcome:
        """What the optimizer is told."""
        return Outcome(self.score if self.status == "ok" else np.nan, self.seconds)


def run_trials(
    parallel: Parallel,
    evaluation: Evaluation,
    candidates: Sequence[Candidate],
    is_over: Callable[[], bool] = lambda: False,
    tasks: Sequence[Sequence[FitTask | None]] | None = None,
) -> Iterator[Trial]:
    """Score the candidates on all folds, as many fits side by side as parallel allows.

    Yields each trial when its last fold is done. `parallel` returns a generator. `is_over` is asked
    after each fold; what is not done then is left. Fits of more rows are dispatched first: a long
    one that began last would run alone. tasks[candidate][fold]: what scikit-learn's callbacks know
    of this fit.
    """
    folds = evaluation.folds
    pairs = product(range(len(candidates)), range(len(folds)))
    longest_first = sorted(pairs, key=lambda pair: -len(folds[pair[1]][0]))
    scores: dict[int, dict[int, FoldScore]] = {number: {} for number in range(len(candidates))}
    with cancelling(
        parallel(
            delayed(score_on_fold)(
                evaluation,
                candidates[number].params,
                fold,
                None if tasks is None else tasks[number][fold],
            )
            for number, fold in longest_first
        )
    ) as results:
        for (number, fold), score in zip(longest_first, results, strict=True):
            scores[number][fold] = score
            if len(scores[number]) == len(folds):
                in_order = tuple(scores[number][place] for place in range(len(folds)))
                yield make_trial(candidates[number], in_order, evaluation.scoring)
            if is_over():
                return


@contextmanager
def cancelling(results: Any) -> Iterator[Any]:
    """Iterate over joblib's results; on the way out, cancel those that were not waited for."""
    try:
        yield results
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # joblib warns that they are cancelled, as they are
            if not isinstance(results, list):  # all are there
                results.close()


def make_trial(candidate: Candidate, folds: tuple[FoldScore, ...], scoring: Scoring) -> Trial:
    """Put the scores of all folds together."""
    metrics = next((fold.test_scores for fold in folds if fold.test_scores), None)
    objective = ONE_METRIC if metrics is None else scoring.choose_objective(metrics)
    return Trial(candidate, folds, objective)


def score_on_fold(
    evaluation: Evaluation, params: dict[str, Any], fold: int, task: FitTask | None = None
) -> FoldScore:
    """Fit the candidate on the training rows of a fold and score it on the test rows."""
    train, test = evaluation.folds[fold]
    estimator = _make_candidate(evaluation, params)
    began = perf_counter()
    try:
        with observing(task, estimator):
            _fit(estimator, evaluation, train)
        fitted = perf_counter()
        test_answer = _score(estimator, evaluation, test, train)
        scored = perf_counter()
        train_answer = (
            _score(estimator, evaluation, train) if evaluation.return_train_score else None
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
) -> Any:
    # Where X is a matrix of similarities, its columns are the training rows.
    X, y = _safe_split(estimator, evaluation.X, evaluation.y, rows, train)
    params = take_rows(evaluation.score_params, rows, _num_samples(evaluation.X))
    return evaluation.scoring.scorer(estimator, X, *_targets(y), **params)


def _targets(y: Any) -> tuple[Any, ...]:
    return () if y is None else (y,)


def take_rows(params: dict[str, Any], rows: np.ndarray, n_rows: int) -> dict[str, Any]:
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
