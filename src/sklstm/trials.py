"""Trials: one candidate's parameters, scored fold by fold.

A finished trial is one Trial. What the optimizer is told, the line of progress and the row in
`cv_results_` all derive from it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from numbers import Real
from time import perf_counter
from typing import Any, Literal

import numpy as np
from scipy.stats import rankdata
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.utils import _safe_indexing, indexable
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _num_samples

Fold = tuple[np.ndarray, np.ndarray]  # the numbers of the training rows, of the test rows


@dataclass(frozen=True)
class Evaluation:
    """What all trials of a search share."""

    estimator: Any
    X: Any
    y: Any  # None where the estimator learns without a target
    folds: Sequence[Fold]
    scorer: Callable[..., float]
    fit_params: dict[str, Any]
    score_params: dict[str, Any]
    error_score: float | Literal["raise"]
    return_train_score: bool


@dataclass(frozen=True)
class FoldScore:
    """How one candidate did on one fold."""

    test_score: float
    train_score: float
    fit_time: float  # seconds
    score_time: float  # seconds
    error: str | None = None  # the exception's class and text, if there was one


@dataclass(frozen=True)
class Trial:
    """A candidate that was scored on all folds."""

    params: dict[str, Any]
    folds: tuple[FoldScore, ...]

    @property
    def score(self) -> float:
        """The mean score on the test rows of the folds."""
        with np.errstate(invalid="ignore"):  # infinite scores of both signs
            return float(np.mean([fold.test_score for fold in self.folds]))

    @property
    def error(self) -> str | None:
        """Why the trial failed, by its first fold that did, or None."""
        for number, fold in enumerate(self.folds):
            if fold.error is not None:
                return f"fold {number}: {fold.error}"
            if not np.isfinite(fold.test_score):
                return f"fold {number}: the score is {fold.test_score}"
        return None

    @property
    def status(self) -> Literal["ok", "failed"]:
        """Whether the score can be compared with others."""
        return "ok" if self.error is None else "failed"


def run_trials(
    parallel: Parallel, evaluation: Evaluation, candidates: Sequence[dict[str, Any]]
) -> list[Trial]:
    """Score the candidates on all folds, as many fits side by side as parallel allows.

    Fits of more rows are dispatched first: a long one that began last would run alone.
    """
    folds = evaluation.folds
    pairs = product(range(len(candidates)), range(len(folds)))
    longest_first = sorted(pairs, key=lambda pair: -len(folds[pair[1]][0]))
    results = parallel(
        delayed(score_on_fold)(evaluation, candidates[number], folds[fold])
        for number, fold in longest_first
    )
    scores = dict(zip(longest_first, results, strict=True))
    return [
        Trial(params, tuple(scores[number, fold] for fold in range(len(folds))))
        for number, params in enumerate(candidates)
    ]


def score_on_fold(evaluation: Evaluation, params: dict[str, Any], fold: Fold) -> FoldScore:
    """Fit the candidate on the training rows of a fold and score it on the test rows."""
    train, test = fold
    estimator = _make_candidate(evaluation, params)
    began = perf_counter()
    try:
        _fit(estimator, evaluation, train)
        fitted = perf_counter()
        test_score = _score(estimator, evaluation, test, train)
        scored = perf_counter()
        train_score = _score(estimator, evaluation, train) if evaluation.return_train_score else 0.0
    except Exception as error:
        if evaluation.error_score == "raise":
            raise
        score = float(evaluation.error_score)
        return FoldScore(score, score, perf_counter() - began, 0.0, _describe(error))
    return FoldScore(
        _check_number(test_score), _check_number(train_score), fitted - began, scored - fitted
    )


def fit_on_all_rows(evaluation: Evaluation, params: dict[str, Any]) -> Any:
    """Fit the candidate as in a trial, but on all rows, and return it."""
    estimator = _make_candidate(evaluation, params)
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
    return evaluation.scorer(estimator, X, *_targets(y), **params)


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


def _check_number(score: Any) -> float:
    score = score.item() if hasattr(score, "item") else score
    if not isinstance(score, Real):
        raise TypeError(
            f"scoring must give one number for each fold, but gave {score!r}. Use a single metric."
        )
    return float(score)


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def make_cv_results(trials: Sequence[Trial], return_train_score: bool) -> dict[str, Any]:
    """Make the table that `GridSearchCV` calls `cv_results_`, a column per key, a row per trial.

    It has two columns more: `status`, and `error`, the reason why a trial failed.
    """
    folds = [trial.folds for trial in trials]
    results = {
        **_summarise("fit_time", [[fold.fit_time for fold in row] for row in folds]),
        **_summarise("score_time", [[fold.score_time for fold in row] for row in folds]),
        **_make_param_columns([trial.params for trial in trials]),
        "params": [trial.params for trial in trials],
        "status": np.array([trial.status for trial in trials], dtype=object),
        "error": np.array([trial.error for trial in trials], dtype=object),
    }
    test_scores = [[fold.test_score for fold in row] for row in folds]
    results |= _split_columns("test_score", test_scores) | _summarise("test_score", test_scores)
    results["rank_test_score"] = rank_trials(trials)
    if return_train_score:
        train_scores = [[fold.train_score for fold in row] for row in folds]
        results |= _split_columns("train_score", train_scores)
        results |= _summarise("train_score", train_scores)
    return results


def rank_trials(trials: Sequence[Trial]) -> np.ndarray:
    """Rank the trials, 1 for the best; all that failed share the last rank."""
    losses = [-trial.score if trial.status == "ok" else np.inf for trial in trials]
    return rankdata(losses, method="min").astype(np.int32)


def _split_columns(name: str, values: list[list[float]]) -> dict[str, np.ndarray]:
    return {f"split{fold}_{name}": column for fold, column in enumerate(np.array(values).T)}


def _summarise(name: str, values: list[list[float]]) -> dict[str, np.ndarray]:
    with np.errstate(invalid="ignore"):  # a failed trial may have infinite scores
        return {f"mean_{name}": np.mean(values, axis=1), f"std_{name}": np.std(values, axis=1)}


def _make_param_columns(candidates: list[dict[str, Any]]) -> dict[str, np.ma.MaskedArray]:
    """Make a column per parameter, masked in the rows of candidates that do not have it."""
    names = dict.fromkeys(name for params in candidates for name in params)
    return {f"param_{name}": _make_param_column(name, candidates) for name in names}


def _make_param_column(name: str, candidates: list[dict[str, Any]]) -> np.ma.MaskedArray:
    values = [params[name] for params in candidates if name in params]
    column = np.ma.masked_all(len(candidates), dtype=_find_column_type(values))
    for row, params in enumerate(candidates):
        if name in params:
            column[row] = params[name]
    return column


def _find_column_type(values: list[Any]) -> type:
    """Numbers of one kind make a column of that kind, as in GridSearchCV; all else, objects."""
    kinds = {type(value) for value in values}
    return kinds.pop() if kinds in ({bool}, {int}, {float}) else object


def describe_progress(trials: Sequence[Trial]) -> str:
    """Describe the last trial and the best so far."""
    last = trials[-1]
    outcome = f"score {last.score:.5g}" if last.status == "ok" else str(last.error).splitlines()[0]
    best = max((trial.score for trial in trials if trial.status == "ok"), default=np.nan)
    return f"{last.status}, {outcome}, best {best:.5g}"


def report_failures(trials: Sequence[Trial]) -> None:
    """Warn about trials that failed; if all did, raise the first cause."""
    failed = [trial for trial in trials if trial.status == "failed"]
    if not failed:
        return
    cause = f"The first, {failed[0].params}, in {failed[0].error}"
    if len(failed) == len(trials):
        raise ValueError(
            f"All {len(trials)} candidates failed. {cause}\n"
            "Set error_score='raise' to see where it comes from."
        )
    warnings.warn(
        f"{len(failed)} of {len(trials)} candidates failed and rank last, as cv_results_['error'] "
        f"tells. {cause}",
        FitFailedWarning,
        stacklevel=3,
    )
