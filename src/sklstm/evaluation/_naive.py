"""Baselines: forecasts without training, which any other forecast should beat.

Like all forecasters of this package, they follow the alignment rule and keep a history, so their
scores on the same rows can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from sklstm._documentation import LinksToDocumentation
from sklstm._plain_data import PickledAsPlainData
from sklstm._rows.columns import Columns
from sklstm._rows.history import Kept, Place, find_place
from sklstm._rows.means import exact_mean
from sklstm._rows.number_columns import fill_forward
from sklstm._rows.reading import GAPPY, read_new_rows, read_rows
from sklstm._rows.targets import (
    TargetColumn,
    find_target_columns,
    locate_target_columns,
    refuse_own_row,
)
from sklstm._rows.windows import Alignment
from sklstm._sklearn_compat import Interval, StrOptions, fit_context
from sklstm._versions import WarnsOfOtherVersions


@dataclass(frozen=True)
class Source:
    """Where the forecast of one output is read: whole seasons before the row of its target."""

    target: TargetColumn | None  # None: y is no column of X; its trained values are read
    lag: int  # rows from the row that is read to the row that is predicted


class _NaiveRegressor(
    WarnsOfOtherVersions, PickledAsPlainData, LinksToDocumentation, RegressorMixin, BaseEstimator
):
    """What both baselines do; the last value is that of a season of one row."""

    _parameter_constraints: ClassVar[dict] = {
        "horizon": [Interval(Integral, 0, None, closed="left")],
        "target_column": [str, Integral, "array-like", None],
        "history": [StrOptions({"auto", "continue", "none"})],
    }
    _records: ClassVar[dict] = {"_kept": Kept, "_sources": list[Source]}
    season_length = 1

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the target's column, and keep the rows as history.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first. A missing value is replaced by the last known
            value of its column.
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)
            Targets of these rows.
        sample_weight : array-like of shape (n_rows,), default=None
            Weight of each row's target in `mean_`. Targets of weight 0 are ignored.

        Returns
        -------
        self : object
            The fitted baseline.

        Raises
        ------
        ValueError
            If X has too few rows for any prediction to look back far enough, or if a prediction
            would read its own target.
        """
        rows = read_rows(self, X, y, sample_weight, ensure_min_samples=2, **GAPPY)
        self._sources = self._choose_sources(rows.X, rows.counted_y)
        self.mean_ = self._average_targets(rows.y, rows.weight)
        self.target_column_ = [source.target and source.target.column for source in self._sources]
        self.target_lead_ = [source.target and source.target.lead for source in self._sources]
        self._kept = Kept(fill_forward(rows.X), rows.labels)
        self._outputs, self._y_shape = fill_forward(rows.counted_y), rows.y_shape
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the targets of the rows of X.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows in time order, oldest first.

        Returns
        -------
        y_pred : ndarray of shape (n_rows,) or (n_rows, n_outputs)
            One prediction for each row, float64, in the units of y.
        """
        check_is_fitted(self)
        X, labels = read_new_rows(self, X, **GAPPY)
        return self._read_forecasts(X, self._find_place(X, labels), np.arange(len(X)))

    def forecast(self, X: Any = None) -> np.ndarray:
        """Forecast the targets of the `horizon` rows after the last row of X.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features), default=None
            The latest rows, oldest first. None means the rows given to ``fit`` and ``update``.

        Returns
        -------
        y_pred : ndarray of shape (horizon,) or (horizon, n_outputs)
            One forecast for each row, in the units of y.

        Raises
        ------
        ValueError
            If `horizon` is 0.
        """
        check_is_fitted(self)
        if X is None:
            X, labels, history = self._kept.X, self._kept.labels, "auto"
        else:
            (X, labels), history = read_new_rows(self, X, **GAPPY), self.history
        target_rows = self._alignment.list_rows_ahead(len(X))
        return self._read_forecasts(X, self._find_place(X, labels, history), target_rows)

    def update(self, X: Any, y: Any = None) -> Self:
        """Add newer rows to the history, without a new fit.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Rows that follow those given to ``fit`` and ``update``.
        y : array-like of shape (n_rows,) or (n_rows, n_outputs), default=None
            Targets of these rows. They are required only if a target is not a column of X.

        Returns
        -------
        self : object
            The baseline. Its history now ends with these rows.

        Raises
        ------
        ValueError
            If y is None and a target is not a column of X.
        """
        check_is_fitted(self)
        if y is None:
            X, labels = read_new_rows(self, X, **GAPPY)
            outputs = self._do_without_targets(len(X))
        else:
            rows = read_rows(self, X, y, reset=False, **GAPPY)
            X, labels, outputs = rows.X, rows.labels, rows.y
            self._refuse_other_outputs(outputs)
        place = self._find_place(X, labels)
        self._kept = place.keep(place.fill(X), labels)
        older = self._outputs[: 0 if place.is_far else place.n_older]
        between = np.repeat(older[-1:], len(place.missing), axis=0)
        self._outputs = np.concatenate([older, between, outputs])
        return self

    def _do_without_targets(self, n_rows):
        """Targets that are read off X need no values of their own."""
        if not all(source.target for source in self._sources):
            raise ValueError(
                "y=None, but update needs y, because the target is not a column of X. Give the "
                "targets of the new rows."
            )
        return np.full((n_rows, len(self._sources)), np.nan)

    def _refuse_other_outputs(self, outputs):
        if outputs.shape[1] != len(self._sources):
            raise ValueError(
                f"y has {outputs.shape[1]} outputs, but in fit it had {len(self._sources)}. Give "
                "the same number of outputs."
            )

    def _choose_sources(self, X, outputs):
        refuse_own_row(X, outputs, self.horizon, known=())
        names = getattr(self, "feature_names_in_", None)
        columns = locate_target_columns(self.target_column, outputs.shape[1], X.shape[1], names)
        found = find_target_columns(X, outputs, self.horizon, columns)
        return [_choose_source(target, self.horizon, self.season_length) for target in found]

    @property
    def _reach(self):
        """How many rows before its own a prediction looks back."""
        return max(source.lag for source in self._sources)

    @property
    def _alignment(self):
        """The shortest window that reaches all rows to read."""
        return Alignment(self._reach - self.horizon + 1, self.horizon)

    def _average_targets(self, outputs, weight):
        """Average each output over the rows that have all rows before them to look back on."""
        n_rows = len(outputs)
        outputs, weight = outputs[self._reach :], weight[self._reach :]
        if n_rows <= self._reach:
            raise ValueError(
                f"{self} needs at least {self._reach + 1} rows; X has {n_rows}. Use a shorter "
                "season or horizon, or give more rows."
            )
        if not np.any(weight):
            raise ValueError(
                f"sample_weight is zero for all rows from row {self._reach} on, the rows with "
                "enough rows before them. Give at least one of them a positive weight."
            )
        return exact_mean(outputs, weight)

    def _find_place(self, X, labels, history=None) -> Place:
        """Find where X stands among the kept rows, by this `history` in place of our own."""
        return find_place(self._kept, X, labels, self._alignment, history or self.history)

    def _read_forecasts(self, X, place, target_rows):
        """Read the forecasts for these target rows, of X or later, in the shape of y."""
        later = np.full((target_rows[-1] + 1 - len(X), X.shape[1]), np.nan)  # too late to be read
        windows = place.make_windows(place.fill(X)).followed_by(later)
        forecasts = [
            _read_column(windows, target_rows, source)
            if source.target
            else self._read_trained(place, target_rows, y, source.lag)
            for source, y in zip(self._sources, self._outputs.T, strict=True)
        ]
        filled = np.where(np.isnan(forecasts), self.mean_[:, None], forecasts)
        return filled.T.reshape(len(target_rows), *self._y_shape)

    def _read_trained(self, place, target_rows, y, lag):
        """Read the trained targets y, whole seasons back from where they end; NaN before them."""
        n_known = len(y) if place.is_kept else place.n_older
        # Counted from the first row of y.
        target_rows = target_rows + place.n_older + len(place.missing)
        rows = target_rows - lag
        rows -= _round_up(np.maximum(0, rows - (n_known - 1)), self.season_length)
        may_read = (target_rows >= max(self.horizon, 1)) & (n_known > 0)
        return np.where(may_read, y[np.maximum(0, rows)], np.nan)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.input_tags.allow_nan = True
        tags.regressor_tags.poor_score = True  # on rows that are no time series
        return tags


def count_rows_before(fitted):
    """Count the rows that a fitted baseline needs before the row that it forecasts."""
    return fitted._reach


def _choose_source(target, horizon, season_length):
    if target is None:  # at horizon=0 too, no prediction knows the target of its own row
        return Source(None, _round_up(max(horizon, 1), season_length))
    return Source(target, _round_up(horizon + target.lead, season_length) - target.lead)


def _round_up(n_rows, season_length):
    """Count the rows of the fewest whole seasons that hold so many rows."""
    return -(-n_rows // season_length) * season_length


def _read_column(windows, target_rows, source):
    """Read the target off its column of X, NaN where no row may be read."""
    rows = windows.find_rows(target_rows, [source.lag])[:, 0]
    values = source.target.read(windows.block[rows, source.target.column])
    return np.where(windows.has_rows(target_rows), values, np.nan)


class LastValueRegressor(_NaiveRegressor):
    """Forecast the last known value, a baseline that is hard to beat on prices.

    The prediction for a row is the target's value `horizon` rows earlier [1]_, read from the column
    of X that equals the target. If the target is not a column of X, only the training targets are
    known, and the last one is the prediction for all later rows.

    Parameters
    ----------
    horizon : int, default=1
        Number of rows to forecast ahead: the prediction for row t reads rows up to t - horizon. Use
        0 if y is already shifted, as in ``y = close.shift(-1)``; the prediction then reads row t
        itself.
    target_column : int, str or list, default=None
        Position or name of the target's column in X; with several outputs, a list with one entry
        for each. None finds the column by its values: y must be a linear function of the column's
        value in the same row or up to 32 rows later.
    history : {"auto", "continue", "none"}, default="auto"
        Which rows come before the X of ``predict``. With "continue", X follows the kept rows, which
        are those of ``fit`` and ``update``. With "none", X has no history. "auto" places X by its
        index, if the index holds dates, durations or numbers. Otherwise it compares values: if X
        equals the beginning of the kept rows and matches them nowhere else, X is taken to be this
        beginning; any other X follows the kept rows.

    Attributes
    ----------
    mean_ : ndarray of shape (n_outputs,)
        Mean of the training targets with enough rows before them. It is predicted for rows that
        have none.
    target_column_ : list of int or None
        Position of each output's column in X; None for an output that is not a column of X.
    target_lead_ : list of int or None
        Number of rows by which each output is shifted: 0 if it is the value of its column in the
        same row. None for an output that is not a column of X.
    n_features_in_ : int
        Number of columns seen in ``fit``.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of these columns, if all of them are strings.

    See Also
    --------
    SeasonalNaiveRegressor : Repeats the value one season earlier.
    sklstm.evaluation.skill_table : Compares forecasters with four baselines.

    References
    ----------
    .. [1] Hyndman, R. J. and Athanasopoulos, G. "Forecasting: principles and practice." 3rd
       edition, OTexts 2021.

    Examples
    --------
    >>> import numpy as np
    >>> from sklstm import LastValueRegressor
    >>> close = np.random.default_rng(0).normal(size=100).cumsum()
    >>> X, y = close.reshape(-1, 1), close
    >>> baseline = LastValueRegressor().fit(X[:80], y[:80])
    >>> y[79:83].round(2)
    array([9.63, 9.82, 9.18, 8.81])
    >>> baseline.predict(X[80:])[:3].round(2)  # the value one row before
    array([9.63, 9.82, 9.18])
    """

    __module__ = "sklstm"  # where users import it from

    _parameter_constraints: ClassVar[dict] = _NaiveRegressor._parameter_constraints

    def __init__(
        self,
        *,
        horizon: int = 1,
        target_column: Columns | None = None,
        history: Literal["auto", "continue", "none"] = "auto",
    ) -> None:
        self.horizon = horizon
        self.target_column = target_column
        self.history = history


class SeasonalNaiveRegressor(_NaiveRegressor):
    """Forecast the value one season earlier, a baseline for daily or yearly cycles.

    The prediction for a row is the latest known target value that lies a whole number of seasons
    earlier [1]_. If the history is too short, it is the oldest known value.

    Parameters
    ----------
    season_length : int, default=1
        Number of rows in a season: 12 for monthly rows with a yearly cycle, 24 for hourly rows with
        a daily cycle. With 1, the forecast is the last value.
    horizon : int, default=1
        Number of rows to forecast ahead: the prediction for row t reads rows up to t - horizon. Use
        0 if y is already shifted, as in ``y = close.shift(-1)``; the prediction then reads row t
        itself.
    target_column : int, str or list, default=None
        Position or name of the target's column in X; with several outputs, a list with one entry
        for each. None finds the column by its values: y must be a linear function of the column's
        value in the same row or up to 32 rows later.
    history : {"auto", "continue", "none"}, default="auto"
        Which rows come before the X of ``predict``. With "continue", X follows the kept rows, which
        are those of ``fit`` and ``update``. With "none", X has no history. "auto" places X by its
        index, if the index holds dates, durations or numbers. Otherwise it compares values: if X
        equals the beginning of the kept rows and matches them nowhere else, X is taken to be this
        beginning; any other X follows the kept rows.

    Attributes
    ----------
    mean_ : ndarray of shape (n_outputs,)
        Mean of the training targets with enough rows before them. It is predicted for rows that
        have none.
    target_column_ : list of int or None
        Position of each output's column in X; None for an output that is not a column of X.
    target_lead_ : list of int or None
        Number of rows by which each output is shifted: 0 if it is the value of its column in the
        same row. None for an output that is not a column of X.
    n_features_in_ : int
        Number of columns seen in ``fit``.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of these columns, if all of them are strings.

    See Also
    --------
    LastValueRegressor : Forecasts the last value.
    sklstm.evaluation.skill_table : Compares forecasters with four baselines.

    References
    ----------
    .. [1] Hyndman, R. J. and Athanasopoulos, G. "Forecasting: principles and practice." 3rd
       edition, OTexts 2021.

    Examples
    --------
    >>> import numpy as np
    >>> from sklstm import SeasonalNaiveRegressor
    >>> sales = np.tile([3.0, 1.0, 4.0, 1.0, 5.0, 9.0], 5)
    >>> baseline = SeasonalNaiveRegressor(season_length=6, horizon=3)
    >>> baseline.fit(sales.reshape(-1, 1), sales).forecast()
    array([3., 1., 4.])
    """

    __module__ = "sklstm"  # where users import it from

    _parameter_constraints: ClassVar[dict] = {
        "season_length": [Interval(Integral, 1, None, closed="left")],
        **_NaiveRegressor._parameter_constraints,
    }

    def __init__(
        self,
        *,
        season_length: int = 1,
        horizon: int = 1,
        target_column: Columns | None = None,
        history: Literal["auto", "continue", "none"] = "auto",
    ) -> None:
        self.season_length = season_length
        self.horizon = horizon
        self.target_column = target_column
        self.history = history
