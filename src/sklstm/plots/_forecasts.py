"""The display of forecasts and the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sklstm.plots._axes import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    open_axes,
    put_legend_above,
)
from sklstm.plots._times import label_axis, place_on_axis, read_times, read_times_after

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SPAN_COLOURS = {"train": GREY, "validation": ORANGE, "test": GREEN}  # others are purple


class ForecastDisplay:
    """Display a forecast, the truth, and the spans that were used for training and testing.

    Use :meth:`from_estimator` or :meth:`from_predictions` to create it.

    Parameters
    ----------
    times : ndarray of shape (n_rows,)
        Dates or numbers of the rows.
    y_true : ndarray of shape (n_rows,)
        The truth; NaN where it is unknown.
    y_pred : ndarray of shape (n_rows,)
        The forecast, in the units of the truth.
    interval : ndarray of shape (n_rows, 2), default=None
        Lower and upper end of a prediction interval.
    train_times : ndarray of shape (n_train_rows,), default=None
        Dates or numbers of the earlier rows.
    train : ndarray of shape (n_train_rows,), default=None
        The truth for the earlier rows.
    spans : dict of str to tuple, default=None
        First and last date or number of each span to shade, by name.
    time_name : str, default="row"
        Label of the time axis.
    target_name : str, default="y"
        Name of the target.

    Attributes
    ----------
    true_line_ : matplotlib Line2D
        The truth, including the training rows.
    pred_line_ : matplotlib Line2D
        The forecast.
    band_ : matplotlib artist or None
        The interval.
    spans_ : dict of str to matplotlib artist
        The shaded spans.
    ax_ : matplotlib Axes
        Axes of the plot.
    figure_ : matplotlib Figure
        Figure that contains the axes.

    See Also
    --------
    ResidualDisplay : Displays the residuals of a forecast.
    sklstm.ConformalRegressor : Predicts intervals.

    Examples
    --------
    >>> from sklstm import LastValueRegressor
    >>> from sklstm.datasets import load_stock
    >>> from sklstm.plots import ForecastDisplay
    >>> X, y = load_stock(return_X_y=True)
    >>> last_value = LastValueRegressor().fit(X[:-20], y[:-20])
    >>> display = ForecastDisplay.from_estimator(
    ...     last_value, X[-20:], y[-20:], train=y[-60:-20]
    ... )
    >>> [str(day)[:10] for day in display.spans["test"]]
    ['2013-02-01', '2013-03-01']
    """

    __module__ = "sklstm.plots"  # where users import it from

    def __init__(
        self,
        times: np.ndarray,
        y_true: Any,
        y_pred: Any,
        *,
        interval: Any = None,
        train_times: np.ndarray | None = None,
        train: Any = None,
        spans: Mapping[str, tuple[Any, Any]] | None = None,
        time_name: str = "row",
        target_name: str = "y",
    ) -> None:
        self.times = times
        self.y_true = y_true
        self.y_pred = y_pred
        self.interval = interval
        self.train_times = train_times
        self.train = train
        self.spans = spans
        self.time_name = time_name
        self.target_name = target_name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        train: Any = None,
        spans: Mapping[str, tuple[Any, Any]] | None = None,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the predictions of a fitted estimator, and its intervals if it predicts them.

        Parameters
        ----------
        estimator : estimator
            A fitted regressor. If it has ``predict_interval``, the intervals are drawn too.
        X : array-like of shape (n_rows, n_features)
            Rows to predict.
        y : array-like of shape (n_rows,)
            Targets of these rows. Dates are read from the index of y, or else from that of X.
        train : array-like of shape (n_train_rows,), default=None
            Targets of the rows before X, to be drawn as well.
        spans : dict of str to tuple, default=None
            First and last date or number of each span to shade, by name, such as "train",
            "validation" and "test". None shades the training rows and the test rows, if `train` is
            given.
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.
        **kwargs : dict of str to object
            Keyword arguments for :meth:`plot`.

        Returns
        -------
        display : ForecastDisplay
            The display, with its data and matplotlib artists.

        Raises
        ------
        ValueError
            If y has several outputs, or if only one of `train` and y has dates.
        """
        y_pred = estimator.predict(X)
        has_interval = hasattr(estimator, "predict_interval")
        interval = estimator.predict_interval(X) if has_interval else None
        return cls._from(y, y_pred, X, interval, train, spans).plot(ax, **kwargs)

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_pred: Any,
        *,
        interval: Any = None,
        train: Any = None,
        spans: Mapping[str, tuple[Any, Any]] | None = None,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw given predictions.

        Parameters
        ----------
        y_true : array-like of shape (n_rows,)
            The truth; NaN where it is unknown. Dates are read from its index.
        y_pred : array-like of shape (n_rows,)
            The predictions.
        interval : array-like of shape (n_rows, 2), default=None
            Lower and upper end of a prediction interval.
        train : array-like of shape (n_train_rows,), default=None
            Targets of the rows before these, to be drawn as well.
        spans : dict of str to tuple, default=None
            First and last date or number of each span to shade, by name, such as "train",
            "validation" and "test". None shades the training rows and the test rows, if `train` is
            given.
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.
        **kwargs : dict of str to object
            Keyword arguments for :meth:`plot`.

        Returns
        -------
        display : ForecastDisplay
            The display, with its data and matplotlib artists.

        Raises
        ------
        ValueError
            If the arrays have different numbers of rows, or if there are several outputs.
        """
        return cls._from(y_true, y_pred, y_pred, interval, train, spans).plot(ax, **kwargs)

    @classmethod
    def _from(cls, y_true, y_pred, X, interval, train, spans):
        true, pred = read_pair(y_true, y_pred)
        if train is None:
            train_times, (times, time_name) = None, read_times(y_true, X)
        else:
            train_times, times, time_name = read_times_after(train, y_true, X)
            train = _read_column("train", train)
        return cls(
            times,
            true,
            pred,
            interval=_read_interval(interval, len(times)),
            train_times=train_times,
            train=train,
            spans=_read_spans(spans, times, train_times),
            time_name=time_name,
            target_name=str(getattr(y_true, "name", None) or "y"),
        )

    def plot(
        self,
        ax: Axes | None = None,
        *,
        line_kw: dict[str, Any] | None = None,
        fill_between_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the truth in black and the forecast in colour, on shaded spans.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.
        line_kw : dict, default=None
            Keyword arguments for :meth:`matplotlib.axes.Axes.plot`, for the line of the forecast.
        fill_between_kw : dict, default=None
            Keyword arguments for :meth:`matplotlib.axes.Axes.fill_between`, for the interval.

        Returns
        -------
        self : ForecastDisplay
            The display, with the matplotlib artists as attributes.
        """
        self.ax_ = open_axes(ax)
        self.figure_ = self.ax_.figure
        times, true = self.times, self.y_true
        if self.train is not None:
            times = np.concatenate([self.train_times, times])
            true = np.concatenate([self.train, true])
        (self.true_line_,) = self.ax_.plot(times, true, color=BLACK, lw=1, label="truth")
        style = {"color": BLUE, "lw": 1.2, "label": "prediction", **(line_kw or {})}
        (self.pred_line_,) = self.ax_.plot(self.times, self.y_pred, **style)
        self.band_ = None
        if self.interval is not None:
            fill = {"color": SKY, "alpha": 0.4, "lw": 0, "label": "interval"}
            fill |= fill_between_kw or {}
            self.band_ = self.ax_.fill_between(self.times, *self.interval.T, **fill)
        self.spans_ = {
            name: self.ax_.axvspan(
                *ends, color=SPAN_COLOURS.get(name, PURPLE), alpha=0.15, lw=0, label=name
            )
            for name, ends in (self.spans or {}).items()
        }
        label_axis(self.ax_, self.times, self.time_name)
        self.ax_.set_ylabel(self.target_name)
        put_legend_above(self.ax_)
        return self


