"""`find_seasons`, the public function that finds the seasons of a series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils import check_array

from sklstm._closed_form.natural_lengths import find_natural_lengths
from sklstm._closed_form.seasons import search_seasons
from sklstm._rows.labels import read_labels


@dataclass(frozen=True)
class Seasons:
    """The seasons of a series, and the autocorrelation in which they were found.

    :func:`find_seasons` returns an object of this class.

    Parameters
    ----------
    lengths : tuple of int
        Number of rows in each season, in the order found; empty if there is no season.
    natural_lengths : tuple of int
        Natural lengths that the search preferred: those passed, or those that the dates imply.
    autocorrelation : ndarray of shape (n_lags,)
        Autocorrelation of the residuals of a linear forecast from the last eight rows, at lags 1,
        2, ...; each value is between -1 and 1. If the first season found has at most nine rows, it
        is the autocorrelation of the changes from row to row.
    threshold : float
        Height that a peak of the autocorrelation must exceed.

    See Also
    --------
    find_seasons : Finds the seasons.
    sklstm.plots.SeasonDisplay : Draws them.

    Examples
    --------
    >>> import numpy as np
    >>> from sklstm import find_seasons
    >>> find_seasons(np.zeros(100))
    Seasons(lengths=(), natural_lengths=(), threshold=1.0)
    """

    __module__ = "sklstm"  # where users import it from

    lengths: tuple[int, ...]
    natural_lengths: tuple[int, ...]
    autocorrelation: np.ndarray
    threshold: float

    def __repr__(self) -> str:
        """Leave out the autocorrelation, which may have thousands of lags."""
        return (
            f"Seasons(lengths={self.lengths}, natural_lengths={self.natural_lengths}, "
            f"threshold={self.threshold:.3})"
        )


def find_seasons(
    y: Any, *, natural_lengths: Sequence[int] | None = None, max_seasons: int = 2
) -> Seasons:
    """Find the lengths of the seasons of a series, in rows.

    A linear forecast from the last eight rows removes the short-term dependence. Peaks in the
    autocorrelation of its residuals are candidates [1]_. A candidate is a season only if the rows
    one season earlier improve the forecast of held-out rows.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        The series, oldest row first. Dates in its index imply the natural lengths.
    natural_lengths : sequence of int, default=None
        Lengths to prefer, even if other peaks are somewhat higher. None means those that the dates
        imply, such as 24 and 168 for hours, 7 and 365 for days, 52 for weeks, 12 for months.
    max_seasons : int, default=2
        Maximum number of seasons to find.

    Returns
    -------
    seasons : Seasons
        The `lengths` of the seasons, and the autocorrelation in which they were found.

    Raises
    ------
    ValueError
        If y is not a single series of finite numbers, or if its labels do not increase.

    See Also
    --------
    sklstm.plots.SeasonDisplay : Draws the autocorrelation and the seasons.
    SeasonalNaiveRegressor : Repeats the value one season earlier.

    Notes
    -----
    The forecast is a ridge regression that predicts the change from the last value. Its residuals
    are clipped at three standard deviations. Candidates are the local maxima of their
    autocorrelation r above ``max(0.1, 4 / sqrt(n_rows))``. For comparison, 95 % of the
    autocorrelations of white noise lie within 1.96 / sqrt(n_rows) [1]_.

    The first candidate to be tested is the shortest natural length where r is at least 0.6 of its
    highest peak. If that length is not a season, or if there is none, the shortest candidate where
    r is at least 0.8 of the highest peak is tested. A candidate is a season if the value one season
    earlier and its two neighbours reduce the root mean squared error of the forecast on the last
    fifth of the rows by more than 2 %. Once the forecast also reads these values, its residuals are
    searched for the next season.

    Seasons of up to nine rows are searched for first, because the last eight rows already contain
    the value one season earlier, or its neighbour. The search uses the autocorrelation of the
    changes from row to row, where the peak must recur at two and three times its lag. These seasons
    are tested with the value a whole number of seasons earlier and its two neighbours, the latest
    ones that lie before the last eight rows.

    A smooth wave is not a season if the rows one season earlier add little to what the last eight
    rows forecast. The series needs at least 30 rows. It must contain three full seasons, or about
    eleven if the season has at most nine rows. Only the last 32,000 rows of a longer series are
    used. No season was found in any of 1,000 random walks of 1,000 rows with heavy tails or
    changing variance.

    References
    ----------
    .. [1] Box, G. E. P., Jenkins, G. M., Reinsel, G. C. and Ljung, G. M. "Time series analysis:
       forecasting and control." 5th edition, Wiley 2015, chapter 2.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklstm import find_seasons
    >>> rng = np.random.default_rng(0)
    >>> hours = pd.date_range("2024-01-01", periods=2000, freq="h")
    >>> load = 10 * (hours.hour > 7) - 4 * (hours.day_of_week > 4) + rng.normal(size=2000)
    >>> find_seasons(pd.Series(load, index=hours)).lengths
    (24, 168)
    >>> find_seasons(rng.normal(size=2000).cumsum()).lengths  # a random walk has none
    ()
    """
    series = _check_series(y)
    natural = _check_natural_lengths(natural_lengths)
    labels = read_labels(series, y, must_increase=True)
    if natural is None:
        natural = find_natural_lengths(labels)
    if not isinstance(max_seasons, Integral) or isinstance(max_seasons, bool) or max_seasons < 1:
        raise ValueError(f"max_seasons={max_seasons!r} must be an int of 1 or more.")
    lengths, look = search_seasons(series, natural, int(max_seasons))
    return Seasons(lengths, natural, look.autocorrelation[1:], look.threshold)


find_seasons.__module__ = "sklstm"  # where users import it from


def _check_series(y: Any) -> np.ndarray:
    """Read one series of finite numbers, float64."""
    series = check_array(
        y, ensure_2d=False, allow_nd=True, dtype=np.float64, ensure_all_finite=False, input_name="y"
    )
    if series.ndim != 1:
        raise ValueError(
            f"y has the shape {series.shape}; find_seasons takes a single series of shape "
            '(n_rows,). Select a column, as in y["name"] or y[:, 0].'
        )
    wrong = np.flatnonzero(~np.isfinite(series))
    if len(wrong):
        raise ValueError(
            f"y has {series[wrong[0]]} in row {wrong[0]}; seasons are counted in rows, so each row "
            "needs a number. Fill gaps first, with y.interpolate() or y.ffill() in pandas, or give "
            "only the rows after the last gap."
        )
    return series


def _check_natural_lengths(lengths: Sequence[int] | None) -> tuple[int, ...] | None:
    if lengths is None:
        return None
    if not all(isinstance(length, Integral) and length >= 2 for length in lengths):
        raise ValueError(f"natural_lengths={lengths!r} must be a list of ints of 2 or more.")
    return tuple(int(length) for length in lengths)
