"""Paths of forecasters of single rows, lead by lead, by hand."""

import numpy as np
import pytest
from sklearn.base import clone

from sklstm.evaluation._lags import make_ridge_on_lags
from sklstm.evaluation._lead_by_lead import LeadByLead
from sklstm.evaluation._naive import (
    LastValueRegressor,
    SeasonalNaiveRegressor,
    count_rows_before,
)

RNG = np.random.default_rng(0)
SERIES = RNG.normal(size=90).cumsum()
X, y = SERIES[:, None], SERIES
N_TRAIN, STEPS, LEVELS = 60, 4, (0.25, 0.5, 0.75)


def make(estimator, **parameters):
    return LeadByLead(estimator, steps=STEPS, count_rows_before=count_rows_before, **parameters)


@pytest.mark.parametrize("horizon", [1, 2])
def test_the_last_value_is_repeated_along_the_path(horizon):
    """Oracle: by hand: the value `horizon` rows before the path begins, NaN beyond the last row."""
    paths = make(LastValueRegressor(horizon=horizon)).fit(X[:N_TRAIN], y[:N_TRAIN])
    found = paths.predict_steps(X[N_TRAIN:])
    n_rows = len(X) - N_TRAIN
    expected = np.repeat(y[N_TRAIN - horizon : len(y) - horizon, None], STEPS, axis=1)
    expected[np.arange(n_rows)[:, None] + np.arange(STEPS) >= n_rows] = np.nan
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(paths.predict(X[N_TRAIN:]), expected[:, 0])
    assert paths.horizon == horizon


def test_the_last_season_is_that_before_the_first_row_of_the_path():
    """Oracle: by hand: with a season of 3 rows, the fourth lead repeats the first."""
    naive = SeasonalNaiveRegressor(season_length=3)
    found = make(naive).fit(X[:N_TRAIN], y[:N_TRAIN]).predict_steps(X[N_TRAIN:])
    begin = np.arange(N_TRAIN, len(y) - STEPS)
    expected = np.stack([y[begin - 3], y[begin - 2], y[begin - 1], y[begin - 3]], axis=1)
    np.testing.assert_array_equal(found[: len(begin)], expected)


def test_a_regression_on_lags_has_a_fit_for_each_lead():
    """Oracle: the same regression with a longer horizon."""
    ridge = make_ridge_on_lags(horizon=1, window_length=3)
    paths = LeadByLead(ridge, steps=STEPS).fit(X[:N_TRAIN], y[:N_TRAIN])
    found = paths.predict_steps(X[N_TRAIN:])
    for step in range(STEPS):
        own = clone(ridge).set_params(horizon=1 + step).fit(X[:N_TRAIN], y[:N_TRAIN])
        expected = own.predict(X[N_TRAIN:])[step:]
        np.testing.assert_array_equal(found[: len(expected), step], expected)
    assert not hasattr(paths, "update")


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_quantiles_are_those_of_what_each_lead_misses_in_training(n_outputs):
    """Oracle: NumPy's quantiles of the changes over as many rows."""
    both = np.column_stack([SERIES, RNG.normal(size=90).cumsum()])[:, :n_outputs]
    targets = both if n_outputs > 1 else both[:, 0]
    paths = make(LastValueRegressor(), quantiles=LEVELS).fit(both[:N_TRAIN], targets[:N_TRAIN])
    found = paths.predict_steps_quantiles(both[N_TRAIN:])
    begin = np.arange(N_TRAIN, len(y) - STEPS)
    for step in range(STEPS):
        changes = targets[step + 1 : N_TRAIN] - targets[: N_TRAIN - step - 1]
        missed = np.moveaxis(np.quantile(changes, LEVELS, axis=0), 0, -1)
        expected = targets[begin - 1][..., None] + missed
        np.testing.assert_allclose(found[: len(begin), step], expected, rtol=1e-12)
    np.testing.assert_array_equal(paths.predict_quantiles(both[N_TRAIN:]), found[:, 0])
    np.testing.assert_array_equal(paths.quantiles_, LEVELS)


def test_rows_without_weight_do_not_count_for_quantiles():
    """Oracle: by hand: all changes that count are 1."""
    series = np.arange(40.0)
    series[20:] += 100
    weight = np.ones(40)
    weight[20:24] = 0
    paths = make(LastValueRegressor(), quantiles=LEVELS)
    paths.fit(series[:, None], series, sample_weight=weight)
    np.testing.assert_array_equal(paths.missed_[0, 0], [1.0, 1.0, 1.0])


def test_each_lead_goes_on_from_newer_rows():
    """Oracle: by hand."""
    paths = make(LastValueRegressor()).fit(X[:N_TRAIN], y[:N_TRAIN]).update(X[N_TRAIN:80])
    np.testing.assert_array_equal(paths.predict_steps(X[80:])[0], np.full(STEPS, y[79]))
