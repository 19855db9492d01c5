"""What candidates are scored by: one metric or several, and the one that a search maximises."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from inspect import signature
from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import is_regressor
from sklearn.metrics import check_scoring

ONE_STANDARD_ERROR = "one_standard_error"  # a rule that refit may name in place of a metric
ONE_METRIC = "score"  # as scikit-learn's searches call a single metric in cv_results_


@dataclass(frozen=True)
class Scoring:
    """A scorer, the metrics it computes, and the one to maximise."""

    scorer: Callable[..., Any]  # of (estimator, X, y); gives a number, or one for each metric
    # None for a callable: only its answer shows whether it gives one or several.
    metrics: tuple[str, ...] | None
    wish: str | None  # the metric to maximise; None: the only one
    refit: str | None = None  # the metric that refit names, if it names one

    def read(self, answer: Any) -> dict[str, float]:
        """Read what the scorer answered, a number for each metric."""
        if not isinstance(answer, Mapping):
            return {ONE_METRIC: _check_number(ONE_METRIC, answer)}
        if not answer:
            raise TypeError("scoring gave an empty dict; it must give one number for each metric.")
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
                f"scoring gives the metrics {metrics}; refit={self.refit!r} is not one."
            )
        if len(metrics) == 1 and self.wish is None:
            return metrics[0]
        if self.wish in metrics:
            return str(self.wish)
        raise ValueError(
            f"scoring gives the metrics {metrics}, and objective={self.wish!r} is not one of them. "
            "Name the one to maximise in objective, or in refit."
        )


def read_scoring(estimator: Any, scoring: Any, objective: str | None, refit: Any) -> Scoring:
    """Read the search's parameters; RMSE for regressors, their own score for other estimators."""
    if objective is not None and (scoring is None or isinstance(scoring, str)):
        raise ValueError(
            f"objective={objective!r} chooses among several metrics, but scoring={scoring!r} is "
            "one. Leave objective at None, or give a list or dict as scoring."
        )
    named = refit if isinstance(refit, str) and refit != ONE_STANDARD_ERROR else None
    scorer, metrics = choose_scorer(estimator, scoring), name_metrics(scoring)
    read = Scoring(scorer, metrics, wish=objective or named, refit=named)
    if read.metrics is not None:
        read.choose_objective(read.metrics)
    return read


def choose_scorer(estimator: Any, scoring: Any) -> Any:
    """Choose the scorer: RMSE for regressors and the estimator's own for others, if none is set."""
    if scoring is None and is_regressor(estimator):
        scoring = "neg_root_mean_squared_error"
    return check_scoring(estimator, scoring)


def name_metrics(scoring: Any) -> tuple[str, ...] | None:
    """Name the metrics as the columns of cv_results_ do; None if a callable is to tell."""
    if scoring is None or isinstance(scoring, str):
        return (ONE_METRIC,)
    return None if callable(scoring) else tuple(sorted(scoring))


def list_scorers(scorer: Any) -> dict[str, Any]:
    """List the scorers inside one that scikit-learn made of several, by metric."""
    if isinstance(scorer, dict):
        return scorer
    return getattr(scorer, "_scorers", {ONE_METRIC: scorer})


def takes_sample_weight(scorer: Any) -> bool:
    """Tell whether the scorer can be given sample_weight without metadata routing."""
    # scikit-learn's own scorers tell it so, their signature does not; its searches ask like this.
    ask = getattr(scorer, "_accept_sample_weight", None)
    return ask() if ask is not None else "sample_weight" in signature(scorer).parameters


def _check_number(metric: str, score: Any) -> float:
    if hasattr(score, "item") and np.size(score) == 1:
        score = score.item()
    if not isinstance(score, Real):
        raise TypeError(f"scoring must give a number for each metric, but {metric} is {score!r}.")
    return float(score)
