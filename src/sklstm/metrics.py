"""How good prediction intervals are: how many targets they hold, and how wide they are for it."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_array


def interval_coverage(y_true, interval):
    """Find the share of targets that lie in their interval, ends included.

    Parameters
    ----------
    y_true : array-like of shape (n_rows,) or (n_rows, n_outputs)
        Targets.
    interval : array-like of shape (n_rows, 2) or (n_rows, n_outputs, 2)
        Lower and upper end for each, as of ``ConformalRegressor.predict_interval``.

    Returns
    -------
    coverage : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If the shapes do not go together, or an end is NaN.

    See Also
    --------
    interval_score : Weighs width against misses.

    Examples
    --------
    >>> from sklstm.metrics import interval_coverage
    >>> interval_coverage([1.0, 5.0], [[0.0, 2.0], [0.0, 2.0]])
    0.5
    """
    y, low, high = _check_interval(y_true, interval)
    return float(np.mean((low <= y) & (y <= high)))


def interval_width(interval):
    """Find the mean width of intervals.

    Parameters
    ----------
    interval : array-like of shape (n_rows, 2) or (n_rows, n_outputs, 2)
        Lower and upper end for each.

    Returns
    -------
    width : float
        In the unit of the target; infinite if an end is.

    Raises
    ------
    ValueError
        If the last axis does not hold two ends, or one is NaN.

    See Also
    --------
    interval_score : Weighs width against misses.

    Examples
    --------
    >>> from sklstm.metrics import interval_width
    >>> interval_width([[0.0, 2.0], [1.0, 5.0]])
    3.0
    """
    low, high = _check_ends(interval)
    return float(np.mean(high - low))


def interval_score(y_true, interval, coverage):
    """Score intervals by their width and their misses; less is better.

    The mean of width + 2 / (1 - coverage) * miss, where the miss is how far the target lies outside
    [1]_. It is least, in the mean, for the interval between the two quantiles of the target that
    leave (1 - coverage) / 2 on each side.

    Parameters
    ----------
    y_true : array-like of shape (n_rows,) or (n_rows, n_outputs)
        Targets.
    interval : array-like of shape (n_rows, 2) or (n_rows, n_outputs, 2)
        Lower and upper end for each.
    coverage : float
        The coverage that the intervals were made for, in (0, 1).

    Returns
    -------
    score : float
        In the unit of the target.

    Raises
    ------
    ValueError
        If the shapes do not go together, an end is NaN, or `coverage` is not in (0, 1).

    See Also
    --------
    interval_coverage : The share of targets inside.
    interval_width : The mean width.

    References
    ----------
    .. [1] Gneiting, T. and Raftery, A. E. "Strictly proper scoring rules, prediction, and
       estimation." Journal of the American Statistical Association 102 (2007), 359-378.

    Examples
    --------
    >>> from sklstm.metrics import interval_score
    >>> interval_score([1.0, 5.0], [[0.0, 2.0], [0.0, 2.0]], coverage=0.5)  # 2 + 4 * (0 + 3) / 2
    8.0
    """
    if not 0 < coverage < 1:
        raise ValueError(f"coverage={coverage!r} must lie between 0 and 1, both excluded.")
    y, low, high = _check_interval(y_true, interval)
    miss = np.maximum(0, low - y) + np.maximum(0, y - high)
    return float(np.mean(high - low + 2 / (1 - coverage) * miss))


def _check_interval(y_true: Any, interval: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return targets, lower and upper ends, all of one shape."""
    low, high = _check_ends(interval)
    y = check_array(y_true, dtype=np.float64, ensure_2d=False, input_name="y_true")
    if y.shape != low.shape:
        raise ValueError(
            f"interval has the shape {(*low.shape, 2)}; for y_true of shape {y.shape} it must be "
            f"{(*y.shape, 2)}: a lower and an upper end for each target."
        )
    return y, low, high


def _check_ends(interval: Any) -> tuple[np.ndarray, np.ndarray]:
    ends = check_array(
        interval, dtype=np.float64, ensure_all_finite=False, allow_nd=True, input_name="interval"
    )
    if ends.shape[-1] != 2 or np.isnan(ends).any():  # infinite ones are allowed
        raise ValueError(
            "interval must hold a lower and an upper end for each target, along its last axis, and "
            f"no NaN; its shape is {ends.shape}."
        )
    return ends[..., 0], ends[..., 1]
