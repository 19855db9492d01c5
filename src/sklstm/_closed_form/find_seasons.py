"""The seasons of a series, as users ask for them."""

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
    """The seasons of a series, and the autocorrelation that shows them.

    :func:`find_seasons` makes it.

    Parameters
    ----------
    lengths : tuple of int
        Rows of each season found, in the order found; empty if there is none.
    natural_lengths : tuple of int
        Lengths that were preferred among peaks of about equal height.
    autocorrelation : ndarray of shape (n_lags,)
        Correlation with the values 1, 2, ... rows before, between -1 and 1: of what a linear
        forecast from the last eight rows leaves, or, if the first season found has at most nine
        rows, of the changes from row to row.
    threshold : float
        How high a peak of the autocorrelation must be.

    See Also
    --------
    find_seasons : Finds them.
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
    """Find the seasons of a series: after how many rows it repeats itself.

    A linear forecast takes from the series what the last eight rows tell. Peaks in the
    autocorrelation of what is left are the candidates [1]_, and a season counts only if its rows
    improve the forecast of rows held out.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        The series, oldest row first. The dates of its index tell natural lengths.
    natural_lengths : sequence of int, default=None
        Lengths to prefer among peaks of about equal height. None takes those of the dates: 24 and
        168 rows for hours, 7 and 365 for days, 5 for business days, 52 for weeks, 12 for months.
    max_seasons : int, default=2
        How many seasons to find at most.

    Returns
    -------
    seasons : Seasons
        The `lengths` of the seasons found, and the autocorrelation that shows them.

    Raises
    ------
    ValueError
        If y is not one series of finite numbers, or if its labels do not increase.

    See Also
    --------
    sklstm.plots.SeasonDisplay : Draws the autocorrelation and the seasons.
    SeasonalNaiveRegressor : Forecasts the value of the last season.

    Notes
    -----
    The forecast is a ridge regression of the change from the last value. Its residuals are clipped
    at three standard deviations. A candidate is a local maximum of their autocorrelation r above
    ``max(0.1, 4 / sqrt(n_rows))``; 1.96 / sqrt(n_rows) would be the bound of 95 % of noise [1]_. Of
    those with at least 0.8 of the highest r the shortest is taken, but first the shortest natural
    length that has 0.6 of it. It is kept if the root mean squared error of the forecast on the last
    fifth of the rows falls by 2 % once the values of the rows one season back, and of those beside
    them, are added. The next season is looked for in what that forecast leaves.

    A season of up to nine rows is one that the last eight rows tell already. It is looked for
    first, in the autocorrelation of the changes, where its peak must come back two and three
    seasons back, and the rows to improve the forecast are those of the next season that is older
    than the last eight rows.

    A smooth wave that the last eight rows tell as well as those of a season back is no season here.
    The rows must hold a season three times, and there must be at least 30 of them. Of a longer
    series the last 32,000 rows are looked at. Of 1,000 random walks of 1,000 rows, with heavy tails
    or changing variance, none had a season.

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
    if natural is None:
        natural = find_natural_lengths(read_labels(series, y, must_increase=True))
    if not isinstance(max_seasons, Integral) or isinstance(max_seasons, bool) or max_seasons < 1:
        raise ValueError(f"max_seasons={max_seasons!r}; it must be an int of 1 or more.")
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
            f"y has the shape {series.shape}; find_seasons takes one series, (n_rows,). Take one "
            'column: y["name"] of a table, y[:, 0] of an array.'
        )
    wrong = np.flatnonzero(~np.isfinite(series))
    if len(wrong):
        raise ValueError(
            f"y holds {series[wrong[0]]} in row {wrong[0]}; a season is counted in rows, so each "
            "needs a number. Fill gaps before, by y.interpolate() or y.ffill() in pandas, or give "
            "the rows after the last gap."
        )
    return series


def _check_natural_lengths(lengths: Sequence[int] | None) -> tuple[int, ...] | None:
    if lengths is None:
        return None
    if not all(isinstance(length, Integral) and length >= 2 for length in lengths):
        raise ValueError(f"natural_lengths={lengths!r}; each must be an int of 2 rows or more.")
    return tuple(int(length) for length in lengths)
