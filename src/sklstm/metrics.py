"""Metrics for prediction intervals and quantile forecasts, of single rows and of paths."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_array


def interval_coverage(y_true: Any, interval: Any) -> float:
    """Compute the share of targets inside their interval, including its ends.

    Parameters
    ----------
    y_true : array-like of shape (n_rows[, n_steps][, n_outputs])
        Targets: one for each row, or one for each step of a path.
    interval : array-like of shape (n_rows[, n_steps][, n_outputs], 2)
        The lower and upper ends of each interval, as ``ConformalRegressor.predict_interval``
        returns them.

    Returns
    -------
    coverage : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If the shapes do not match, a target is NaN or infinite, or an end is NaN.

    See Also
    --------
    interval_score : Scores intervals by their width and their misses.

    Examples
    --------
    >>> from sklstm.metrics import interval_coverage
    >>> interval_coverage([1.0, 5.0], [[0.0, 2.0], [0.0, 2.0]])
    0.5
    """
    y, low, high = _check_interval(y_true, interval)
    return float(np.mean((low <= y) & (y <= high)))


def interval_width(interval: Any) -> float:
    """Compute the mean width of intervals.

    Parameters
    ----------
    interval : array-like of shape (n_rows[, n_steps][, n_outputs], 2)
        The lower and upper ends of each interval. They may be infinite.

    Returns
    -------
    width : float
        In the unit of the target; infinite if an end is infinite.

    Raises
    ------
    ValueError
        If the last axis does not hold two ends, or if an end is NaN.

    See Also
    --------
    interval_score : Scores intervals by their width and their misses.

    Examples
    --------
    >>> from sklstm.metrics import interval_width
    >>> interval_width([[0.0, 2.0], [1.0, 5.0]])
    3.0
    """
    ends = _check_ends(interval)
    return float(np.mean(ends[..., 1] - ends[..., 0]))


def interval_score(y_true: Any, interval: Any, coverage: float) -> float:
    """Score intervals by their width and their misses; lower is better.

    The score is the mean of width + 2 / (1 - coverage) * miss, where miss is the distance of the
    target from the interval [1]_. The expected score is lowest for the interval between the
    quantiles (1 - coverage) / 2 and (1 + coverage) / 2 of the target.

    Parameters
    ----------
    y_true : array-like of shape (n_rows[, n_steps][, n_outputs])
        Targets: one for each row, or one for each step of a path.
    interval : array-like of shape (n_rows[, n_steps][, n_outputs], 2)
        The lower and upper ends of each interval. They may be infinite.
    coverage : float
        Nominal coverage of the intervals, in (0, 1).

    Returns
    -------
    score : float
        In the unit of the target.

    Raises
    ------
    ValueError
        If the shapes do not match, a target is NaN or infinite, an end is NaN, or `coverage` is not
        in (0, 1).

    See Also
    --------
    interval_coverage : Computes the share of targets inside their interval.
    interval_width : Computes the mean width.
    quantile_loss : Scores quantile forecasts.

    Notes
    -----
    The last steps of a path may have no target yet. Leave them out before you score:
    ``known = np.isfinite(y_true)``, then ``interval_score(y_true[known], interval[known], 0.9)``.
    Do the same for the other metrics of this module.

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
        raise ValueError(f"coverage={coverage!r} must be between 0 and 1, both excluded.")
    y, low, high = _check_interval(y_true, interval)
    miss = np.maximum(0, low - y) + np.maximum(0, y - high)
    return float(np.mean(high - low + 2 / (1 - coverage) * miss))


def quantile_loss(y_true: Any, y_quantiles: Any, quantiles: Any) -> float:
    """Compute the mean pinball loss of quantile forecasts; lower is better.

    For a target y and its forecast f at the quantile q, the pinball loss is q (y - f) if the target
    is above the forecast, and (1 - q) (f - y) if it is below [1]_. The expected loss is lowest if f
    is the quantile q of the target. The losses are averaged over all targets and quantiles.

    Parameters
    ----------
    y_true : array-like of shape (n_rows[, n_steps][, n_outputs])
        Targets: one for each row, or one for each step of a path.
    y_quantiles : array-like of shape (n_rows[, n_steps][, n_outputs], n_quantiles)
        The forecast of each quantile, for each target. If a forecast is infinite, the loss is
        infinite.
    quantiles : array-like of shape (n_quantiles,)
        The quantiles that were forecast, each in (0, 1), in the order of the last axis of
        `y_quantiles`.

    Returns
    -------
    loss : float
        In the unit of the target.

    Raises
    ------
    ValueError
        If the shapes do not match, a target is NaN or infinite, a forecast is NaN, or a quantile is
        not in (0, 1).

    See Also
    --------
    weighted_quantile_loss : Computes a loss without a unit, for series of different scales.
    interval_score : Scores the interval between two quantiles.
    sklearn.metrics.mean_pinball_loss : Computes the loss of a single quantile.

    Notes
    -----
    For the 0.5 quantile the loss is half the mean absolute error. For the two quantiles (1 - c) / 2
    and (1 + c) / 2 it is (1 - c) / 4 times the `interval_score` of the interval between them with
    the coverage c.

    References
    ----------
    .. [1] Koenker, R. and Bassett, G. "Regression quantiles." Econometrica 46 (1978), 33-50.

    Examples
    --------
    >>> from sklstm.metrics import quantile_loss
    >>> y_quantiles = [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]  # three quantiles for each of two rows
    >>> quantile_loss([2.0, 5.0], y_quantiles, [0.25, 0.5, 0.75])
    0.75
    """
    _, losses = _find_losses(y_true, y_quantiles, quantiles)
    return float(np.mean(losses))


