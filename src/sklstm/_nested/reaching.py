"""The way from an estimator to the nested model that has a method, if rows can be passed to it.

Rows can be passed through a Pipeline, a transformed target, a search and a frozen estimator. Other
meta-estimators may select rows or columns for their model, so nothing is passed through them.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

from sklearn.compose import TransformedTargetRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklstm._nested.inside import find_inside, walk_inside


def can_reach(estimator: Any, method: str) -> bool:
    """Tell whether the estimator, or a model inside that can be given rows, has the method."""
    return _find_path(estimator, method) is not None


def reach(estimator: Any, method: str) -> list[Any]:
    """List the estimators from a fitted one to the nested model that has the method.

    Raise a ValueError if there is no such model, or if a search on the way has not been refitted.
    """
    path = _find_path(estimator, method)
    if path is None:
        raise ValueError(
            f"{estimator!r} has no {method}, and no model inside it that can be reached has one. "
            f"Use a model with {method}, such as {_name_model_with(method)}, by itself or in a "
            "Pipeline, a TransformedTargetRegressor or a search."
        )
    check_is_fitted(estimator)
    _refuse_without_refit(path)
    return path


def count_steps(estimator: Any) -> int:
    """Count the rows of each path that the model inside forecasts, by its `steps`; else 1."""
    steps = 1
    for part in walk_inside(estimator):
        has_paths = callable(getattr(part, "predict_steps", None))
        own = getattr(part, "steps", None)
        if has_paths and isinstance(own, Integral):
            steps = int(own)
        if not (has_paths or _lets_rows_through(part)):
            break
    return steps


def list_levels(estimator: Any) -> list[float]:
    """List the levels of the quantiles that the fitted model inside forecasts, none without."""
    if not can_reach(estimator, "predict_quantiles"):
        return []
    return [float(level) for level in find_inside(estimator, "quantiles_").quantiles_]


def _find_path(estimator: Any, method: str) -> list[Any] | None:
    """List the estimators from the outermost to the first with the method; None without one."""
    path = []
    for part in walk_inside(estimator):
        path.append(part)
        if callable(getattr(part, method, None)):
            return path
        if not _lets_rows_through(part):
            break
    return None


def _lets_rows_through(part: Any) -> bool:
    if isinstance(part, Pipeline | TransformedTargetRegressor | FrozenEstimator):
        return True
    return hasattr(part, "best_estimator_") or hasattr(part, "refit")  # a search, of whatever kind


def _name_model_with(method: str) -> str:
    return f"LSTMRegressor{'(quantiles=(0.1, 0.9))' if 'quantiles' in method else ''}"


def _refuse_without_refit(path: Sequence[Any]) -> None:
    for part in path[:-1]:
        if getattr(part, "refit", True) is False and not hasattr(part, "best_estimator_"):
            raise ValueError(
                f"{type(part).__name__} has no best_estimator_, because refit is False. Set "
                "refit=True, or fit an estimator with its best_params_."
            )
