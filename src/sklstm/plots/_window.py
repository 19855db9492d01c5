"""The display of the rows that one prediction reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sklstm._closed_form.linear_start import LinearStart
from sklstm._nested.inside import find_inside
from sklstm._rows.windows import Alignment, window_rows
from sklstm.plots._axes import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    open_axes,
    put_legend_above,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST_BREAK = 4  # rows that nothing reads; fewer are drawn
BREAK_WIDTH = 2  # rows, of a break as it is drawn
MOST_LABELS = 7  # of rows, side by side in a figure of the usual width
MOST_WIDE_CELLS = 20  # more are drawn with thin lines
FAR = 1e6  # rows; beyond, nothing is drawn


class WindowDisplay:
    """Display the rows that the prediction for a row t reads.

    Use :meth:`from_estimator` to create it. The user guide explains the
    :doc:`alignment </alignment>` of the rows. The axis is broken between rows that are far apart,
    such as the window and the rows one season earlier.

    Parameters
    ----------
    rows : ndarray of shape (window_length,)
        Rows of X that are read, relative to t.
    known_rows : ndarray of shape (window_length,), default=None
        Rows that are read of the columns known in advance; None without such columns.
    start_rows : dict of str to ndarray of shape (n_rows,), default=None
        Rows that the linear start reads, for each target column.
    season_rows : dict of str to ndarray of shape (window_length,), default=None
        Rows that the network reads for a season, for each season of a target column.

    Attributes
    ----------
    bars_ : dict of str to matplotlib BarContainer
        The cells of the rows that are read or predicted. The keys are "X", "known columns", the
        names in `start_rows` and `season_rows`, and "y".
    ax_ : matplotlib Axes
        Axes of the plot.
    figure_ : matplotlib Figure
        Figure that contains the axes.

    See Also
    --------
    SplitDisplay : Displays the rows that each fold of a cross-validation trains on.

    Examples
    --------
    >>> import numpy as np
    >>> from sklstm import LSTMRegressor
    >>> from sklstm.plots import WindowDisplay
    >>> regressor = LSTMRegressor(window_length=3, horizon=2, known_columns=[0])
    >>> display = WindowDisplay.from_estimator(regressor)
    >>> display.rows, display.known_rows
    (array([-4, -3, -2]), array([-2, -1,  0]))

    A fitted regressor has found the target's column and reads older rows of it:

    >>> rng = np.random.default_rng(0)
    >>> X = np.resize(rng.normal(size=24), (100, 1)) + 0.1 * rng.normal(size=(100, 1))
    >>> regressor = LSTMRegressor(window_length=3, season_length=24).fit(X, X[:, 0])
    >>> display = WindowDisplay.from_estimator(regressor)
    >>> display.season_rows
    {'x0, season of 24 rows': array([-25, -24, -23])}
    >>> display.start_rows
    {'x0, linear start': array([-25, -24, -23, ...,  -3,  -2,  -1])}
    """

    __module__ = "sklstm.plots"  # where users import it from

    def __init__(
        self,
        rows: np.ndarray,
        *,
        known_rows: np.ndarray | None = None,
        start_rows: Mapping[str, np.ndarray] | None = None,
        season_rows: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self.rows = rows
        self.known_rows = known_rows
        self.start_rows = start_rows
        self.season_rows = season_rows

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the rows that the predictions of a forecaster read.

        Parameters
        ----------
        estimator : estimator
            An :class:`~sklstm.LSTMRegressor`, or a Pipeline, a search or another meta-estimator
            that contains one. If it is fitted, the rows that it reads for seasons and for the
            linear start are drawn too.
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.
        **kwargs : dict of str to object
            Keyword arguments for :meth:`plot`.

        Returns
        -------
        display : WindowDisplay
            The display, with its data and matplotlib artists.

        Raises
        ------
        ValueError
            If neither the estimator nor a nested one has a `window_length`.
        """
        regressor = find_inside(estimator, "window_length")
        fitted = getattr(regressor, "_forecaster", None)
        alignment = _read_alignment(regressor) if fitted is None else fitted.alignment
        display = cls(-alignment.lags)
        if alignment.known:
            display.known_rows = display.rows + alignment.horizon
        if fitted is not None:
            n_columns = regressor.n_features_in_
            names = getattr(regressor, "feature_names_in_", [f"x{i}" for i in range(n_columns)])
            display.start_rows = _list_start_rows(fitted.preprocessing.start, alignment, names)
            display.season_rows = _list_season_rows(alignment, names)
        return display.plot(ax, **kwargs)

    def plot(self, ax: Axes | None = None, *, bar_kw: dict[str, Any] | None = None) -> Self:
        """Draw one line of cells for X, one for each other group of rows, and one for y.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.
        bar_kw : dict, default=None
            Keyword arguments for :meth:`matplotlib.axes.Axes.bar`, for the cells that are read.

        Returns
        -------
        self : WindowDisplay
            The display, with the matplotlib artists as attributes.
        """
        self.ax_ = open_axes(ax)
        self.figure_ = self.ax_.figure
        lines = self._list_lines()
        parts = _find_parts(np.concatenate([rows for rows, _, _ in lines.values()]))
        shown = np.concatenate(parts)
        is_thin = len(shown) > MOST_WIDE_CELLS
        empty = {"color": "none", "edgecolor": GREY, "lw": 0.5 if is_thin else 1}
        self.bars_ = {}
        labels = set()
        for height, (name, (rows, colour, label)) in enumerate(lines.items()):
            # Snapped to whole pixels, thin cells would differ in width.
            cell = {"height": 0.6, "width": 0.9, "bottom": height - 0.3, "snap": not is_thin}
            self.ax_.bar(shown, **cell, **empty)
            style = {"color": colour, "label": None if label in labels else label, **(bar_kw or {})}
            self.bars_[name] = self.ax_.bar(rows, **cell, **style)
            labels.add(label)
        self.ax_.set_yticks(range(len(lines)), [name.replace(", ", ",\n") for name in lines])
        self.ax_.set_ylim(len(lines) - 0.5, -0.5)  # X at the top
        ends = [row for rows, _, _ in reversed(lines.values()) for row in (rows[-1], rows[0])]
        _scale_x(self.ax_, parts, ends)
        for before, after in pairwise(parts):
            middle = (before[-1] + after[0]) / 2
            for height in range(len(lines)):
                self.ax_.text(middle, height, "…", ha="center", va="center", color=GREY)
        self.ax_.set_xlabel("row")
        put_legend_above(self.ax_, n_columns=3 if len(labels) <= 3 else 2)
        return self

    def _list_lines(self):
        """List the lines to draw, by name: their rows, colour and legend label."""
        lines = {"X": (self.rows, BLUE, "read")}
        if self.known_rows is not None:
            lines["known columns"] = (self.known_rows, GREEN, "read, known in advance")
        for name, rows in (self.start_rows or {}).items():
            lines[name] = (rows, SKY, "read by the linear start")
        for name, rows in (self.season_rows or {}).items():
            lines[name] = (rows, PURPLE, "read for a season")
        return lines | {"y": (np.array([0]), ORANGE, "predicted")}


