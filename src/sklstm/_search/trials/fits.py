"""Fits of a candidate: on one fold, with each seed, and on all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.base import clone, is_regressor

from sklstm._callbacks import name_metadata
from sklstm._nested.between import hand_over_between
from sklstm._nested.metadata import take_rows
from sklstm._nested.parts import find_params
from sklstm._search.trials.residuals import find_residuals, overhearing
from sklstm._search.trials.scoring import reads_paths
from sklstm._search.trials.tasks import FitTask, observing
from sklstm._search.trials.trial import Evaluation, FoldScore
from sklstm._search.values.averages import find_mean
from sklstm._sklearn_compat import num_samples, safe_split

_has_fitted = False  # whether this process has


def score_on_fold(
    evaluation: Evaluation, params: dict[str, Any], fold: int, tasks: Sequence[FitTask] = ()
) -> FoldScore:
    """Fit the candidate on the training rows of a fold and score it on the test rows.

    With several seeds, scores are averaged, seconds are summed, and the residuals are those of the
    first seed, which is also the seed of the fit on all rows.
    """
    in_new_process = _note_fit()
    by_seed: list[FoldScore] = []
    for seed in range(evaluation.n_seeds):
        estimator = _make_candidate(evaluation, params)
        if seed > 0:
            reseed(estimator, seed)
        by_seed.append(_fit_and_score(estimator, evaluation, fold, tasks[seed] if tasks else None))
        if by_seed[-1].error is not None:
            break
    score = by_seed[0] if len(by_seed) == 1 else average_seeds(by_seed)
    return replace(score, in_new_process=in_new_process)


def _note_fit() -> bool:
    """Note that this process fits; return whether it is the first time."""
    global _has_fitted
    is_first, _has_fitted = not _has_fitted, True
    return is_first


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
    return {name: float(find_mean([one[name] for one in scores])) for name in scores[0]}


def reseed(estimator: Any, number: int) -> Any:
    """Add `number` to every integer `random_state` of an estimator and its nested parts."""
    seeds = {
        name: (seed + number) % 2**32
        for name, seed in find_params(estimator, "random_state").items()
        if isinstance(seed, int | np.integer)
    }
    return estimator.set_params(**seeds)


def _fit_and_score(
    estimator: Any, evaluation: Evaluation, fold: int, task: FitTask | None
) -> FoldScore:
    train, test = evaluation.folds[fold]
    began = perf_counter()
    try:
        _fit(estimator, evaluation, train, task)
        fit_time = perf_counter() - began
        # Before the test rows, while the model keeps only these rows and is sure to recognise them.
        train_answer, _ = (
            _score(estimator, evaluation, train) if evaluation.return_train_score else (None, None)
        )
        began_to_score = perf_counter()
        hand_over_between(estimator, evaluation.X, evaluation.y, train, test)
        test_answer, residuals = _score(estimator, evaluation, test, train)
        score_time = perf_counter() - began_to_score
    except Exception as error:
        if evaluation.error_score == "raise":
            raise
        return FoldScore({}, {}, perf_counter() - began, 0.0, _describe(error))
    read = evaluation.scoring.read
    return FoldScore(
        read(test_answer),
        read(train_answer) if evaluation.return_train_score else {},
        fit_time,
        score_time,
        residuals=residuals,
    )


def fit_on_all_rows(
    evaluation: Evaluation, params: dict[str, Any], task: FitTask | None = None
) -> Any:
    """Fit the candidate as in a trial, but on all rows, and return it."""
    estimator = _make_candidate(evaluation, params)
    _fit_observed(estimator, evaluation.X, evaluation.y, evaluation.fit_params, task)
    return estimator


def _make_candidate(evaluation: Evaluation, params: dict[str, Any]) -> Any:
    # Parameters are cloned too: they may be estimators, which other folds fit at the same time.
    return clone(evaluation.estimator).set_params(**clone(params, safe=False))


def _fit(estimator: Any, evaluation: Evaluation, train: np.ndarray, task: FitTask | None) -> None:
    X, y = safe_split(estimator, evaluation.X, evaluation.y, train)
    params = take_rows(evaluation.fit_params, train, num_samples(evaluation.X))
    _fit_observed(estimator, X, y, params, task)


def _fit_observed(
    estimator: Any, X: Any, y: Any, params: dict[str, Any], task: FitTask | None
) -> None:
    with observing(task, estimator, X=X, y=y, metadata=name_metadata(params)):
        estimator.fit(X, *_targets(y), **params)


def _score(
    estimator: Any, evaluation: Evaluation, rows: np.ndarray, train: np.ndarray | None = None
) -> tuple[Any, np.ndarray | None]:
    """Return the scores of these rows, and their residuals if they were predicted."""
    # Where X is a matrix of similarities, its columns are the training rows.
    X, y = safe_split(estimator, evaluation.X, evaluation.y, rows, train)
    params = take_rows(evaluation.score_params, rows, num_samples(evaluation.X))
    with overhearing(estimator, X) as predictions:
        answer = evaluation.scoring.scorer(estimator, X, *_targets(y), **params)
        if not predictions and is_regressor(estimator) and reads_paths(evaluation.scoring.scorer):
            estimator.predict(X)  # for the residuals: paths and quantiles are asked for elsewhere
    return answer, find_residuals(y, predictions)


def _targets(y: Any) -> tuple[Any, ...]:
    return () if y is None else (y,)


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
