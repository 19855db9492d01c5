"""The displays of a parameter's effect on the score of a search: its size and its shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils import check_random_state

from sklstm._warnings import warn_caller
from sklstm.plots._axes import BLUE, VERMILION, open_axes, put_legend_above, split_axes
from sklstm.plots._searched_space import read_space

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Fewer trials are guesses. Of 2, 5 and 10 parameters the most important one was named in 90, 95
# and 100 % of random searches with 5, 10 and 20 trials, in 45, 55 and 35 % with 2, 5 and 5
# (benchmarks/search/importance.py).
LEAST_TRIALS_PER_PARAMETER = 2
LEAST_TRIALS = 5

N_COLUMNS = 3  # of panels, 2 inches each


class ParameterImportanceDisplay:
    """Display the share of the score's variance that each parameter explains by itself.

    Use :meth:`from_search` to create it. The notes of that method explain how the shares are
    computed.

    Parameters
    ----------
    importances : ndarray of shape (n_parameters,)
        Share of the variance that each parameter explains, between 0 and 1.
    names : sequence of str
        Names of the parameters.

    Attributes
    ----------
    bars_ : matplotlib BarContainer
        One bar per parameter, with the most important one at the top.
    ax_ : matplotlib Axes
        Axes of the plot.
    figure_ : matplotlib Figure
        Figure that contains the axes.

    See Also
    --------
    ObjectiveDisplay : Displays how the score depends on each parameter.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from sklstm import BayesTimeSeriesSearchCV
    >>> from sklstm.plots import ParameterImportanceDisplay
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 3))
    >>> y = X[:, 0] + 0.1 * rng.normal(size=60)
    >>> space = {"alpha": (0.1, 1000.0), "tol": (1e-4, 1e-3)}
    >>> search = BayesTimeSeriesSearchCV(Ridge(), space, n_iter=8, cv=2, random_state=0)
    >>> display = ParameterImportanceDisplay.from_search(search.fit(X, y))
    >>> dict(zip(display.names, display.importances.round(1).tolist()))
    {'alpha': 1.0, 'tol': 0.0}
    """

    __module__ = "sklstm.plots"  # where users import it from

    def __init__(self, importances: np.ndarray, names: Sequence[str]) -> None:
        self.importances = importances
        self.names = names

    @classmethod
    def from_search(
        cls,
        search: Any,
        *,
        space: int = 0,
        random_state: int | np.random.RandomState | None = 0,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the importance of each parameter in a fitted search.

        Parameters
        ----------
        search : BayesTimeSeriesSearchCV
            The fitted search. At least two of its trials in the space must have a score.
        space : int, default=0
            Number of the space, from 0 on, if the search has several spaces.
        random_state : int, RandomState instance or None, default=0
            Controls the points of the space to average over. Pass an int for reproducible results.
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.
        **kwargs : dict of str to object
            Keyword arguments for :meth:`plot`.

        Returns
        -------
        display : ParameterImportanceDisplay
            The display, with its data and matplotlib artists.

        Raises
        ------
        ValueError
            If fewer than two trials have a score, or if the search has no space with this number.

        Warns
        -----
        UserWarning
            If fewer than five trials have a score, or fewer than two for each parameter.

        Notes
        -----
        The importances are the main effects of a functional analysis of variance on a Gaussian
        process, as in [1]_, with sums over 40 values and 200 points of the space instead of
        integrals. The method of [2]_ for hyperparameters is the same, but uses a random forest. The
        Gaussian process is fitted to the scores of the trials. For pruned trials, it uses the
        estimates of the search; failed trials are left out. For each value of a parameter, the
        predictions are averaged over values of the other parameters, which are drawn from the
        space. The importance is the variance of these means, divided by the variance of all
        predictions. If the importances sum to less than 1, the rest is due to interactions of
        parameters.

        References
        ----------
        .. [1] Schonlau, M. and Welch, W. J. "Screening the input variables to a computer model via
           analysis of variance and visualization." In Dean and Lewis (editors), "Screening",
           Springer 2006, 308-327.
        .. [2] Hutter, F., Hoos, H. and Leyton-Brown, K. "An efficient approach for assessing
           hyperparameter importance." ICML 2014.
        """
        found = read_space(search, space)
        _warn_of_few_trials(len(found.trials), len(found.names))
        samples = found.draw_samples(check_random_state(random_state))
        model = found.fit_model()
        shares = [share_of_variance(found.predict(model, name, samples)) for name in found.names]
        return cls(np.array(shares), found.names).plot(ax, **kwargs)

    def plot(self, ax: Axes | None = None, *, bar_kw: dict[str, Any] | None = None) -> Self:
        """Draw one bar per parameter.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None creates a new figure.
        bar_kw : dict, default=None
            Keyword arguments for :meth:`matplotlib.axes.Axes.barh`.

        Returns
        -------
        self : ParameterImportanceDisplay
            The display, with the matplotlib artists as attributes.
        """
        self.ax_ = open_axes(ax)
        self.figure_ = self.ax_.figure
        order = np.argsort(self.importances, kind="stable")
        labels = np.array(shorten(self.names))[order]
        self.bars_ = self.ax_.barh(
            labels, self.importances[order], **{"color": BLUE, **(bar_kw or {})}
        )
        self.ax_.set(xlim=(0, 1), xlabel="share of the variance of the score, by itself")
        return self


