"""The display of a series' seasons, in the autocorrelation in which they were found."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sklstm._closed_form.find_seasons import find_seasons
from sklstm.plots._axes import BLACK, BLUE, COLOURS, count_on_x, open_axes, put_legend_above

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN_SEASONS = 3  # of the longest one found


class SeasonDisplay:
    """Display the autocorrelation of a series, and the seasons found in it.

    Use :meth:`from_series` to create it.

    Parameters
    ----------
    autocorrelation : ndarray of shape (n_lags,)
        Autocorrelation at lags 1, 2, ..., as in :class:`~sklstm.Seasons`.
    threshold : float
        Height that a peak must exceed.
    lengths : tuple of int, default=()
        Number of rows in each season found.

    Attributes
    ----------
    line_ : matplotlib Line2D
        The autocorrelation.
    threshold_line_ : matplotlib Line2D
        The threshold.
    season_lines_ : dict of int to matplotlib Line2D
        The line at the lag of each season found.
    ax_ : matplotlib Axes
        Axes of the plot.
    figure_ : matplotlib Figure
        Figure that contains the axes.

    See Also
    --------
    sklstm.find_seasons : Finds the seasons, and explains how.
    ResidualDisplay : Displays the autocorrelation of a forecast's residuals.

    Examples
    --------
    >>> import numpy as np
    >>> from sklstm.plots import SeasonDisplay
    >>> rng = np.random.default_rng(0)
    >>> sales = np.tile(rng.normal(size=12), 20) + 0.3 * rng.normal(size=240)
    >>> display = SeasonDisplay.from_series(sales)
    >>> display.lengths, round(display.threshold, 2)
    ((12,), 0.26)
    """

    __module__ = "sklstm.plots"  # where users import it from

    def __init__(
        self, autocorrelation: np.ndarray, threshold: float, lengths: Sequence[int] = ()
    ) -> None:
        self.autocorrelation = autocorrelation
        self.threshold = threshold
        self.lengths = lengths

    @classmethod
    def from_series(
        cls,
        y: Any,
        *,
        natural_lengths: Sequence[int] | None = None,
        max_seasons: int = 2,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Find the seasons of a series and draw them.

        Parameters
        ----------
        y : array-like of shape (n_rows,)
            The series, oldest row first. Dates in its index imply the natural lengths.
        natural_lengths : sequence of int, default=None
            Lengths to prefer, even if other peaks are somewhat higher. None means those that
            the dates imply.
        max_seasons : int, default=2
            Maximum number of seasons to find.
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.
        **kwargs : dict of str to object
            Keyword arguments for :meth:`plot`.

        Returns
        -------
        display : SeasonDisplay
            The display, with its data and matplotlib artists.

        Raises
        ------
        ValueError
            If y is not a single series of finite numbers, or if its labels do not increase.
        """
        found = find_seasons(y, natural_lengths=natural_lengths, max_seasons=max_seasons)
        return cls(found.autocorrelation, found.threshold, found.lengths).plot(ax, **kwargs)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        n_lags: int | None = None,
        line_kw: dict[str, Any] | None = None,
        threshold_kw: dict[str, Any] | None = None,
        season_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the autocorrelation, the threshold, and a line at each season found.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.
        n_lags : int, default=None
            Largest lag to draw. None draws up to three times the longest season found, or all lags
            if there is no season.
        line_kw : dict, default=None
            Keyword arguments for :meth:`matplotlib.axes.Axes.plot`, for the autocorrelation.
        threshold_kw : dict, default=None
            Keyword arguments for :meth:`matplotlib.axes.Axes.axhline`, for the threshold.
        season_kw : dict, default=None
            Keyword arguments for :meth:`matplotlib.axes.Axes.axvline`, for the seasons.

        Returns
        -------
        self : SeasonDisplay
            The display, with the matplotlib artists as attributes.
        """
        self.ax_ = ax = open_axes(ax)
        self.figure_ = ax.figure
        shown = self._choose_shown() if n_lags is None else self.autocorrelation[:n_lags]
        style = {"color": BLUE, "lw": 1, "label": "autocorrelation", **(line_kw or {})}
        self.line_: Any
        (self.line_,) = ax.plot(np.arange(1, len(shown) + 1), shown, **style)
        ax.axhline(0, color=BLACK, lw=0.8)
        style = {"color": BLACK, "ls": ":", "label": "threshold", **(threshold_kw or {})}
        self.threshold_line_ = ax.axhline(self.threshold, **style)
        self.season_lines_: dict[int, Any] = {}
        for length, colour in zip(self.lengths, cycle(COLOURS[1:]), strict=False):
            style = {"color": colour, "ls": "--", "label": f"season of {length} rows", "zorder": 1}
            self.season_lines_[length] = ax.axvline(length, **style | (season_kw or {}))
        ax.set(xlabel="lag (rows)", ylabel="autocorrelation")
        count_on_x(ax)
        put_legend_above(ax, n_columns=2)
        return self

    def _choose_shown(self):
        most = SHOWN_SEASONS * max(self.lengths) if self.lengths else None
        return self.autocorrelation[:most]
