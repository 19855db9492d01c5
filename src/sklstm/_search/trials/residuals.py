"""Residuals of the scored rows, recorded when the scorer calls `predict`.

They need no further prediction. A path scorer does not call `predict`, so the estimator predicts
once more for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

import numpy as np
from sklearn.base import is_regressor


@contextmanager
def overhearing(estimator: Any, X: Any) -> Iterator[list[Any]]:
    """Record the predictions of a regressor for these rows, as long as the context lasts."""
    predictions: list[Any] = []
    if not (is_regressor(estimator) and hasattr(estimator, "predict")):
        yield predictions
        return
    predict = estimator.predict

    @wraps(predict)
    def predict_aloud(rows: Any, *args: Any, **params: Any) -> Any:
        prediction = predict(rows, *args, **params)
        if rows is X:
            predictions.append(prediction)
        return prediction

    estimator.predict = predict_aloud  # on this one object, before its class's own
    try:
        yield predictions
    finally:
        del estimator.predict


def find_residuals(y: Any, predictions: Sequence[Any]) -> np.ndarray | None:
    """Subtract the first prediction from y; None if there is no prediction or no y."""
    try:
        targets = np.asarray(y, dtype=np.float64)
        return targets - np.asarray(predictions[0], dtype=np.float64).reshape(targets.shape)
    except (IndexError, TypeError, ValueError):  # a score without predictions is a score as well
        return None