def weighted_quantile_loss(y_true: Any, y_quantiles: Any, quantiles: Any) -> float:
    """Compute the quantile loss relative to the size of the targets; lower is better.

    For each quantile, twice the sum of the pinball losses is divided by the sum of the absolute
    targets. The result is averaged over the quantiles. It does not change if targets and forecasts
    are multiplied by the same positive number.

    Parameters
    ----------
    y_true : array-like of shape (n_rows[, n_steps][, n_outputs])
        Targets: one for each row, or one for each step of a path. They must not all be 0.
    y_quantiles : array-like of shape (n_rows[, n_steps][, n_outputs], n_quantiles)
        The forecast of each quantile, for each target. If a forecast is infinite, the loss is
        infinite.
    quantiles : array-like of shape (n_quantiles,)
        The quantiles that were forecast, each in (0, 1), in the order of the last axis of
        `y_quantiles`.

    Returns
    -------
    loss : float
        A number without a unit; 0 is perfect.

    Raises
    ------
    ValueError
        If the shapes do not match, a target is NaN or infinite, a forecast is NaN, a quantile is
        not in (0, 1), or the sum of the absolute targets is 0 or overflows.

    See Also
    --------
    quantile_loss : Computes the loss in the unit of the target.

    Notes
    -----
    This is the ``mean_weighted_sum_quantile_loss`` of GluonTS [1]_ (``mean_wQuantileLoss`` in its
    older evaluator) and, for a single series, the ``scaled_crps`` of utilsforecast. For the 0.5
    quantile, it is the sum of the absolute errors divided by the sum of the absolute targets. The
    losses and the absolute targets are summed over all rows, steps and outputs before the division,
    so an output with large targets counts more than one with small targets.

    References
    ----------
    .. [1] Alexandrov, A. et al. "GluonTS: Probabilistic and neural time series modeling in Python."
       Journal of Machine Learning Research 21 (2020), number 116.

    Examples
    --------
    >>> from sklstm.metrics import weighted_quantile_loss
    >>> y_quantiles = [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]  # three quantiles for each of two rows
    >>> round(weighted_quantile_loss([2.0, 5.0], y_quantiles, [0.25, 0.5, 0.75]), 6)
    0.428571
    """
    y, losses = _find_losses(y_true, y_quantiles, quantiles)
    with np.errstate(over="ignore"):  # raises the error below
        total = float(np.sum(np.abs(y)))
    if not 0 < total < np.inf:
        raise ValueError(
            f"The sum of |y_true| is {total!r}; it must be positive and finite, because the loss "
            "is divided by it. Use quantile_loss, which has the unit of y_true."
        )
    return float(2 * np.sum(losses) / total / losses.shape[-1])


def _find_losses(y_true: Any, y_quantiles: Any, quantiles: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the targets, and the pinball loss of each, with the quantiles along the last axis."""
    q = _check_quantiles(quantiles)
    y = _check_targets(y_true)
    f = _check_last_axis(y_quantiles, "y_quantiles", len(q), "a forecast for each quantile")
    _check_rows(y, f, "y_quantiles")
    above = y[..., None] - f  # by how much the target is above its forecast
    return y, np.maximum(0, above) * q + np.maximum(0, -above) * (1 - q)


def _check_quantiles(quantiles: Any) -> np.ndarray:
    q = np.asarray(quantiles, dtype=np.float64)
    if q.ndim != 1 or not q.size or not np.all((q > 0) & (q < 1)):
        raise ValueError(
            f"quantiles={q.tolist()} must be a list of one or more numbers between 0 and 1, both "
            "excluded."
        )
    return q


def _check_interval(y_true: Any, interval: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return targets, lower and upper ends, all of one shape."""
    ends = _check_ends(interval)
    y = _check_targets(y_true)
    _check_rows(y, ends, "interval")
    return y, ends[..., 0], ends[..., 1]


def _check_ends(interval: Any) -> np.ndarray:
    return _check_last_axis(interval, "interval", 2, "a lower and an upper end for each target")


def _check_targets(y_true: Any) -> np.ndarray:
    return check_array(
        y_true, dtype=np.float64, ensure_2d=False, allow_nd=True, input_name="y_true"
    )


def _check_last_axis(values: Any, name: str, length: int, content: str) -> np.ndarray:
    """Return the forecasts as an array whose last axis has this length."""
    array = check_array(
        values, dtype=np.float64, ensure_all_finite=False, allow_nd=True, input_name=name
    )
    if array.shape[-1] != length or np.isnan(array).any():  # infinite ones are allowed
        raise ValueError(
            f"{name} must hold {content}, {length} along its last axis, and no NaN; its shape is "
            f"{array.shape}."
        )
    return array


def _check_rows(y: np.ndarray, forecasts: np.ndarray, name: str) -> None:
    """Raise a ValueError unless each target has its forecasts."""
    needed = (*y.shape, forecasts.shape[-1])
    if forecasts.shape != needed:
        raise ValueError(
            f"{name} has the shape {forecasts.shape}; for y_true of shape {y.shape} it must be "
            f"{needed}."
        )
