"""The display of the training and test rows of each fold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sklstm._rows.folds import make_folds
from sklstm.plots._axes import BLACK, BLUE, GREY, ORANGE, open_axes, put_legend_above
from sklstm.plots._times import find_edges, label_axis, read_times
from sklstm.plots._window import check_window, list_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SPLIT_COLOURS = {"train": BLUE, "gap": GREY, "test": ORANGE, "first window": BLACK}


class SplitDisplay:
    """Display the training rows, the gap and the test rows of each fold of a cross-validation.

    Use :meth:`from_cv` to create it.

    Parameters
    ----------
    train : list of ndarray of shape (n_train_rows,)
        Positions of the training rows of each fold, in increasing order.
    test : list of ndarray of shape (n_test_rows,)
        Positions of the test rows of each fold, in increasing order.
    times : ndarray of shape (n_rows,)
        Dates or other labels of all rows, or else their positions.
    windows : list of ndarray of shape (window_length,), default=None
        For each fold, the rows that the prediction for the first test row reads.
    time_name : str, default="row"
        Label of the time axis.

    Attributes
    ----------
    gap : list of ndarray of shape (n_gap_rows,)
        For each fold, the rows left out directly before the first test row.
    bars_ : dict of str to matplotlib BarContainer
        The bars, one for each run of adjacent rows. The keys are "train", "gap", "test" and "first
        window".
    ax_ : matplotlib Axes
        Axes of the plot.
    figure_ : matplotlib Figure
        Figure that contains the axes.

    See Also
    --------
    WindowDisplay : Displays the rows that one prediction reads.

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

    __module__ = "sklstm.plots"  # where users import it from

    def __init__(
        self,
        train: Any,
        test: Any,
        times: np.ndarray,
        *,
        windows: Any = None,
        time_name: str = "row",
    ) -> None:
        self.train = train
        self.test = test
        self.times = times
        self.windows = windows
        self.time_name = time_name

    @property
    def gap(self) -> list[np.ndarray]:
        """For each fold, the rows left out directly before the first test row."""
        folds = zip(self.train, self.test, strict=True)
        return [_find_gap(train, test[0]) for train, test in folds]

    @classmethod
    def from_cv(
        cls,
        cv: Any,
        X: Any,
        y: Any = None,
        *,
        groups: Any = None,
        window_length: int | None = None,
        horizon: int = 1,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw how a cross-validation splits the rows.

        Parameters
        ----------
        cv : int, cross-validation generator, iterable or None
            The splits. An int is the number of folds of a
            :class:`~sklearn.model_selection.TimeSeriesSplit`; None means 5 folds.
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first. If the index of X holds dates, they label the axis.
        y : array-like of shape (n_rows,), default=None
            Targets, if `cv` needs them.
        groups : array-like of shape (n_rows,), default=None
            Groups, if `cv` needs them.
        window_length : int, default=None
            Number of rows that one prediction reads. If given, the window of the first test row is
            marked in each fold, to show the history that the fold needs. The window may contain
            rows of a gap. :class:`~sklstm.BayesTimeSeriesSearchCV` passes these rows to the fitted
            forecaster before it scores the test rows; scikit-learn's searches do not.
        horizon : int, default=1
            How many rows after the newest row of the window the predicted row lies. Used only with
            `window_length`.
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.
        **kwargs : dict of str to object
            Keyword arguments for :meth:`plot`.

        Returns
        -------
        display : SplitDisplay
            The display, with its data and matplotlib artists.

        Raises
        ------
        ValueError
            If `cv` cannot split the rows, if a fold has no training or test rows, or if
            `window_length` or `horizon` is out of range.
        """
        folds = [tuple(map(np.sort, fold)) for fold in make_folds(cv, X, y, gap=0, groups=groups)]
        train, test = map(list, zip(*folds, strict=True))
        times, time_name = read_times(X)
        windows = None
        if window_length is not None:
            check_window(window_length, horizon)
            first = [rows[0] for rows in test]
            windows = [list_rows(row, window_length, horizon) for row in first]
        return cls(train, test, times, windows=windows, time_name=time_name).plot(ax, **kwargs)

    def plot(self, ax: Axes | None = None, *, bar_kw: dict[str, Any] | None = None) -> Self:
        """Draw one row of bars per fold, with the first fold at the top.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.
        bar_kw : dict, default=None
            Keyword arguments for :meth:`matplotlib.axes.Axes.barh`.

        Returns
        -------
        self : SplitDisplay
            The display, with the matplotlib artists as attributes.
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
        """Draw a bar for each run of rows, from its first row to the end of its last row."""
        edges = find_edges(self.times)
        runs = [(fold, *run) for fold, rows in enumerate(folds) for run in _find_runs(rows)]
        fold, first, last = np.array(runs).T
        left, right = edges[first], edges[last + 1]
        style = {"color": SPLIT_COLOURS[name], "label": name, **style}
        return self.ax_.barh(fold, right - left, left=left, **style)


def _find_gap(train: np.ndarray, first_test: int) -> np.ndarray:
    before = train[train < first_test]
    return np.arange(before[-1] + 1 if len(before) else first_test, first_test)


def _find_runs(rows: np.ndarray) -> Iterator[tuple[int, int]]:
    """Find the first and the last row of each run of adjacent rows."""
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1):
        if len(run):
            yield run[0], run[-1]
