"""Means, deviations and differences that are exact where nothing varies.

The sum of n equal numbers is rounded, so NumPy's mean of them may differ from each by 1e-16 of it.
Scaled by a deviation that is as small, such a rounding error looks like a change of the series.
"""

from __future__ import annotations

import numpy as np

ROUNDING = 4 * np.finfo(np.float64).eps  # of two numbers that differ by a few operations only


def exact_mean(values: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Average over the first axis, weighted or not; equal values give this value itself."""
    counts = True if weight is None else (weight > 0).reshape(-1, *[1] * (values.ndim - 1))
    low = values.min(axis=0, initial=np.inf, where=counts)
    high = values.max(axis=0, initial=-np.inf, where=counts)
    return np.where(low == high, low, np.average(values, axis=0, weights=weight))


def weighted_quantile(values: np.ndarray, weight: np.ndarray, quantile: float) -> float:
    """Find the smallest of the values (n,) that has this share of the weight at or below it."""
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weight[order])
    first = np.searchsorted(share, quantile * share[-1] * (1 - ROUNDING))
    return float(values[order[min(first, len(order) - 1)]])


def exact_deviation(values: np.ndarray, axis: int = 0) -> np.ndarray:
    """Find the standard deviation along an axis; equal values have none."""
    return np.where(np.ptp(values, axis=axis) > 0, values.std(axis=axis), 0.0)


def exact_difference(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Subtract; numbers that differ by rounding alone do not differ."""
    difference = values - others
    size = np.maximum(np.abs(values), np.abs(others))
    return np.where(np.abs(difference) <= ROUNDING * size, 0.0, difference)
