"""Forecasts of paths and quantiles by the bare model inside, until `forecasting` has them."""

from __future__ import annotations

from typing import Any

import numpy as np

from sklstm._nested.forecasting import forecast as forecast_at_once
from sklstm._nested.inside import walk_inside


def forecast(estimator: Any, X: Any = None, known: Any = None, n_rows: Any = None) -> np.ndarray:
    """Forecast the rows after the last one."""
    if n_rows is None:
        return forecast_at_once(estimator, X, known)
    return _find_model(estimator, "forecast").forecast(X, known, n_rows)


def predict_steps(estimator: Any, X: Any, known: Any = None) -> np.ndarray:
    """Predict a path from each row of X on."""
    return _find_model(estimator, "predict_steps").predict_steps(X, known)


def predict_quantiles(estimator: Any, X: Any) -> np.ndarray:
    """Predict quantiles of the target of each row of X."""
    return _find_model(estimator, "predict_quantiles").predict_quantiles(X)


def predict_steps_quantiles(estimator: Any, X: Any, known: Any = None) -> np.ndarray:
    """Predict quantiles of a path from each row of X on."""
    model = _find_model(estimator, "predict_steps_quantiles")
    return model.predict_steps_quantiles(X, known)


def forecast_quantiles(
    estimator: Any, X: Any = None, known: Any = None, n_rows: Any = None
) -> np.ndarray:
    """Forecast quantiles of the rows after the last one."""
    return _find_model(estimator, "forecast_quantiles").forecast_quantiles(X, known, n_rows)


def _find_model(estimator: Any, method: str) -> Any:
    return next(part for part in walk_inside(estimator) if callable(getattr(part, method, None)))
