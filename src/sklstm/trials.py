"""Trials: one candidate's parameters, scored fold by fold.

A finished trial is one Trial. What the optimizer is told, its line in the log, the line of progress
and the row in `cv_results_` all derive from it.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from time import perf_counter
from typing import Any, Literal, NamedTuple

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import clone
from sklearn.utils import _safe_indexing, indexable
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _num_samples

from sklstm.callbacks import FitTask, observing
from sklstm.pruning import LEAST_FOLDS, Bar
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
        return Outcome(self.score if self.estimate is None else self.estimate, self.seconds)


def run_trials(
    parallel: Parallel,
    evaluation: Evaluation,
    candidates: Sequence[Candidate],
    is_over: Callable[[], bool] = lambda: False,
    tasks: Sequence[Sequence[FitTask | None]] | None = None,
    bar: Bar | None = None,
) -> Iterator[Trial]:
    """Score the candidates on the folds, as many fits side by side as parallel allows.

    Yields each trial when its last fold is done. `parallel` returns a generator. `is_over` is asked
    after each fold; what is not done then is left. tasks[candidate][fold]: what scikit-learn's
    callbacks know of this fit. With a bar, the folds run in rounds, those with few training rows
    first, and a candidate that will not reach the bar is dropped between two rounds.
    """
    folds = evaluation.folds
    order = sorted(range(len(folds)), key=lambda fold: len(folds[fold][0]))
    scores: list[dict[int, FoldScore]] = [{} for _ in candidates]
    running = list(range(len(candidates)))
    n_done = 0  # folds of each that runs
    while running:
        next_folds = order[n_done:]
        if bar is not None:
            n_workers = effective_n_jobs(parallel.n_jobs)
            next_folds = next_folds[: count_next_folds(n_done, len(running), n_workers)]
        n_done += len(next_folds)
        fits = list_fits(running, next_folds, folds)
        left = Counter(number for number, _ in fits)
        with cancelling(parallel(prepare_fits(evaluation, candidates, fits, tasks))) as results:
            for (number, fold), score in zip(fits, results, strict=True):
                scores[number][fold] = score
                left[number] -= 1
                if not left[number]:
                    trial = conclude(candidates[number], scores[number], order, evaluation, bar)
                    if trial is not None:
                        running.remove(number)
                        yield trial
                if is_over():
                    return


def count_next_folds(n_done: int, n_candidates: int, n_workers: int) -> int:
    """Count the folds of each candidate for the next round.

    One, or in the first round those that run in any case; more only where workers would be idle.
    """
    return max(1, LEAST_FOLDS - n_done, n_workers // n_candidates)


def list_fits(
    candidates: Sequence[int], folds: Sequence[int], splits: Sequence[Fold]
) -> list[tuple[int, int]]:
    """List (candidate, fold), more training rows first: a long fit that began last runs alone."""
    pairs = product(candidates, sorted(folds))
    return sorted(pairs, key=lambda pair: -len(splits[pair[1]][0]))


def prepare_fits(
    evaluation: Evaluation,
    candidates: Sequence[Candidate],
    fits: Sequence[tuple[int, int]],
    tasks: Sequence[Sequence[FitTask | None]] | None,
) -> Iterator[Any]:
    """Prepare the fits, (candidate, fold) each, for joblib."""
    for number, fold in fits:
        task = None if tasks is None else tasks[number][fold]
        yield delayed(score_on_fold)(
            evaluation, candidates[number].params, evaluation.folds[fold], task
        )


def conclude(
    candidate: Candidate,
    scores: Mapping[int, FoldScore],
    order: Sequence[int],
    evaluation: Evaluation,
    bar: Bar | None,
) -> Trial | None:
    """Make the trial if its folds so far decide it; None if it is to run the next one.

    Folds that ran beyond the one that decided it, on workers that had nothing else to do, are left
    out: how many there are must not show.
    """
    counted: dict[int, FoldScore] = {}
    for fold in order:
        if fold not in scores:
            return None
        counted[fold] = scores[fold]
        in_order = tuple(counted.get(place) for place in range(len(order)))
        trial = make_trial(candidate, in_order, evaluation.scoring)
        if bar is not None and trial.status == "failed":
            break
        run = trial.list_scores(trial.objective)
        if bar is not None and bar.is_out_of_reach(run):
            return replace(trial, estimate=bar.estimate_mean(run))
    return trial


@contextmanager
def cancelling(results: Any) -> Iterator[Any]:
    """Iterate over joblib's results; on the way out, cancel those that were not waited for."""
    try:
        yield results
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # joblib warns that they are cancelled, as they are
            results.close()


def make_trial(
    candidate: Candidate, folds: tuple[FoldScore | None, ...], scoring: Scoring
) -> Trial:
    """Put the scores of the folds together."""
    metrics = next((fold.test_scores for fold in folds if fold and fold.test_scores), None)
    objective = ONE_METRIC if metrics is None else scoring.choose_objective(metrics)
    return Trial(candidate, folds, objective)


def score_on_fold(
    evaluation: Evaluation, params: dict[str, Any], fold: Fold, task: FitTask | None = None
) -> FoldScore:
    """Fit the candidate on the training rows of a fold and score it on the test rows."""
    train, test = fold
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
