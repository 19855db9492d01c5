"""A forecaster of paths, and of their quantiles, so simple that a test can compute it by itself."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.metaestimators import available_if


class Paths(RegressorMixin, BaseEstimator):
    """Predicts row t + j by the first column, `horizon` rows before t, and the second column there.

    It is (j + 1) * a[t - horizon] + b[t + j]. A second output is minus twice as large. The quantile
    p lies (p - 0.5) * (j + 1 + |a[t - horizon]|) above it.
    """

    def __init__(self, steps=3, horizon=1, quantiles=None):
        self.steps = steps
        self.horizon = horizon
        self.quantiles = quantiles

    def fit(self, X, y):
        self.kept_, self.y_shape_ = np.asarray(X), np.shape(y)[1:]
        self.labels_ = list(X.index) if isinstance(X, pd.DataFrame) else None
        if self.quantiles is not None:
            self.quantiles_ = np.unique([*self.quantiles, 0.5])
        return self

    def update(self, X, y=None):
        self.kept_ = np.concatenate([self.kept_, np.asarray(X)])
        if self.labels_ is not None:
            self.labels_ += list(X.index)
        return self

    def predict(self, X):
        return self.predict_steps(X)[:, 0]

    def predict_steps(self, X, known=None):
        return self._predict(X, known)[0]

    def forecast(self, X=None, known=None, n_rows=None):
        return self._forecast(self.predict_steps, X, known, n_rows)

    @available_if(lambda self: self.quantiles is not None)
    def predict_quantiles(self, X):
        return self.predict_steps_quantiles(X)[:, 0]

    @available_if(lambda self: self.quantiles is not None)
    def predict_steps_quantiles(self, X, known=None):
        paths, spread = self._predict(X, known)
        return paths[..., None] + spread[..., None] * (self.quantiles_ - 0.5)

    @available_if(lambda self: self.quantiles is not None)
    def forecast_quantiles(self, X=None, known=None, n_rows=None):
        return self._forecast(self.predict_steps_quantiles, X, known, n_rows)

    def _predict(self, X, known):
        """Paths and spreads, (n_rows, steps[, n_outputs])."""
        rows = [self.kept_, np.asarray(X), *([] if known is None else [np.asarray(known)])]
        block = np.concatenate(rows)
        t = len(self.kept_) + np.arange(len(X))[:, None]
        leads = np.arange(self.steps)
        newest = block[np.maximum(0, t - self.horizon), 0]
        told = np.where(t + leads < len(block), t + leads, -1)
        paths = (leads + 1) * newest + np.where(told >= 0, block[told, 1], np.nan)
        spread = leads + 1 + np.abs(newest)
        if self.y_shape_ == ():
            return paths, spread
        n_outputs = self.y_shape_[0]
        paths = np.stack([paths, -2 * paths][:n_outputs], axis=-1)
        return paths, np.stack([spread] * n_outputs, axis=-1)

    def _forecast(self, predict, X, known, n_rows):
        n_ahead = self.horizon + self.steps - 1
        X = self.kept_[-1:] if X is None else np.asarray(X)
        known = np.zeros((n_ahead, X.shape[1])) if known is None else np.asarray(known)
        twin = Paths(**self.get_params()).fit(X, np.zeros((1, *self.y_shape_)))
        paths = predict.__func__(twin, known[: self.horizon], known[self.horizon :])
        return np.concatenate([paths[:-1, 0], paths[-1]])[:n_rows]


def draw_paths(n_rows, n_outputs=None, seed=0):
    """Draw rows of whole numbers, so that nothing is rounded, and targets for `Paths`."""
    rng = np.random.default_rng(seed)
    X = rng.integers(-5, 6, size=(n_rows, 2)).astype(float)
    shape = (n_rows,) if n_outputs is None else (n_rows, n_outputs)
    return X, rng.integers(-20, 21, size=shape).astype(float)
