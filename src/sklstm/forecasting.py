"""Forecasting with a model that stands inside a Pipeline or behind a transformed target."""

from __future__ import annotations

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
        for name, step in estimator.steps[:-1]:
            if step not in (None, "passthrough"):
                X = X if X is None else step.transform(X)
                known = known if known is None else _transform_known(name, step, known)
        return forecast_with(estimator.steps[-1][1], X, known)
    if isinstance(estimator, TransformedTargetRegressor):
        y = np.asarray(forecast_with(estimator.regressor_, X, known))
        columns = estimator.transformer_.inverse_transform(y.reshape(len(y), -1))
        return np.asarray(columns).reshape(y.shape)
    return estimator.forecast(X, known)


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
