"""Which rows are trained on, tested on, and read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sklstm.folds import make_folds
from sklstm.plots.axes import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    count_on_x,
    open_axes,
    put_legend_above,
)
from sklstm.plots.inside import find_inside
from sklstm.plots.times import find_edges, label_axis, read_times
from sklstm.windows import look_back, window_rows

SPLIT_COLOURS = {"train": BLUE, "gap": GREY, "test": ORANGE, "first window": BLACK}


class SplitDisplay:
    """The folds of a cross-validation: what each trains on, leaves out and tests.

    It is recommended to use :meth:`from_cv`.

    Parameters
    ----------
    train : list of ndarray of shape (n_train_rows,)
        For each fold the numbers of its training rows, in order.
    test : list of ndarray of shape (n_test_rows,)
        Those of its test rows.
    times : ndarray of shape (n_rows,)
        Dates or numbers of all rows.
    windows : list of ndarray of shape (window_length,), default=None
        For each fold the rows that the prediction for its first test row reads.
    time_name : str, default="row"
        Name of the axis of time.

    Attributes
    ----------
    gap : list of ndarray of shape (n_gap_rows,)
        For each fold the rows between the training rows before the first test row and this row.
    bars_ : dict of str to matplotlib BarContainer
        For "train", "gap", "test" and "first window" a bar for each run of rows.
    ax_ : matplotlib Axes
        Axes drawn into.
    figure_ : matplotlib Figure
        Figure that holds them.

    See Also
    --------
    WindowDisplay : Which rows feed a prediction, one by one.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.model_selection import TimeSeriesSplit
    >>> from sklstm.plots import SplitDisplay
    >>> X = np.zeros((40, 1))
    >>> display = SplitDisplay.from_cv(TimeSeriesSplit(3, gap=2), X, window_length=4)
    >>> display.gap[0], display.test[0][0], display.windows[0]
    (array([8, 9]), np.int64(10), array([6, 7, 8, 9]))
    """

    def __init__(self, train, test, times, *, windows=None, time_name="row"):
        self.train = train
        self.test = test
        self.times = times
        self.windows = windows
        self.time_name = time_name

    @property
    def gap(self):
        """For each fold the rows between the training rows before the first test row and it."""
        folds = zip(self.train, self.test, strict=True)
        return [_find_gap(train, test[0]) for train, test in folds]

    @classmethod
    def from_cv(
        cls, cv, X, y=None, *, groups=None, window_length=None, horizon=1, ax=None, **kwargs
    ):
        """Draw how a cross-validation splits rows.

        Parameters
        ----------
        cv : int, cross-validation generator, iterable or None
            How to split. An int is the number of folds of a
            :class:`~sklearn.model_selection.TimeSeriesSplit`, None means 5.
        X : array-like of shape (n_rows, n_features)
            Rows in the order of time. Their index tells dates.
        y : array-like of shape (n_rows,), default=None
            Targets, for a `cv` that asks for them.
        groups : array-like of shape (n_rows,), default=None
            Groups, for a `cv` that asks for them.
        window_length : int, default=None
            Rows that one prediction reads. Those of each first test row are marked: the history
            which a fold needs before its test rows. Rows of a gap among them are not there at test
            time; the row before them stands in. None marks nothing.
        horizon : int, default=1
            Rows between the newest row read and the row predicted.
        ax : matplotlib Axes, default=None
            Axes to draw into; None opens a figure.
        **kwargs : dict of str to object
            Further arguments of :meth:`plot`.

        Returns
        -------
        display : SplitDisplay
            The data and what was drawn.

        Raises
        ------
        ValueError
            If the rows cannot be split so, or a fold has no training or test rows.
        """
        folds = [tuple(map(np.sort, fold)) for fold in make_folds(cv, X, y, gap=0, groups=groups)]
        train, test = map(list, zip(*folds, strict=True))
        times, time_name = read_times(X)
        windows = None
        if window_length is not None:
            _check_window(window_length, horizon)
            first = [rows[0] for rows in test]
            windows = [_list_rows(row, window_length, horizon) for row in first]
        return cls(train, test, times, windows=windows, time_name=time_name).plot(ax, **kwargs)

    def plot(self, ax=None, *, bar_kw=None):
        """Draw a row of bars per fold, the first fold at the top.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; None opens a figure.
        bar_kw : dict, default=None
            Arguments of :meth:`matplotlib.axes.Axes.barh`.

        Returns
        -------
        self : SplitDisplay
            The display, with what was drawn.
        """
        self.ax_ = open_axes(ax)
        self.figure_ = self.ax_.figure
        parts = {"train": self.train, "gap": self.gap, "test": self.test}
        self.bars_ = {
            name: self._draw(name, rows, {"height": 0.8, **(bar_kw or {})})
            for name, rows in parts.items()
            if any(map(len, rows))
        }
        if self.windows is not None:
            # An edge: of thousands of rows, a window may be thinner than a pixel.
            style = {"height": 0.3, "edgecolor": BLACK, "linewidth": 1.5, **(bar_kw or {})}
            self.bars_["first window"] = self._draw("first window", self.windows, style)
        self.ax_.set_yticks(range(len(self.train)))
        self.ax_.set_ylabel("fold")
        self.ax_.invert_yaxis()
        label_axis(self.ax_, self.times, self.time_name)
        put_legend_above(self.ax_)
        return self

    def _draw(self, name, folds, style):
        """Draw a bar for each run of rows, from the time of its first to that after its last."""
        edges = find_edges(self.times)
        runs = [(fold, *run) for fold, rows in enumerate(folds) for run in _find_runs(rows)]
        fold, first, last = np.array(runs).T
        left, right = edges[first], edges[last + 1]
        style = {"color": SPLIT_COLOURS[name], "label": name, **style}
        return self.ax_.barh(fold, right - left, left=left, **style)


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
        _check_window(window_length, horizon)
        t = look_back(window_length, horizon)  # the first row whose window is complete
        reads_known = regressor.known_columns is not None and np.size(regressor.known_columns) > 0
        known_rows = _list_rows(t, window_length, 0) - t if reads_known else None
        rows = _list_rows(t, window_length, horizon) - t
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


def _list_rows(target: int, window_length: int, horizon: int) -> np.ndarray:
    """List the rows that the prediction for a row reads."""
    return window_rows(target + 1, window_length, horizon)[target]


def _check_window(window_length: int, horizon: int) -> None:
    if window_length < 1 or horizon < 0:
        raise ValueError(
            f"window_length={window_length} with horizon={horizon}; they may be 1 and 0 at least."
        )


def _find_gap(train: np.ndarray, first_test: int) -> np.ndarray:
    before = train[train < first_test]
    return np.arange(before[-1] + 1 if len(before) else first_test, first_test)


def _find_runs(rows: np.ndarray) -> Iterator[tuple[int, int]]:
    """Find the first and the last row of each run of adjacent rows."""
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1):
        if len(run):
            yield run[0], run[-1]
