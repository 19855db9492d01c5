"""Which rows one prediction reads."""

from __future__ import annotations

import numpy as np

from sklstm._nested.inside import find_inside
from sklstm._rows.windows import Alignment, window_rows
from sklstm.plots._axes import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    count_on_x,
    open_axes,
    put_legend_above,
)


class WindowDisplay:
    """Which rows feed the prediction for a row t.

    It is recommended to use :meth:`from_estimator`. The rule is that of
    :doc:`the page on alignment </alignment>`.

    Parameters
    ----------
    rows : ndarray of shape (window_length,)
        Rows of X that are read, counted from t.
    known_rows : ndarray of shape (window_length,), default=None
        Rows of the columns known in advance that are read; None without such columns.

    Attributes
    ----------
    bars_ : dict of str to matplotlib BarContainer
        For "X", "known columns" and "y" a cell for each row read or predicted.
    ax_ : matplotlib Axes
        Axes drawn into.
    figure_ : matplotlib Figure
        Figure that holds them.

    See Also
    --------
    SplitDisplay : Which rows a cross-validation trains on.

    Examples
    --------
    >>> from sklstm import LSTMRegressor
    >>> from sklstm.plots import WindowDisplay
    >>> regressor = LSTMRegressor(window_length=3, horizon=2, known_columns=[0])
    >>> display = WindowDisplay.from_estimator(regressor)
    >>> display.rows, display.known_rows
    (array([-4, -3, -2]), array([-2, -1,  0]))
    """

    __module__ = "sklstm.plots"  # where users import it from

    def __init__(self, rows, *, known_rows=None):
        self.rows = rows
        self.known_rows = known_rows

    @classmethod
    def from_estimator(cls, estimator, *, ax=None, **kwargs):
        """Draw which rows the predictions of a forecaster read.

        Parameters
        ----------
        estimator : estimator
            An :class:`~sklstm.LSTMRegressor`, fitted or not; or a Pipeline, a search or another
            meta-estimator with one inside.
        ax : matplotlib Axes, default=None
            Axes to draw into; None opens a figure.
        **kwargs : dict of str to object
            Further arguments of :meth:`plot`.

        Returns
        -------
        display : WindowDisplay
            The data and what was drawn.

        Raises
        ------
        ValueError
            If no part of the estimator has `window_length`.
        """
        regressor = find_inside(estimator, "window_length")
        window_length, horizon = regressor.window_length, regressor.horizon
        check_window(window_length, horizon)
        t = Alignment(window_length, horizon).reach  # the first row whose window is complete
        reads_known = regressor.known_columns is not None and np.size(regressor.known_columns) > 0
        known_rows = list_rows(t, window_length, 0) - t if reads_known else None
        rows = list_rows(t, window_length, horizon) - t
        return cls(rows, known_rows=known_rows).plot(ax, **kwargs)

    def plot(self, ax=None, *, bar_kw=None):
        """Draw a line of cells for X, for the known columns and for y.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; None opens a figure.
        bar_kw : dict, default=None
            Arguments of :meth:`matplotlib.axes.Axes.bar` for the cells read.

        Returns
        -------
        self : WindowDisplay
            The display, with what was drawn.
        """
        self.ax_ = open_axes(ax)
        self.figure_ = self.ax_.figure
        lines = {"X": (self.rows, BLUE, "read")}
        if self.known_rows is not None:
            lines["known columns"] = (self.known_rows, GREEN, "read, known in advance")
        lines["y"] = (np.array([0]), ORANGE, "predicted")
        shown = np.arange(self.rows[0] - 1, 2)  # a row more on both sides
        self.bars_ = {}
        for height, (name, (rows, colour, label)) in enumerate(lines.items()):
            cell = {"height": 0.6, "width": 0.9, "bottom": height - 0.3}
            self.ax_.bar(shown, **cell, color="none", edgecolor=GREY)
            style = {"color": colour, "label": label, **(bar_kw or {})}
            self.bars_[name] = self.ax_.bar(rows, **cell, **style)
        self.ax_.set_yticks(range(len(lines)), list(lines))
        self.ax_.set_ylim(len(lines) - 0.5, -0.5)  # X at the top
        count_on_x(self.ax_)
        self.ax_.xaxis.set_major_formatter(_name_row)
        self.ax_.set_xlabel("row")
        put_legend_above(self.ax_)
        return self


def _name_row(row: float, position: int | None = None) -> str:
    return f"t{row:+.0f}" if row else "t"


def list_rows(target: int, window_length: int, horizon: int) -> np.ndarray:
    """List the rows that the prediction for a row reads."""
    return window_rows(target + 1, Alignment(window_length, horizon))[target]


def check_window(window_length: int, horizon: int) -> None:
    """Refuse a window that no model has."""
    if window_length < 1 or horizon < 0:
        raise ValueError(
            f"window_length={window_length} with horizon={horizon}; they may be 1 and 0 at least."
        )
