"""The display of a forecast's residuals, over time and by lag."""

from __future__ import annotations

import math
from typing import Any, Self

import numpy as np

from sklstm.plots._axes import (
    BLACK,
    BLUE,
    ORANGE,
    count_on_x,
    put_legend_above,
    split_axes,
)
from sklstm.plots._forecasts import read_pair
from sklstm.plots._times import label_axis, read_times


class ResidualDisplay:
    """Display the residuals of a forecast over time, and their autocorrelation.

    Use :meth:`from_estimator` or :meth:`from_predictions` to create it.

    Parameters
    ----------
    times : ndarray of shape (n_rows,)
        Dates or numbers of the rows.
    residuals : ndarray of shape (n_rows,)
        Truth minus forecast, in the units of y.
    autocorrelation : ndarray of shape (n_lags,)
        Autocorrelation of the residuals at lags 1, 2, ..., between -1 and 1.
    time_name : str, default="row"
        Label of the time axis.

    Attributes
    ----------
    bound : float
        Distance from 0 within which 95 % of the autocorrelations of white noise lie.
    line_ : matplotlib Line2D
        The residuals.
    bars_ : matplotlib BarContainer
        The autocorrelations.
    band_ : matplotlib artist
        The band between -`bound` and `bound`.
    axes_ : list of matplotlib Axes
        Axes of the residuals and of their autocorrelation.
    figure_ : matplotlib Figure
        Figure that contains the axes.

    See Also
    --------
    ForecastDisplay : Displays the forecast itself.

    Notes
    -----
    The autocorrelation and the bound of 1.96 / sqrt(n_rows) for white noise are those of [1]_. The
    errors of forecasts h rows ahead overlap. They are correlated up to lag h - 1 even if no better
    forecast is possible.

    References
    ----------
    .. [1] Box, G. E. P., Jenkins, G. M., Reinsel, G. C. and Ljung, G. M. "Time series analysis:
       forecasting and control." 5th edition, Wiley 2015, chapter 2.

    Examples
    --------
    >>> from sklstm import LastValueRegressor
    >>> from sklstm.datasets import load_stock
    >>> from sklstm.plots import ResidualDisplay
    >>> X, y = load_stock(return_X_y=True)
    >>> last_value = LastValueRegressor().fit(X[:-400], y[:-400])
    >>> display = ResidualDisplay.from_estimator(last_value, X[-400:], y[-400:])
    >>> round(display.bound, 3)  # 1.96 / sqrt(400)
    0.098
    """

    __module__ = "sklstm.plots"  # where users import it from

    def __init__(
        self,
        times: np.ndarray,
        residuals: np.ndarray,
        autocorrelation: np.ndarray,
        *,
        time_name: str = "row",
    ) -> None:
        self.times = times
        self.residuals = residuals
        self.autocorrelation = autocorrelation
        self.time_name = time_name

    @property
    def bound(self) -> float:
        """The distance from 0 within which 95 % of the autocorrelations of white noise lie."""
        return 1.96 / math.sqrt(len(self.residuals))

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        n_lags: int | None = None,
        ax: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the residuals of a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            A fitted regressor.
        X : array-like of shape (n_rows, n_features)
            Rows to predict.
        y : array-like of shape (n_rows,)
            Targets of these rows. Dates are read from the index of y, or else from that of X.
        n_lags : int, default=None
            Largest lag of the autocorrelation, in rows. None means ``10 * log10(n_rows)``.
        ax : matplotlib Axes or array of two, default=None
            Axes to divide in two, or two axes. None creates a new figure.
        **kwargs : dict of str to object
            Keyword arguments for :meth:`plot`.

        Returns
        -------
        display : ResidualDisplay
            The display, with its data and matplotlib artists.

        Raises
        ------
        ValueError
            If there are several outputs, or if all residuals are equal.
        """
        return cls._from(y, estimator.predict(X), X, n_lags).plot(ax, **kwargs)

    @classmethod
    def from_predictions(
        cls, y_true: Any, y_pred: Any, *, n_lags: int | None = None, ax: Any = None, **kwargs: Any
    ) -> Self:
        """Draw the residuals of given predictions.

        Parameters
        ----------
        y_true : array-like of shape (n_rows,)
            The truth. Dates are read from its index.
        y_pred : array-like of shape (n_rows,)
            The predictions.
        n_lags : int, default=None
            Largest lag of the autocorrelation, in rows. None means ``10 * log10(n_rows)``.
        ax : matplotlib Axes or array of two, default=None
            Axes to divide in two, or two axes. None creates a new figure.
        **kwargs : dict of str to object
            Keyword arguments for :meth:`plot`.

        Returns
        -------
        display : ResidualDisplay
            The display, with its data and matplotlib artists.

        Raises
        ------
        ValueError
            If the arrays have different numbers of rows, if there are several outputs, or if all
            residuals are equal.
        """
        return cls._from(y_true, y_pred, y_pred, n_lags).plot(ax, **kwargs)

    @classmethod
    def _from(cls, y_true, y_pred, X, n_lags):
        true, pred = read_pair(y_true, y_pred)
        times, time_name = read_times(y_true, X)
        residuals = true - pred
        return cls(times, residuals, autocorrelate(residuals, n_lags), time_name=time_name)

    def plot(
        self,
        ax: Any = None,
        *,
        line_kw: dict[str, Any] | None = None,
        bar_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the residuals over time, and their autocorrelation below.

        Parameters
        ----------
        ax : matplotlib Axes or array of two, default=None
            Axes to divide in two, or two axes. None creates a new figure.
        line_kw : dict, default=None
            Keyword arguments for :meth:`matplotlib.axes.Axes.plot`, for the residuals.
        bar_kw : dict, default=None
            Keyword arguments for :meth:`matplotlib.axes.Axes.bar`, for the autocorrelations.

        Returns
        -------
        self : ResidualDisplay
            The display, with the matplotlib artists as attributes.
        """
        self.axes_ = over_time, by_lag = split_axes(ax, 2)
        self.figure_ = over_time.figure
        style = {"color": BLUE, "lw": 0.8, **(line_kw or {})}
        (self.line_,) = over_time.plot(self.times, self.residuals, **style)
        over_time.axhline(0, color=BLACK, lw=0.8)
        over_time.set_ylabel("truth - prediction")
        label_axis(over_time, self.times, self.time_name)
        lags = np.arange(1, len(self.autocorrelation) + 1)
        style = {"color": BLUE, "width": 0.4, **(bar_kw or {})}
        self.bars_ = by_lag.bar(lags, self.autocorrelation, **style)
        by_lag.axhline(0, color=BLACK, lw=0.8)
        fill = {"color": ORANGE, "alpha": 0.25, "lw": 0, "zorder": 0, "label": "95 % of noise"}
        self.band_ = by_lag.axhspan(-self.bound, self.bound, **fill)
        by_lag.set(xlabel="lag (rows)", ylabel="autocorrelation")
        count_on_x(by_lag)
        put_legend_above(by_lag)
        return self


def autocorrelate(values: np.ndarray, n_lags: int | None = None) -> np.ndarray:
    """Compute the autocorrelation at lags 1, 2, ..., n_lags."""
    n_rows = len(values)
    n_lags = min(int(10 * np.log10(n_rows)), n_rows - 1) if n_lags is None else n_lags
    if not 1 <= n_lags < n_rows:
        raise ValueError(
            f"n_lags={n_lags} must be between 1 and {n_rows - 1}, because there are {n_rows} rows."
        )
    if not np.isfinite(values).all() or np.ptp(values) == 0:
        raise ValueError("The residuals must be finite and must not all be equal.")
    e = values - values.mean()
    return np.array([e[lag:] @ e[:-lag] for lag in range(1, n_lags + 1)]) / (e @ e)
