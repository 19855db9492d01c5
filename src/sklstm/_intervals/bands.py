"""The band that an interval widens: between two quantiles of a model, or just its prediction.

The last axis of a band has its lower and its upper end. The band of a prediction has no width.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sklstm._nested.forecasting import (
    forecast,
    forecast_quantiles,
    predict_quantiles,
    predict_steps,
    predict_steps_quantiles,
)
from sklstm._nested.reaching import list_levels

Levels = tuple[float, float]  # the quantiles that are the ends of a band


def choose_levels(estimator: Any, coverage: float) -> Levels | None:
    """Choose the quantiles that enclose about `coverage`; None for a model without quantiles.

    On each side of the median, it is the level nearest to the exact one. If two are equally near,
    it is the outer one.
    """
    levels = np.array(list_levels(estimator))
    if not len(levels):
        return None
    below, above = levels[levels < 0.5], levels[levels > 0.5][::-1]  # both from the outside in
    tail = (1 - coverage) / 2
    if not len(below) or not len(above):
        raise ValueError(
            f"quantiles={tuple(levels.tolist())} has no quantile "
            f"{'above' if len(below) else 'below'} 0.5, but an interval needs one on each side. "
            f"Fit the model with quantiles on both sides; the best ones for coverage={coverage} "
            f"are ({tail:.4g}, {1 - tail:.4g})."
        )
    return _find_nearest(below, tail), _find_nearest(above, 1 - tail)


def _find_nearest(levels: np.ndarray, wanted: float) -> float:
    return float(levels[np.argmin(np.round(np.abs(levels - wanted), 9))])


def predict_band(estimator: Any, X: Any, levels: Levels | None) -> np.ndarray:
    """Predict the band of the target of each row of X, (n_rows[, n_outputs], 2)."""
    return _predict(lambda each, X: each.predict(X), predict_quantiles, estimator, levels, X)


def predict_steps_band(
    estimator: Any, X: Any, levels: Levels | None, known: Any = None
) -> np.ndarray:
    """Predict the bands of a path from each row of X on, (n_rows, steps[, n_outputs], 2)."""
    return _predict(predict_steps, predict_steps_quantiles, estimator, levels, X, known)


def forecast_band(
    estimator: Any, X: Any, known: Any, n_rows: Any, levels: Levels | None
) -> np.ndarray:
    """Forecast the bands of the rows after the last one, (n_ahead[, n_outputs], 2)."""
    return _predict(forecast, forecast_quantiles, estimator, levels, X, known, n_rows)


def _predict(
    predict: Callable, predict_levels: Callable, estimator: Any, levels: Levels | None, *rows: Any
) -> np.ndarray:
    if levels is None:
        prediction = np.asarray(predict(estimator, *rows), dtype=np.float64)
        return np.stack([prediction, prediction], axis=-1)
    known = list_levels(estimator)
    ends = [known.index(level) for level in levels]
    return np.asarray(predict_levels(estimator, *rows), dtype=np.float64)[..., ends]
