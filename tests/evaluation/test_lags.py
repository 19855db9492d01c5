"""Regressors on lags, against windows cut by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklstm._rows.windows import list_lags_around_season
from sklstm.evaluation._lags import (
    ALPHAS,
    LagRegressor,
    make_boosting_on_lags,
    make_ridge_on_lags,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 2)).cumsum(axis=0)
Y = X[:, 0]


class Remembering(RegressorMixin, BaseEstimator):
    """Keeps what it was fitted on, and predicts the sum of its features for each output."""

    def fit(self, X, y):
        self.X_, self.y_ = X, y
        return self

    def predict(self, X):
        return np.tile(X.sum(axis=1)[:, None], self.y_.shape[1])


def cut(X, t, window_length, horizon):
    """The window of row t, its column 0 counted from the last row."""
    window = X[t - horizon - window_length + 1 : t - horizon + 1].copy()
    window[:, 0] -= window[-1, 0]
    return window.ravel()


@pytest.mark.parametrize(("window_length", "horizon"), [(1, 1), (3, 1), (3, 2)])
def test_windows_and_targets_are_counted_from_the_last_value(window_length, horizon):
    """Oracle: windows cut row by row."""
    lags = LagRegressor(Remembering(), window_length=window_length, horizon=horizon).fit(X, Y)
    rows = range(window_length + horizon - 1, 80)
    expected = [cut(X, t, window_length, horizon) for t in rows]
    np.testing.assert_allclose(lags.estimator_.X_, expected, atol=1e-12)
    steps = [[Y[t] - Y[t - horizon]] for t in rows]
    np.testing.assert_allclose(lags.estimator_.y_, steps, atol=1e-12)


@pytest.mark.parametrize("as_frame", [False, True])
def test_test_rows_reach_back_into_the_training_rows(as_frame):
    """Oracle: the last value plus the sum of the window, cut from all rows."""
    rows = pd.DataFrame(X, index=pd.date_range("2024", periods=80)) if as_frame else X
    lags = LagRegressor(Remembering(), window_length=3).fit(rows[:60], Y[:60])
    expected = [Y[t - 1] + cut(X, t, 3, 1).sum() for t in range(60, 80)]
    np.testing.assert_allclose(lags.predict(rows[60:]), expected)


def test_a_shifted_target_is_counted_from_the_row_itself():
    """Oracle: at horizon 0 the same numbers one row earlier."""
    ahead = LagRegressor(LinearRegression(), window_length=3).fit(X[:61], Y[:61])
    shifted = LagRegressor(LinearRegression(), window_length=3, horizon=0).fit(X[:60], Y[1:61])
    np.testing.assert_allclose(shifted.predict(X[60:79]), ahead.predict(X[61:]))


def test_known_columns_are_read_at_the_row_itself():
    """Oracle: the target is a sum of the known column, whose step a linear model thus knows."""
    steps = RNG.normal(size=80)
    rows = np.column_stack([steps.cumsum(), steps])
    lags = LagRegressor(LinearRegression(), window_length=2, known_columns=1)
    lags.fit(rows[:60], rows[:60, 0])
    np.testing.assert_allclose(lags.predict(rows[60:]), rows[60:, 0], atol=1e-10)


def test_a_target_that_is_no_column_is_taken_as_it_is():
    """Oracle: the targets themselves."""
    y = RNG.normal(size=80)
    lags = LagRegressor(Remembering(), window_length=2).fit(X, y)
    np.testing.assert_array_equal(lags.estimator_.y_[:, 0], y[2:])


def test_several_outputs_each_go_on_from_their_own_column():
    """Oracle: the steps of both columns."""
    lags = LagRegressor(Remembering(), window_length=2).fit(X, X)
    np.testing.assert_allclose(lags.estimator_.y_, np.diff(X, axis=0)[1:], atol=1e-12)
    assert lags.predict(X[:5]).shape == (5, 2)


def test_ridge_on_lags_is_scikit_learns():
    """Oracle: scikit-learn's parts on windows cut by hand."""
    lags = make_ridge_on_lags(window_length=4).fit(X[:60], Y[:60])
    rows = range(4, 60)
    ridge = make_pipeline(StandardScaler(), RidgeCV(ALPHAS))
    ridge.fit([cut(X, t, 4, 1) for t in rows], [Y[t] - Y[t - 1] for t in rows])
    windows = [cut(X, t, 4, 1) for t in range(60, 80)]
    np.testing.assert_allclose(lags.predict(X[60:]), Y[59:79] + ridge.predict(windows))


