"""Any regressor on lags: the flattened window of a prediction is one row of features.

An LSTM should beat these baselines to be worth its time. The windows follow the alignment rule, so
that scores on the same rows can be compared.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import RidgeCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from sklstm._rows.columns import locate_columns
from sklstm._rows.history import Kept, find_place
from sklstm._rows.number_columns import fill_forward
from sklstm._rows.reading import GAPPY, read_new_rows, read_rows
from sklstm._rows.targets import TargetColumn, find_target_columns, refuse_own_row
from sklstm._rows.windows import Alignment, Windows, list_lags_around_season

ALPHAS = np.logspace(-3, 6, 19)  # of ridge; chosen by leave-one-out, which costs one fit


class LagRegressor(RegressorMixin, BaseEstimator):
    """Fit a regressor on windows of rows, each flattened into one row of features.

    If the target is a column of X, this column and the target are differences from the window's
    last row. Trees cannot predict a level that they have not seen, and a linear model then shrinks
    towards the last value instead of the mean.

    Parameters
    ----------
    estimator : estimator
        The regressor; it is cloned.
    window_length : int, default=8
        Number of rows in a window.
    horizon : int, default=1
        Number of rows ahead to forecast, as in :class:`~sklstm.LSTMRegressor`.
    known_columns : str, int or list, default=None
        Names or positions of columns that are known in advance.
    seasons : sequence of int, default=()
        Seasons, in rows. For each season, the target's column is read whole seasons before the
        target, and one row before and after, as far as these rows are older than the window.
    """

    def __init__(self, estimator, *, window_length=8, horizon=1, known_columns=None, seasons=()):
        self.estimator = estimator
        self.window_length = window_length
        self.horizon = horizon
        self.known_columns = known_columns
        self.seasons = seasons

    def fit(self, X, y, sample_weight=None):
        """Fit the regressor on all full windows of the rows X, (n_rows, n_features).

        Targets of weight 0 are left out, and all others have the same weight. Missing values of X
        are filled with the last known value, or with the first one at the beginning.
        """
        rows = read_rows(self, X, y, sample_weight, **GAPPY)
        names = getattr(self, "feature_names_in_", None)
        known = locate_columns("known_columns", self.known_columns, self.n_features_in_, names)
        self._alignment = Alignment(self.window_length, self.horizon, known)
        refuse_own_row(rows.X, rows.counted_y, self.horizon, known)
        self._target_columns = find_target_columns(rows.X, rows.counted_y, self.horizon)
        self._kept, self._y_shape = Kept(_fill(rows.X), rows.labels), rows.y_shape
        self._season_lags = self._list_season_lags()
        windows = Windows(self._kept.X, 0, self._reach)
        target_rows = windows.full_target_rows()
        target_rows = target_rows[rows.weight[target_rows] > 0]
        if len(target_rows) == 0:
            seasons = f" and seasons={self.seasons}" if self.seasons else ""
            raise ValueError(
                f"window_length={self.window_length} with horizon={self.horizon}{seasons} is too "
                f"long: none of the {len(rows.X)} rows has a full window and a target. Use a "
                "shorter window or season, or give more rows."
            )
        features, levels = self._read(windows, target_rows)
        with one_thread():
            self.estimator_ = clone(self.estimator).fit(features, rows.y[target_rows] - levels)
        return self

    def predict(self, X):
        """Predict the targets of the rows of X, (n_rows, n_features)."""
        check_is_fitted(self)
        X, labels = read_new_rows(self, X, **GAPPY)
        place = find_place(self._kept, X, labels, self._reach)
        X = _fill(place.fill(X))
        features, levels = self._read(place.make_windows(X), np.arange(len(X)))
        with one_thread():
            steps = np.asarray(self.estimator_.predict(features))
        return (steps.reshape(len(X), -1) + levels).reshape(len(X), *self._y_shape)

    def _list_season_lags(self) -> dict[int, np.ndarray]:
        """List the lags to read beyond the window, for each target's column."""
        lags: dict[int, np.ndarray] = {}
        for target in filter(None, self._target_columns):
            seasonal = (list_lags_around_season(s, self.horizon, target.lead) for s in self.seasons)
            older = [lag for lag in chain(*seasonal) if lag > self._alignment.reach]
            lags[target.column] = np.union1d(lags.get(target.column, []), older).astype(int)
        return lags

    @property
    def _reach(self) -> Alignment:
        """The shortest window that reaches all rows to read."""
        oldest = max([self._alignment.reach, *chain(*self._season_lags.values())])
        return replace(self._alignment, window_length=int(oldest) - self.horizon + 1)

    def _read(self, windows: Windows, target_rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Read features (n_rows, n_features), and the level from which each output starts."""
        cut = replace(windows, alignment=self._alignment).cut(target_rows)
        last = cut[:, -1].copy()
        features, levels = self._flatten(cut)
        seasonal = [
            windows.block[:, column][windows.find_rows(target_rows, lags)] - last[:, [column]]
            for column, lags in self._season_lags.items()
        ]
        return np.concatenate([features, *seasonal], axis=1), levels

    def _flatten(self, windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Flatten the windows; return them and the level from which each output starts."""
        last = windows[:, -1]
        levels = np.stack([_read_level(target, last) for target in self._target_columns], axis=1)
        columns = sorted({target.column for target in self._target_columns if target})
        windows[:, :, columns] -= last[:, None, columns]
        return windows.reshape(len(windows), -1), levels


def _fill(rows: np.ndarray) -> np.ndarray:
    """Fill missing values forward, then those before the first, then columns without any."""
    return np.nan_to_num(fill_forward(fill_forward(rows)[::-1])[::-1])


def one_thread() -> threadpool_limits:
    """Limit boosted trees to one OpenMP thread.

    On 2,870 rows, one thread took 0.4 s. Two threads took 133 to 156 s on two cores that other
    programs also used, because each thread waits in a busy loop for the other one.
    """
    return threadpool_limits(1, user_api="openmp")


def _read_level(target: TargetColumn | None, last: np.ndarray) -> np.ndarray:
    """Compute the target in the last row of each window; 0 if it is not a column of X."""
    if target is None:
        return np.zeros(len(last))
    return target.read(last[:, target.column])


def make_ridge_on_lags(**parameters) -> LagRegressor:
    """Make a linear model on lags; parameters are the `LagRegressor`'s."""
    return LagRegressor(make_pipeline(StandardScaler(), RidgeCV(ALPHAS)), **parameters)


def make_boosting_on_lags(**parameters) -> LagRegressor:
    """Make boosted trees on lags; parameters are the `LagRegressor`'s."""
    trees = MultiOutputRegressor(HistGradientBoostingRegressor(random_state=0))
    return LagRegressor(trees, **parameters)
