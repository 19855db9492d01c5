"""Forecasts in the units of y: the inverse transformation of the target.

A transformer receives what `predict` would give it, the outputs of some rows. Forecasts of several
leads or quantiles are therefore passed one lead and quantile at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor


@dataclass(frozen=True)
class Axes:
    """The axes that are added to those of `predict`: (row[, lead][, output][, quantile])."""

    leads: bool = False
    quantiles: bool = False

    def split(self, forecasts: Any) -> np.ndarray:
        """Split forecasts into results of `predict`, (n_leads, n_quantiles, n_rows, ...)."""
        array = np.asarray(forecasts, dtype=np.float64)
        array = array if self.quantiles else array[..., None]
        array = array if self.leads else array[:, None]
        return np.moveaxis(array, (1, -1), (0, 1))

    def join(self, split: np.ndarray) -> np.ndarray:
        """Undo `split`."""
        array = np.moveaxis(split, (0, 1), (1, -1))
        array = array if self.leads else array[:, 0]
        return array if self.quantiles else array[..., 0]


def restore_forecasts(parts: Sequence[Any], forecasts: Any, axes: Axes, levels: Any = None) -> Any:
    """Convert the forecasts of a model to the units of y, through the estimators around it.

    NaN stays NaN and infinite forecasts stay infinite: no transformer sees them. levels: those of
    the quantiles, if there are any.
    """
    for part in reversed(parts):
        if isinstance(part, TransformedTargetRegressor):
            forecasts = axes.join(_restore(part, axes.split(forecasts), levels))
    return forecasts


def _restore(part: TransformedTargetRegressor, split: np.ndarray, levels: Any) -> np.ndarray:
    """Restore forecasts (n_leads, n_quantiles, n_rows[, n_outputs]), and the order of quantiles."""
    restored = _restore_finite(part, split)
    falls = _find_falling(restored)
    if falls.any():
        _refuse_lopsided(levels)
    if restored.size == split.size:  # else the transformer changes the number of outputs
        ends = split.reshape(restored.shape)
        restored = np.where(np.isinf(ends), np.where(falls, -ends, ends), restored)
    restored = np.where(falls, restored[:, ::-1], restored)
    has_nan = np.isnan(restored).any(axis=1, keepdims=True)
    return np.where(has_nan, restored, np.sort(restored, axis=1))


def _restore_finite(part: TransformedTargetRegressor, split: np.ndarray) -> np.ndarray:
    """Restore the rows whose outputs are all finite, for each lead and quantile; NaN elsewhere."""
    is_finite = np.isfinite(split).all(axis=tuple(range(3, split.ndim)))
    places = [place for place in np.ndindex(split.shape[:2]) if is_finite[place].any()]
    found = {place: _invert(part, split[place][is_finite[place]]) for place in places}
    of_a_row = found[places[0]].shape[1:] if places else split.shape[3:]
    restored = np.full((*split.shape[:3], *of_a_row), np.nan)
    for place in places:
        restored[place][is_finite[place]] = found[place]
    return restored


def _find_falling(restored: np.ndarray) -> np.ndarray:
    """Find the outputs whose quantiles a decreasing transformation has reversed."""
    low, high = restored[:, :-1], restored[:, 1:]
    return np.sum(high < low, axis=(0, 1, 2)) > np.sum(high > low, axis=(0, 1, 2))


def _refuse_lopsided(levels: Any) -> None:
    """Refuse levels that a decreasing transformation, which maps q to 1 - q, does not preserve."""
    levels = np.asarray(() if levels is None else levels, dtype=np.float64)
    if not np.allclose(levels, 1 - levels[::-1]):
        raise ValueError(
            f"quantiles_={levels.tolist()} must be pairs of q and 1 - q, because the "
            "transformation of the target is decreasing: the quantile q of y is computed from the "
            "quantile 1 - q of the transformed target. Set pairs, such as (0.1, 0.9)."
        )


def _invert(part: TransformedTargetRegressor, predictions: np.ndarray) -> np.ndarray:
    """Invert the transformation of predictions, as `predict` does it."""
    outer = copy(part)
    outer.regressor_ = _Spoken(predictions)
    # Of the class: while a search listens, `part.predict` is bound to `part` itself.
    return np.asarray(type(part).predict(outer, None))


@dataclass(frozen=True)
class _Spoken:
    """A regressor that returns given predictions."""

    predictions: np.ndarray

    def predict(self, X: Any) -> np.ndarray:
        """Return the predictions."""
        return self.predictions
