"""The display of a search's best score against trials or time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from sklstm._search.trials.trial import Trial
from sklstm._search.values.units import Unit
from sklstm.plots._axes import BLACK, COLOURS, count_on_x, open_axes, put_legend_above, scale_y
from sklstm.plots._scores import find_best_so_far, read_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

X_LABELS = {"trials": "trials", "time": "seconds of fits and scores"}


class ConvergenceDisplay:
    """Display the best score so far of one or several searches.

    Use :meth:`from_search` to create it. A list of searches that differ only in their seed is drawn
    as the line of their mean, inside a band.

    Parameters
    ----------
    x : dict of str to ndarray of shape (n_points,)
        Number of trials, or seconds, at each point, for each name.
    best : dict of str to ndarray of shape (n_searches, n_points)
        Best score so far of each search, for each name, in the unit of the metric. Errors are
        positive. Scores are NaN before the first successful trial.
    x_name : {"trials", "time"}, default="trials"
        Meaning of `x`.
    score_name : str, default="score"
        Name of the score, and whether lower or higher is better.
    references : dict of str to float, default=None
        Scores to compare with, by name.

    Attributes
    ----------
    lines_ : dict of str to matplotlib Line2D
        Line of the mean, for each name.
    bands_ : dict of str to matplotlib artist
        Band around the mean, for each name with several searches.
    reference_lines_ : dict of str to matplotlib Line2D
        The lines of `references`.
    ax_ : matplotlib Axes
        Axes of the plot.
    figure_ : matplotlib Figure
        Figure that contains the axes.

    See Also
    --------
    ObjectiveDisplay : Displays how the score depends on each parameter.
    ParameterImportanceDisplay : Displays how much each parameter matters.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from sklstm import BayesTimeSeriesSearchCV
    >>> from sklstm.plots import ConvergenceDisplay
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 3))
    >>> y = X[:, 0] + 0.1 * rng.normal(size=60)
    >>> search = BayesTimeSeriesSearchCV(Ridge(), {"alpha": (0.1, 10.0)}, n_iter=5, cv=2)
    >>> display = ConvergenceDisplay.from_search(search.fit(X, y), references={"mean of y": 1.0})
    >>> display.score_name
    'RMSE (lower is better)'
    >>> display.best["search"].round(1)  # one search of five trials
    array([[0.1, 0.1, 0.1, 0.1, 0.1]])
    """

    __module__ = "sklstm.plots"  # where users import it from

    def __init__(
        self,
        x: Mapping[str, np.ndarray],
        best: Mapping[str, np.ndarray],
        *,
        x_name: str = "trials",
        score_name: str = "score",
        references: Mapping[str, float] | None = None,
    ) -> None:
        self.x = x
        self.best = best
        self.x_name = x_name
        self.score_name = score_name
        self.references = references

    @classmethod
    def from_search(
        cls,
        searches: Any,
        *,
        x: Literal["trials", "time"] = "trials",
        references: Mapping[str, float] | None = None,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the best score so far of one or several fitted searches.

        Pruned and failed trials count on the horizontal axis, but are never the best.

        Parameters
        ----------
        searches : BayesTimeSeriesSearchCV, list or dict of str to either
            A fitted search, a list of searches that differ only in their seed, or a dict from names
            to either. All searches must use the same scoring.
        x : {"trials", "time"}, default="trials"
            Horizontal axis: the number of trials, or the seconds spent on fitting and scoring them,
            added up as if they had run one after the other.
        references : dict of str to float, default=None
            Scores to compare with, by name, such as the last value's error on the same folds. Give
            errors as positive numbers.
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.
        **kwargs : dict of str to object
            Keyword arguments for :meth:`plot`.

        Returns
        -------
        display : ConvergenceDisplay
            The display, with its data and matplotlib artists.

        Raises
        ------
        ValueError
            If there is no search, or if the searches use different scorings.
        TypeError
            If one of the searches is not a BayesTimeSeriesSearchCV.
        """
        if x not in X_LABELS:
            raise ValueError(f"x={x!r} must be one of {list(X_LABELS)}.")
        groups = _name_groups(searches)
        units = [read_unit(search) for group in groups.values() for search in group]
        if len(set(units)) > 1:
            raise ValueError(
                f"The searches have different scores, {sorted(map(str, set(units)))}. Draw only "
                "searches with the same scoring."
            )
        curves = {name: _join(group, units[0], x) for name, group in groups.items()}
        display = cls(
            {name: counts for name, (counts, _) in curves.items()},
            {name: best for name, (_, best) in curves.items()},
            x_name=x,
            score_name=str(units[0]),
            references=references,
        )
        return display.plot(ax, **kwargs)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        band: Literal["range", "std"] = "range",
        yscale: Literal["linear", "log"] = "linear",
        line_kw: dict[str, Any] | None = None,
        fill_between_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw one line for each name, with a band if the name has several searches.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.
        band : {"range", "std"}, default="range"
            Band where a name has several searches: from the lowest to the highest score, or one
            standard deviation on either side of the mean.
        yscale : {"linear", "log"}, default="linear"
            Scale of the scores; "log" needs scores above 0.
        line_kw : dict, default=None
            Keyword arguments for :meth:`matplotlib.axes.Axes.plot`, for the lines.
        fill_between_kw : dict, default=None
            Keyword arguments for :meth:`matplotlib.axes.Axes.fill_between`, for the bands.

        Returns
        -------
        self : ConvergenceDisplay
            The display, with the matplotlib artists as attributes.

        Raises
        ------
        ValueError
            If `yscale` is "log" and a score is not above 0.
        """
        if band not in FIND_BAND:
            raise ValueError(f"band={band!r} must be one of {list(FIND_BAND)}.")
        if yscale == "log" and not all(np.nanmin(best) > 0 for best in self.best.values()):
            raise ValueError("yscale='log' needs scores above 0. Use yscale='linear'.")
        self.ax_ = open_axes(ax)
        self.figure_ = self.ax_.figure
        self.lines_: dict[str, Any] = {}
        self.bands_: dict[str, Any] = {}
        for name, colour in zip(self.best, cycle(COLOURS), strict=False):
            self._draw_curve(name, band, {"color": colour, **(line_kw or {})}, fill_between_kw)
        styles = cycle(["--", ":", "-."])
        self.reference_lines_ = {
            name: self.ax_.axhline(score, color=BLACK, linestyle=next(styles), label=name)
            for name, score in (self.references or {}).items()
        }
        scale_y(self.ax_, yscale)
        self.ax_.set(xlabel=X_LABELS[self.x_name], ylabel=f"best so far: {self.score_name}")
        if self.x_name == "trials":
            count_on_x(self.ax_)
        put_legend_above(self.ax_, n_columns=1)  # the names may be long
        return self

    def _draw_curve(self, name, band, line_kw, fill_between_kw):
        x, best = self.x[name], self.best[name]
        label = f"{name}, mean and {band} of {len(best)}" if len(best) > 1 else name
        style = {"drawstyle": "steps-post", "label": label, **line_kw}
        (self.lines_[name],) = self.ax_.plot(x, best.mean(axis=0), **style)
        if len(best) > 1:
            fill = {"color": line_kw["color"], "alpha": 0.2, "linewidth": 0, "step": "post"}
            ends = FIND_BAND[band](best)
            self.bands_[name] = self.ax_.fill_between(x, *ends, **fill | (fill_between_kw or {}))


def _name_groups(searches: Any) -> dict[str, list[Any]]:
    """Name the searches, and put each single one into a list."""
    named = searches if isinstance(searches, Mapping) else {"search": searches}
    groups = {
        name: list(group) if isinstance(group, list | tuple) else [group]
        for name, group in named.items()
    }
    if not groups or not all(groups.values()):
        raise ValueError(
            f"searches={searches!r} must contain at least one search, and no empty list."
        )
    return groups


def _join(searches: list[Any], unit: Unit, x: str) -> tuple[np.ndarray, np.ndarray]:
    """Return all counts of trials or seconds, and each search's best score so far at each count.

    A search that ended before the others keeps its best score.
    """
    own_counts = [_count(search.trials_, x) for search in searches]
    counts = np.unique(np.concatenate(own_counts))
    best = []
    for own, search in zip(own_counts, searches, strict=True):
        last = np.searchsorted(own, counts, side="right") - 1  # -1 before the first trial
        best.append(np.append(find_best_so_far(unit, search.trials_), np.nan)[last])
    return counts, np.array(best)


def _count(trials: Sequence[Trial], x: str) -> np.ndarray:
    if x == "trials":
        return np.arange(1, len(trials) + 1)
    return np.cumsum([trial.seconds for trial in trials])


def _find_range(best: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return best.min(axis=0), best.max(axis=0)


def _find_deviations(best: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, deviation = best.mean(axis=0), best.std(axis=0, ddof=1)
    return mean - deviation, mean + deviation


FIND_BAND = {"range": _find_range, "std": _find_deviations}