@pytest.mark.parametrize("y", [Y, X])
def test_boosted_trees_find_a_rule_and_keep_its_shape(y):
    """Oracle: a period of four rows around a rising level, which trees alone would not follow."""
    t = np.arange(400.0)
    rows = np.column_stack([t / 8 + t % 4, t / 4 + t % 2])  # exact in binary: no noise to split on
    y = rows if y is X else rows[:, 0]
    trees = make_boosting_on_lags().fit(rows[:300], y[:300])
    np.testing.assert_allclose(trees.predict(rows[300:]), y[300:], atol=0.05)


@given(season=st.integers(1, 30), horizon=st.integers(0, 40), lead=st.integers(0, 5))
def test_a_season_is_read_at_the_latest_whole_seasons_that_are_known(season, horizon, lead):
    """Oracle: the rule read literally: the row after these seasons is no newer than t - horizon."""
    older, centre, newer = list_lags_around_season(season, horizon, lead)
    assert (older - centre, newer - centre) == (1, -1)
    known = [n * season - lead for n in range(1, 200) if n * season - lead - 1 >= horizon]
    assert centre == known[0]


@pytest.mark.parametrize("as_frame", [False, True])
@pytest.mark.parametrize(
    ("horizon", "lags"), [(1, [6, 7, 8, 9, 10, 11]), (7, [10, 11, 13, 14, 15])]
)
def test_seasons_add_rows_of_the_target_beyond_the_window(horizon, lags, as_frame):
    """Oracle: windows cut row by row, of three rows, beside seasons of 7 and 10 by hand.

    At horizon 7 the window holds rows 7 to 9 before the target, and one season of 10 is known up to
    row 9 before it, so its rows 10 and 11 are added; of 7 it takes two.
    """
    rows = pd.DataFrame(X, index=pd.date_range("2024", periods=80)) if as_frame else X

    def read(t):
        last = X[t - horizon, 0]
        return np.append(cut(X, t, 3, horizon), [X[t - lag, 0] - last for lag in lags])

    model = LagRegressor(Remembering(), window_length=3, horizon=horizon, seasons=(7, 10))
    model.fit(rows[:60], Y[:60])
    expected = [read(t) for t in range(max(lags), 60)]
    np.testing.assert_allclose(model.estimator_.X_, expected, atol=1e-12)
    predicted = [Y[t - horizon] + read(t).sum() for t in range(60, 80)]
    np.testing.assert_allclose(model.predict(rows[60:]), predicted)


def test_seasons_of_a_shifted_target_are_the_same_rows_of_its_column():
    """Oracle: the other spelling, whose rows are one later."""
    plain = LagRegressor(LinearRegression(), window_length=3, seasons=[12]).fit(X[:60], Y[:60])
    shifted = LagRegressor(LinearRegression(), window_length=3, horizon=0, seasons=[12])
    shifted.fit(X[:59], Y[1:60])
    np.testing.assert_allclose(shifted.predict(X[59:79]), plain.predict(X[60:]))


def test_targets_that_are_no_column_have_no_seasonal_rows():
    """Oracle: the width of the window."""
    y = RNG.normal(size=80)
    model = LagRegressor(Remembering(), window_length=2, seasons=[12]).fit(X, y)
    assert model.estimator_.X_.shape == (78, 4)


def test_too_few_rows_for_a_window_are_refused():
    """Oracle: the message."""
    with pytest.raises(ValueError, match="window_length=8 with horizon=1 is too long"):
        make_ridge_on_lags().fit(X[:8], Y[:8])
    with pytest.raises(ValueError, match=r"and seasons=\(24,\) is too long"):
        make_ridge_on_lags(seasons=(24,)).fit(X[:25], Y[:25])