def _read_alignment(regressor: Any) -> Alignment:
    """Read the alignment from parameters; positions of known columns exist only after a fit."""
    window_length, horizon, known = (
        getattr(regressor, name) for name in ("window_length", "horizon", "known_columns")
    )
    check_window(window_length, horizon)
    n_known = 0 if known is None else np.size(known)
    return Alignment(window_length, horizon, tuple(range(n_known)))


def _list_start_rows(
    start: LinearStart | None, alignment: Alignment, names: Sequence[str]
) -> dict[str, np.ndarray]:
    """List the rows of the targets' columns that the linear start reads."""
    lags: dict[int, set[int]] = {}
    for output in start.outputs if start else ():
        if output.target is not None:
            column, features = output.target.column, output.features
            own = features.lags[features.columns == column].tolist()
            lags.setdefault(column, {alignment.horizon}).update(own)
    return {
        f"{names[column]}, linear start": -np.array(sorted(own, reverse=True))
        for column, own in lags.items()
    }


def _list_season_rows(alignment: Alignment, names: Sequence[str]) -> dict[str, np.ndarray]:
    return {
        f"{names[season.column]}, season of {season.length} rows": (
            -alignment.list_season_lags(season)
        )
        for season in alignment.seasons
    }


def _find_parts(rows: np.ndarray) -> list[np.ndarray]:
    """Find the parts of the axis to draw: groups of near rows, with one more row on each side."""
    near = np.unique(rows)
    begins = np.flatnonzero(np.diff(near) > LEAST_BREAK + 2) + 1  # two of the rows are drawn
    return [np.arange(some[0] - 1, some[-1] + 2) for some in np.split(near, begins)]


def _scale_x(ax: Any, parts: Sequence[np.ndarray], ends: Sequence[int]) -> None:
    """Break the axis between the parts, and label as many rows as fit, first those in `ends`."""
    edges = np.concatenate([[part[0] - 0.5, part[-1] + 0.5] for part in parts])
    knots = np.concatenate([[-FAR], edges, [FAR]])
    widths = np.diff(knots)
    widths[2:-1:2] = BREAK_WIDTH
    places = knots[0] + np.concatenate([[0], np.cumsum(widths)])
    if len(parts) > 1:
        to_places = partial(np.interp, xp=knots, fp=places)  # no lambda: figures are pickled
        functions = (to_places, partial(np.interp, xp=places, fp=knots))
        ax.set_xscale("function", functions=functions)
    ax.set_xlim(edges[0], edges[-1])
    apart = (places[-2] - places[1]) / MOST_LABELS
    named: dict[float, int] = {}  # by place
    for row in map(int, [*ends, *np.concatenate(parts)[::-1]]):
        place = float(np.interp(row, knots, places))
        if all(abs(place - other) >= apart for other in named):
            named[place] = row
    ax.set_xticks(list(named.values()), [_name_row(row) for row in named.values()])


def _name_row(row: int) -> str:
    return f"t{row:+d}" if row else "t"


def list_rows(target: int, window_length: int, horizon: int) -> np.ndarray:
    """List the rows that the prediction for a row reads."""
    return window_rows(target + 1, Alignment(window_length, horizon))[target]


def check_window(window_length: int, horizon: int) -> None:
    """Refuse a window that no model can have."""
    if window_length < 1 or horizon < 0:
        raise ValueError(
            f"window_length={window_length} must be at least 1, and horizon={horizon} at least 0."
        )
