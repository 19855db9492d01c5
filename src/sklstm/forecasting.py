"""The model inside a Pipeline, a search or a transformed target: its forecast, its history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline


def can_forecast(estimator: Any) -> bool:
    """Tell whether the estimator, or the model inside it, has forecast."""
    if isinstance(estimator, Pipeline):
        return can_forecast(estimator.steps[-1][1])
    if isinstance(estimator, TransformedTargetRegressor):
        return can_forecast(getattr(estimator, "regressor_", estimator.regressor))
    return hasattr(estimator, "forecast")


def forecast_with(estimator: Any, X: Any, known: Any) -> np.ndarray:
    """Forecast with the model inside a fitted estimator, in the estimator's own unit."""
    if isinstance(estimator, Pipeline):
        for name, step in _list_steps(estimator):
            X = X if X is None else step.transform(X)
            known = known if known is None else _transform_known(name, step, known)
        return forecast_with(estimator.steps[-1][1], X, known)
    if isinstance(estimator, TransformedTargetRegressor):
        y = forecast_with(estimator.regressor_, X, known)
        return _map_columns(estimator.transformer_.inverse_transform, y)
    return estimator.forecast(X) if known is None else estimator.forecast(X, known)


def update_with(estimator: Any, X: Any, y: Any) -> None:
    """Move the history of the model inside a fitted estimator on; one without update has none."""
    if isinstance(estimator, Pipeline):
        for _, step in _list_steps(estimator):
            X = step.transform(X)
        update_with(estimator.steps[-1][1], X, y)
    elif hasattr(estimator, "best_estimator_"):  # a search, of whatever kind
        update_with(estimator.best_estimator_, X, y)
    elif isinstance(estimator, TransformedTargetRegressor):
        update_with(estimator.regressor_, X, _map_columns(estimator.transformer_.transform, y))
    elif hasattr(estimator, "update"):
        estimator.update(X, y)


def _list_steps(pipeline: Pipeline) -> list[tuple[str, Any]]:
    """List the steps before the model that do something."""
    return [(name, step) for name, step in pipeline.steps[:-1] if step not in (None, "passthrough")]


def _map_columns(transform: Callable[[Any], Any], y: Any) -> np.ndarray:
    """Map targets by what takes columns, as the transformer of a target does."""
    y = np.asarray(y)
    return np.asarray(transform(y.reshape(len(y), -1))).reshape(y.shape)


def _transform_known(name: str, step: Any, known: Any) -> Any:
    try:
        return step.transform(known)
    except ValueError as error:
        if not pd.isna(known).any(axis=None):
            raise
        raise ValueError(
            f"The step {name!r} ({type(step).__name__}) does not take `known`, which has NaN where "
            f"values are not known yet: {error}"
        ) from error