def read_pair(y_true: Any, y_pred: Any) -> tuple[np.ndarray, np.ndarray]:
    """Read truth and prediction of the same rows."""
    true, pred = _read_column("y_true", y_true), _read_column("y_pred", y_pred)
    if len(true) != len(pred):
        raise ValueError(
            f"y_true has {len(true)} rows and y_pred has {len(pred)}; they must have the same rows."
        )
    return true, pred


def _read_column(name: str, values: Any) -> np.ndarray:
    """Read one target as floats; a table may have one column."""
    column = np.asarray(values, dtype=float)
    if column.size == 0 or column.size != len(column):
        raise ValueError(
            f"{name} has the shape {column.shape}; it must be a single target with at least one "
            "row. Select one output, as in y[:, 0]."
        )
    return column.ravel()


def _read_interval(interval: Any, n_rows: int) -> np.ndarray | None:
    if interval is None:
        return None
    interval = np.asarray(interval, dtype=float)
    if interval.shape != (n_rows, 2):
        raise ValueError(f"interval has the shape {interval.shape}; it must be {(n_rows, 2)}.")
    return interval


def _read_spans(spans: Any, times: np.ndarray, train_times: np.ndarray | None) -> dict[str, tuple]:
    if spans is not None:
        return {
            name: tuple(place_on_axis(end, times) for end in ends) for name, ends in spans.items()
        }
    if train_times is None:
        return {}
    return {"train": (train_times[0], train_times[-1]), "test": (times[0], times[-1])}
