"""The scoring of candidates: one metric or several, and the one that a search maximises."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from inspect import signature
from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import is_regressor
from sklearn.metrics import (
    check_scoring,
    mean_absolute_error,
    mean_pinball_loss,
    root_mean_squared_error,
)

from sklstm._nested.reaching import can_reach, count_steps
from sklstm.evaluation._path_scorer import make_path_scorer

ONE_STANDARD_ERROR = "one_standard_error"  # a rule that refit may name in place of a metric
ONE_METRIC = "score"  # as scikit-learn's searches call a single metric in cv_results_
PATH_SCORERS = {  # names that scikit-learn does not know
    "neg_root_mean_squared_error_path": make_path_scorer(root_mean_squared_error),
    "neg_mean_absolute_error_path": make_path_scorer(mean_absolute_error),
    "neg_mean_pinball_loss_path": make_path_scorer(mean_pinball_loss, quantiles=True),
}


@dataclass(frozen=True)
class Scoring:
    """A scorer, the metrics it computes, and the one to maximise."""

    scorer: Callable[..., Any]  # of (estimator, X, y); gives a number, or one for each metric
    # None for a callable: only its answer shows whether it gives one or several.
    metrics: tuple[str, ...] | None
    wish: str | None  # the metric to maximise; None: the only one
    refit: str | None = None  # the metric that refit names, if it names one

    def read(self, answer: Any) -> dict[str, float]:
        """Read the result of the scorer, a number for each metric."""
        if not isinstance(answer, Mapping):
            return {ONE_METRIC: _check_number(ONE_METRIC, answer)}
        if not answer:
            raise TypeError(
                "scoring returned an empty dict; it must return one number for each metric."
            )
        return {str(name): _check_number(name, score) for name, score in answer.items()}

    def show_scorer(self) -> Any:
        """Return the scorer as scikit-learn's searches keep it: a dict where there are several."""
        return getattr(self.scorer, "_scorers", self.scorer)

    def choose_objective(self, metrics: Iterable[str]) -> str:
        """Choose which of these metrics to maximise; a ValueError if the choice is not clear."""
        metrics = list(metrics)
        if metrics == [ONE_METRIC]:
            return ONE_METRIC
        if self.refit not in (None, *metrics):
            raise ValueError(
                f"scoring has the metrics {metrics}, but refit={self.refit!r} is not one of them."
            )
        if len(metrics) == 1 and self.wish is None:
            return metrics[0]
        if self.wish in metrics:
            return str(self.wish)
        raise ValueError(
            f"scoring has the metrics {metrics}, but objective={self.wish!r} is not one of them. "
            "Name the metric to maximise in objective or in refit."
        )


def read_scoring(estimator: Any, scoring: Any, objective: str | None, refit: Any) -> Scoring:
    """Read the search's parameters, and choose what is left open as `choose_scorer` does."""
    if objective is not None and (scoring is None or isinstance(scoring, str)):
        raise ValueError(
            f"objective={objective!r} selects one of several metrics, but scoring={scoring!r} is a "
            "single one. Leave objective at None, or use a list or dict as scoring."
        )
    named = refit if isinstance(refit, str) and refit != ONE_STANDARD_ERROR else None
    scorer, metrics = choose_scorer(estimator, scoring), name_metrics(scoring)
    read = Scoring(scorer, metrics, wish=objective or named, refit=named)
    if read.metrics is not None:
        read.choose_objective(read.metrics)
    return read


def choose_scorer(estimator: Any, scoring: Any) -> Any:
    """Choose the scorer; by default, the one for the forecasts that a regressor is fitted for.

    These are quantiles, whole paths or predictions. Other estimators use their own `score`.
    """
    if scoring is None and is_regressor(estimator):
        scoring = _name_default(estimator)
    return check_scoring(estimator, with_path_scorers(scoring))


def _name_default(regressor: Any) -> str:
    """Name the default score of a regressor, from its parameters and those of the model inside."""
    if can_reach(regressor, "predict_steps_quantiles"):
        return "neg_mean_pinball_loss_path"
    of_paths = "_path" if count_steps(regressor) > 1 else ""
    return f"neg_root_mean_squared_error{of_paths}"


def with_path_scorers(scoring: Any) -> Any:
    """Replace the names of path scorers, alone or among others, by the scorers themselves."""
    if isinstance(scoring, str):
        return PATH_SCORERS.get(scoring, scoring)
    if isinstance(scoring, Mapping):
        return {name: with_path_scorers(each) for name, each in scoring.items()}
    if not isinstance(scoring, list | tuple | set) or PATH_SCORERS.keys().isdisjoint(scoring):
        return scoring
    if len(set(scoring)) < len(scoring):
        return scoring  # a metric named twice is for scikit-learn to refuse
    return {name: with_path_scorers(name) for name in scoring}


def name_metrics(scoring: Any) -> tuple[str, ...] | None:
    """Name the metrics as in the columns of cv_results_; None for a callable not called yet."""
    if scoring is None or isinstance(scoring, str):
        return (ONE_METRIC,)
    return None if callable(scoring) else tuple(sorted(scoring))


def list_scorers(scorer: Any) -> dict[str, Any]:
    """List the scorers that scikit-learn combined into one, by metric."""
    if isinstance(scorer, dict):
        return scorer
    return getattr(scorer, "_scorers", {ONE_METRIC: scorer})


def reads_paths(scorer: Any) -> bool:
    """Tell whether the scorer, or one of several, scores paths."""
    return any(getattr(each, "of_paths", False) for each in list_scorers(scorer).values())


def takes_sample_weight(scorer: Any) -> bool:
    """Tell whether the scorer can be given sample_weight without metadata routing."""
    # The signature of scikit-learn's scorers does not show it; its searches ask in this way.
    ask = getattr(scorer, "_accept_sample_weight", None)
    return ask() if ask is not None else "sample_weight" in signature(scorer).parameters


def _check_number(metric: str, score: Any) -> float:
    if hasattr(score, "item") and np.size(score) == 1:
        score = score.item()
    if not isinstance(score, Real):
        raise TypeError(f"scoring must return a number for each metric, but {metric} is {score!r}.")
    return float(score)