class ObjectiveDisplay:
    """Display how the model of a search expects the score to depend on each parameter.

    Use :meth:`from_search` to create it. The lines are partial dependences [1]_: the score that the
    model predicts for a value of one parameter, averaged over values of the other parameters, which
    are drawn from the space. The points are the trials. Hollow points are pruned trials, whose
    score is an estimate.

    Parameters
    ----------
    values : dict of str to ndarray of shape (n_values,)
        Values at which each line is drawn, by parameter. A category is given by its position in
        `categories`.
    scores : dict of str to ndarray of shape (n_values,)
        Averaged scores for these values, in the unit of the metric. Errors are positive.
    trial_values : dict of str to ndarray of shape (n_trials,)
        Values of each parameter in the trials.
    trial_scores : ndarray of shape (n_trials,)
        Scores of the trials.
    is_pruned : ndarray of shape (n_trials,)
        Whether a trial was pruned, so that its score is an estimate.
    categories : dict of str to list of str, default=None
        Names of the categories, for each parameter that has them.
    log_scaled : sequence of str, default=()
        Parameters to draw on a logarithmic axis.
    score_name : str, default="score"
        Name of the score, and whether lower or higher is better.

    Attributes
    ----------
    axes_ : dict of str to matplotlib Axes
        Axes of each parameter.
    lines_ : dict of str to matplotlib Line2D
        Line of each parameter.
    points_ : dict of str to matplotlib PathCollection
        Points of the trials, by parameter.
    figure_ : matplotlib Figure
        Figure that contains the axes.

    See Also
    --------
    ParameterImportanceDisplay : Displays how much each parameter matters.

    References
    ----------
    .. [1] Friedman, J. H. "Greedy function approximation: a gradient boosting machine." Annals of
       Statistics 29 (2001), 1189-1232.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from sklstm import BayesTimeSeriesSearchCV
    >>> from sklstm.plots import ObjectiveDisplay
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 3))
    >>> y = X[:, 0] + 0.1 * rng.normal(size=60)
    >>> space = {"alpha": (0.1, 1000.0, "log-uniform"), "fit_intercept": [True, False]}
    >>> search = BayesTimeSeriesSearchCV(Ridge(), space, n_iter=8, cv=2, random_state=0)
    >>> display = ObjectiveDisplay.from_search(search.fit(X, y))
    >>> display.score_name
    'RMSE (lower is better)'
    >>> bool(display.scores["alpha"][0] < display.scores["alpha"][-1])  # at 0.1 and at 1000
    True
    """

    __module__ = "sklstm.plots"  # where users import it from

    def __init__(
        self,
        values: Mapping[str, np.ndarray],
        scores: Mapping[str, np.ndarray],
        trial_values: Mapping[str, np.ndarray],
        trial_scores: np.ndarray,
        is_pruned: np.ndarray,
        *,
        categories: Mapping[str, Sequence[str]] | None = None,
        log_scaled: Sequence[str] = (),
        score_name: str = "score",
    ) -> None:
        self.values = values
        self.scores = scores
        self.trial_values = trial_values
        self.trial_scores = trial_scores
        self.is_pruned = is_pruned
        self.categories = categories
        self.log_scaled = log_scaled
        self.score_name = score_name

    @classmethod
    def from_search(
        cls,
        search: Any,
        *,
        params: Sequence[str] | None = None,
        space: int = 0,
        random_state: int | np.random.RandomState | None = 0,
        ax: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Draw how the model of a fitted search expects the score to depend on the parameters.

        Parameters
        ----------
        search : BayesTimeSeriesSearchCV
            The fitted search. It must have used its model, so it needs ``strategy="bayes"`` and
            more trials than `n_initial_points`.
        params : list of str, default=None
            Parameters to draw. None draws all parameters of the space.
        space : int, default=0
            Number of the space, from 0 on, if the search has several spaces.
        random_state : int, RandomState instance or None, default=0
            Controls the points of the space to average over. Pass an int for reproducible results.
        ax : matplotlib Axes or array of them, default=None
            Axes to divide among the parameters, or one Axes for each. None creates a new figure.
        **kwargs : dict of str to object
            Keyword arguments for :meth:`plot`.

        Returns
        -------
        display : ObjectiveDisplay
            The display, with its data and matplotlib artists.

        Raises
        ------
        ValueError
            If the search has no model of the space, or if the space lacks one of `params`.
        """
        found = read_space(search, space)
        names = found.names if params is None else list(params)
        unknown = [name for name in names if name not in found.names]
        if unknown or not names:
            raise ValueError(f"params={params!r} must be a list of names from {found.names}.")
        samples = found.draw_samples(check_random_state(random_state))
        predict = found.use_own_model()
        points = np.array(found.points)
        display = cls(
            {name: found.list_values(name) for name in names},
            {name: found.predict(predict, name, samples).mean(axis=1) for name in names},
            {name: points[:, found.names.index(name)] for name in names},
            found.scores,
            found.is_pruned,
            categories={name: found.categories[name] for name in names if name in found.categories},
            log_scaled=[name for name in names if found.is_log(name)],
            score_name=str(found.unit),
        )
        return display.plot(ax, **kwargs)

    def plot(
        self,
        ax: Any = None,
        *,
        line_kw: dict[str, Any] | None = None,
        scatter_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw one panel per parameter; all panels share the axis of scores.

        Parameters
        ----------
        ax : matplotlib Axes or array of them, default=None
            Axes to divide among the parameters, or one Axes for each. None creates a new figure.
        line_kw : dict, default=None
            Keyword arguments for :meth:`matplotlib.axes.Axes.plot`, for the lines.
        scatter_kw : dict, default=None
            Keyword arguments for :meth:`matplotlib.axes.Axes.scatter`, for the trials.

        Returns
        -------
        self : ObjectiveDisplay
            The display, with the matplotlib artists as attributes.
        """
        names = list(self.values)
        n_columns = min(N_COLUMNS, len(names))
        axes = split_axes(ax, len(names), n_columns)
        self.figure_ = axes[0].figure
        self.axes_ = dict(zip(names, axes, strict=True))
        self.lines_: dict[str, Any] = {}
        self.points_: dict[str, Any] = {}
        for number, (name, label) in enumerate(zip(names, shorten(names), strict=True)):
            self._draw_parameter(name, line_kw or {}, scatter_kw or {})
            panel = self.axes_[name]
            panel.set_xlabel(label, fontsize="small")
            panel.tick_params(labelsize="small")
            panel.sharey(axes[0])
            if number % n_columns:
                panel.tick_params(labelleft=False)
            else:
                panel.set_ylabel(self.score_name, fontsize="small")
        put_legend_above(axes[(n_columns - 1) // 2], n_columns=1, fontsize="small")
        return self

    def _draw_parameter(self, name, line_kw, scatter_kw):
        panel = self.axes_[name]
        categories = (self.categories or {}).get(name)
        marks = {"linestyle": "", "marker": "D"} if categories is not None else {}
        line = {"color": BLUE, "label": "model", **marks, **line_kw}
        (self.lines_[name],) = panel.plot(self.values[name], self.scores[name], **line)
        points = {"s": 12, "edgecolor": VERMILION, "label": "trials (pruned: hollow)"}
        points |= {"facecolor": np.where(self.is_pruned, "none", VERMILION), **scatter_kw}
        self.points_[name] = panel.scatter(self.trial_values[name], self.trial_scores, **points)
        if categories is not None:
            panel.set_xticks(range(len(categories)), categories, rotation=30, ha="right")
            panel.margins(x=0.2)
        if name in self.log_scaled:
            _scale_log(panel, self.values[name])


def _warn_of_few_trials(n_trials: int, n_parameters: int) -> None:
    least = max(LEAST_TRIALS, LEAST_TRIALS_PER_PARAMETER * n_parameters)
    if n_parameters > 1 and n_trials < least:
        warn_caller(
            f"The importances of {n_parameters} parameters are unreliable, because only {n_trials} "
            f"trials have a score. At least {least} are needed."
        )


def _scale_log(panel: Any, values: np.ndarray) -> None:
    """Scale the horizontal axis; three ticks, as powers of ten are too many or too few."""
    panel.set_xscale("log")
    ticks = np.geomspace(values[0], values[-1], 3)
    panel.set_xticks(ticks, [f"{tick:.3g}" for tick in ticks])
    panel.set_xticks([], minor=True)


def share_of_variance(table: np.ndarray) -> float:
    """Divide the variance of the means of rows by that of the table; 0 if it has none."""
    total = table.var()
    return float(table.mean(axis=1).var() / total) if total > 0 else 0.0


def shorten(names: Sequence[str]) -> list[str]:
    """Drop the prefixes of nested parameters, unless the short names are not unique."""
    short = [name.rsplit("__", 1)[-1] for name in names]
    return short if len(set(short)) == len(short) else list(names)
