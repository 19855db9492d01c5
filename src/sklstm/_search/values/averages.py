"""Means and spreads of scores, which may be infinite, or so large that their sum is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def find_mean(scores: Any, axis: int | None = None) -> Any:
    """Find the mean; it is finite where all scores are."""
    return _find(np.mean, scores, axis)


def find_spread(scores: Any, axis: int | None = None) -> Any:
    """Find the standard deviation; it is finite where all scores are."""
    return _find(np.std, scores, axis)


def near_the_largest_float() -> np.errstate:
    """Allow sums of scores near the largest float to be infinite, without NumPy's warnings."""
    return np.errstate(over="ignore", invalid="ignore")


def _find(statistic: Callable[..., Any], scores: Any, axis: int | None) -> Any:
    scores = np.asarray(scores, dtype=float)
    with near_the_largest_float():
        plain = statistic(scores, axis=axis)
        is_lost = ~np.isfinite(plain) & np.isfinite(scores).all(axis=axis)
        if not is_lost.any():
            return plain
        largest = np.abs(scores).max(axis=axis, keepdims=True)
        scale = np.where(largest > 0, largest, 1.0)
        found = statistic(scores / scale, axis=axis) * scale.squeeze(axis)
    return np.where(is_lost, found, plain)
