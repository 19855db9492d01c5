"""Forecasters that are known in closed form, for tests of what stands around a model."""

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.metaestimators import available_if


class Last(RegressorMixin, BaseEstimator):
    """Forecasts the first column of the last row, plus that of the known rows where it is known."""

    def __init__(self, offset=0.0, n_outputs=1):
        self.offset = offset
        self.n_outputs = n_outputs

    def fit(self, X, y):
        self.last_ = np.asarray(X)[-1]
        return self

    def update(self, X, y=None):
        self.updated_ = np.asarray(X), y
        return self

    def predict(self, X):
        return np.zeros(len(X))

    def forecast(self, X=None, known=None):
        last = self.last_ if X is None else np.asarray(X)[-1]
        rows = last if known is None else last + np.nan_to_num(np.asarray(known))
        forecast = np.atleast_2d(rows)[:, :1] + self.offset
        return forecast[:, 0] if self.n_outputs == 1 else forecast + np.arange(self.n_outputs)


def has_quantiles(model):
    return model.quantiles is not None


class Bands(RegressorMixin, BaseEstimator):
    """Forecasts paths and quantiles, in closed form, from two columns and the training targets.

    Step j of the path from row t on: the mean target, a tenth of the first column in row t, and the
    second column in row t + j, which is known in advance. A quantile q lies (q - 1/2) standard
    deviations of the targets further, and twice as far a step later.
    """

    def __init__(self, steps=1, quantiles=None, level=0.0):
        self.steps = steps
        self.quantiles = quantiles
        self.level = level

    def fit(self, X, y, sample_weight=None):
        self.last_, self.mean_, self.spread_ = np.asarray(X)[-1:], np.mean(y, axis=0), np.std(y, 0)
        self.quantiles_ = np.unique([0.5, *(self.quantiles or ())])
        return self

    def update(self, X, y=None):
        self.last_ = np.asarray(X)[-1:]
        return self

    def predict(self, X):
        return self.predict_steps(X)[:, 0]

    def predict_steps(self, X, known=None):
        return self._find_paths(X, known)[..., list(self.quantiles_).index(0.5)]

    def forecast(self, X=None, known=None, n_rows=None):
        return self._find_ahead(X, known, n_rows)[..., list(self.quantiles_).index(0.5)]

    @available_if(has_quantiles)
    def predict_quantiles(self, X):
        return self._find_paths(X)[:, 0]

    @available_if(has_quantiles)
    def predict_steps_quantiles(self, X, known=None):
        return self._find_paths(X, known)

    @available_if(has_quantiles)
    def forecast_quantiles(self, X=None, known=None, n_rows=None):
        return self._find_ahead(X, known, n_rows)

    def _find_paths(self, X, known=None):
        X = np.asarray(X)
        known = np.full((0, X.shape[1]), np.nan) if known is None else np.asarray(known)
        beyond = np.full((self.steps, X.shape[1]), np.nan)
        rows = np.concatenate([X, known, beyond])
        steps = [rows[j : j + len(X), 1] for j in range(self.steps)]
        return self._spread_out(X[:, :1] / 10 + np.stack(steps, axis=1))

    def _find_ahead(self, X, known, n_rows):
        last = self.last_ if X is None else np.asarray(X)[-1:]
        rows = np.repeat(last, self.steps, axis=0) if known is None else np.asarray(known)
        return self._spread_out(last[:, :1] / 10 + rows[None, :, 1])[0, :n_rows]

    def _spread_out(self, base):
        """Return quantiles (n_rows, steps[, n_outputs], n_quantiles) of paths (n_rows, steps)."""
        widths = np.multiply.outer(2.0 ** np.arange(base.shape[1]), self.spread_)
        centres = self.level + self.mean_ + base.reshape(*base.shape, *[1] * self.mean_.ndim)
        return centres[..., None] + np.multiply.outer(widths, self.quantiles_ - 0.5)
