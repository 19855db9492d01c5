"""Forecasts of held-out rows, with their targets: by row, lead and quantile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.base import clone

from sklstm._nested.between import hand_over_between
from sklstm._nested.forecasting import predict_quantiles, predict_steps, predict_steps_quantiles
from sklstm._nested.reaching import list_levels
from sklstm._rows.folds import Fold
from sklstm._rows.means import exact_difference
from sklstm._rows.number_columns import to_outputs
from sklstm._sklearn_compat import safe_indexing


@dataclass(frozen=True)
class Band:
    """Quantile forecasts."""

    levels: tuple[float, ...]
    quantiles: np.ndarray  # (n_rows, n_leads, n_outputs, n_levels), in the unit of y

    def take(self, rows: np.ndarray) -> Band:
        """Take the forecasts that begin in these rows."""
        return replace(self, quantiles=self.quantiles[rows])


@dataclass(frozen=True)
class Forecasts:
    """The forecasts of a model for held-out rows.

    Entry [t, j] is for row t + j, forecast from the rows before row t; NaN beyond the last row.
    """

    errors: np.ndarray  # (n_rows, n_leads, n_outputs), in the unit of y
    truth: np.ndarray  # of the same shape
    fit_seconds: float
    predict_seconds: float
    model: Any = field(default=None, repr=False)  # as fitted on the rows before, those of all folds
    band: Band | None = None  # None: no quantiles

    @property
    def squares(self) -> np.ndarray:
        """The squared error of each row, averaged over leads and outputs, (n_rows,)."""
        return np.nanmean(self.errors.reshape(len(self.errors), -1) ** 2, axis=1)

    def take(self, rows: np.ndarray) -> Forecasts:
        """Take the forecasts that begin in these rows."""
        band = None if self.band is None else self.band.take(rows)
        return replace(self, errors=self.errors[rows], truth=self.truth[rows], band=band)


def forecast_folds(
    model: Any, X: Any, y: Any, folds: Sequence[Fold], n_leads: int = 1
) -> Forecasts:
    """Fit clones of the model on the training rows of the folds, and forecast their test rows."""
    by_fold = []
    for train, test in folds:
        X_train, y_train = safe_indexing(X, train), safe_indexing(y, train)
        fitted, seconds = take_time(clone(model).fit, X_train, y_train)
        handed_over = hand_over_between(fitted, X, y, train, test)
        # A model without update is given the rows of the gap with the test rows.
        first = test.min() if len(handed_over) else min(train.max() + 1, test.min())
        rows = np.arange(first, test.max() + 1)
        X_rows, y_rows = safe_indexing(X, rows), safe_indexing(y, rows)
        forecasts = forecast_rows(fitted, X_rows, y_rows, seconds, n_leads)
        by_fold.append(forecasts.take(test - rows[0]))
    return _join(by_fold)


def _join(by_fold: Sequence[Forecasts]) -> Forecasts:
    last = by_fold[-1]
    band = last.band
    if band is not None:
        quantiles = [forecasts.band.quantiles for forecasts in by_fold if forecasts.band]
        band = replace(band, quantiles=np.concatenate(quantiles))
    return Forecasts(
        errors=np.concatenate([forecasts.errors for forecasts in by_fold]),
        truth=np.concatenate([forecasts.truth for forecasts in by_fold]),
        fit_seconds=sum(forecasts.fit_seconds for forecasts in by_fold),
        predict_seconds=sum(forecasts.predict_seconds for forecasts in by_fold),
        model=last.model,
        band=band,
    )


def forecast_rows(fitted: Any, X: Any, y: Any, fit_seconds: float, n_leads: int = 1) -> Forecasts:
    """Forecast these rows with a fitted model."""
    if n_leads == 1:
        predictions, seconds = take_time(fitted.predict, X)
        predictions = to_outputs(predictions)[:, None]
    else:
        predictions, seconds = take_time(predict_steps, fitted, X)
        predictions = predictions[:, :n_leads].reshape(len(predictions), n_leads, -1)
    truth = follow_targets(to_outputs(y), n_leads)
    # The last value of a constant target has no error; any rounding error is infinitely worse.
    errors = exact_difference(truth, predictions)
    return Forecasts(
        errors, truth, fit_seconds, seconds, fitted, _forecast_band(fitted, X, n_leads)
    )


def _forecast_band(fitted: Any, X: Any, n_leads: int) -> Band | None:
    """Forecast the quantiles of these rows, if the model has quantiles."""
    levels = tuple(list_levels(fitted))
    if not levels:
        return None
    if n_leads == 1:
        quantiles = predict_quantiles(fitted, X)
    else:
        quantiles = predict_steps_quantiles(fitted, X)[:, :n_leads]
    return Band(levels, quantiles.reshape(len(quantiles), n_leads, -1, len(levels)))


def follow_targets(outputs: np.ndarray, n_leads: int) -> np.ndarray:
    """List the targets of the rows from each row on, (n_rows, n_leads, n_outputs), NaN beyond."""
    targets = np.full((len(outputs), n_leads, outputs.shape[1]), np.nan)
    for lead in range(min(n_leads, len(outputs))):
        targets[: len(outputs) - lead, lead] = outputs[lead:]
    return targets


def take_time(call: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """Call the function, and return its result and the seconds that it took."""
    began = perf_counter()
    return call(*arguments), perf_counter() - began
