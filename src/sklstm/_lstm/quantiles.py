"""The quantiles of a band: their levels, their columns and their start values.

Each target has adjacent columns for its quantiles. They start at the quantiles of the errors of the
scale's centre, or of the linear start, in scaled units. Networks and their combination may let
quantiles cross, so forecasts are sorted at the end, which never makes them worse
(Chernozhukov, Fernandez-Val & Galichon, "Quantile and probability curves without crossing",
Econometrica 78, 2010).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sklstm._rows.means import weighted_quantile

MEDIAN = 0.5


def read_quantiles(quantiles: Any) -> tuple[float, ...]:
    """Read the levels of the parameter, sorted and with the median; no levels for None."""
    if quantiles is None:
        return ()
    try:
        levels = np.array(list(quantiles), dtype=np.float64)
    except (TypeError, ValueError):
        levels = np.empty(0)
    if levels.ndim != 1 or len(levels) == 0 or not np.all((levels > 0) & (levels < 1)):
        raise ValueError(
            f"quantiles={quantiles!r} must be None, or a list of numbers between 0 and 1, both "
            "excluded, such as (0.1, 0.9) for a band that holds 80 % of the targets."
        )
    return tuple(np.unique([*levels, MEDIAN]).tolist())


def repeat_for_quantiles(values: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Repeat each column (..., n_targets) for each quantile of its target, (..., n_outputs)."""
    return values if not levels else np.repeat(values, len(levels), axis=-1)


def take_first_quantile(values: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Take the first column of each target, for values that all its quantiles share."""
    return values[..., :: max(1, len(levels))]


def find_shift(missed: np.ndarray, weight: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Find the quantiles of the errors of each target, (n_outputs,); 0 if no error counts.

    missed, weight: (n, n_targets); errors without weight do not count and may be NaN.
    """
    return np.array(
        [
            weighted_quantile(of_one[own > 0], own[own > 0], level) if own.any() else 0.0
            for of_one, own in zip(missed.T, weight.T, strict=True)
            for level in levels
        ]
    )


def split_quantiles(forecasts: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Put the quantiles on a new last axis and sort them, so that they do not cross."""
    split = forecasts.reshape(*forecasts.shape[:-1], -1, max(1, len(levels)))
    return np.sort(split, axis=-1) if levels else split
