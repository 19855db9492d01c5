"""The last value as a forecaster of paths and quantiles, to compare the scores of others with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone

from sklstm._nested.inside import find_inside
from sklstm._nested.reaching import can_reach, count_steps


class LastValuePaths(RegressorMixin, BaseEstimator):
    """Repeats the forecast of a row for all rows of its path, and for each quantile."""

    def __init__(self, last_value: Any, steps: int = 1, quantiles: Sequence[float] = ()) -> None:
        self.last_value = last_value
        self.steps = steps
        self.quantiles = quantiles

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LastValuePaths:
        """Learn the column of the target."""
        self.last_value_ = clone(self.last_value).fit(X, y, sample_weight)
        self.quantiles_ = np.asarray(self.quantiles)
        return self

    def update(self, X: Any, y: Any = None) -> LastValuePaths:
        """Move the history on."""
        self.last_value_.update(X, y)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the last value known of each row."""
        return self.last_value_.predict(X)

    def predict_steps(self, X: Any) -> np.ndarray:
        """Repeat it along the path."""
        return np.repeat(self.predict(X)[:, None], self.steps, axis=1)

    def predict_steps_quantiles(self, X: Any) -> np.ndarray:
        """Repeat the path for each quantile."""
        return np.repeat(self.predict_steps(X)[..., None], len(self.quantiles_), axis=-1)


def imitate_paths(last_value: Any, model: Any) -> LastValuePaths:
    """Make the last value forecast paths as long as those of a fitted model, and its quantiles."""
    has_quantiles = can_reach(model, "predict_steps_quantiles")
    levels = find_inside(model, "quantiles_").quantiles_ if has_quantiles else ()
    return LastValuePaths(last_value, count_steps(model), tuple(levels))
