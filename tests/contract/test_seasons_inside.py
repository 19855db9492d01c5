"""Seasons and the linear start inside what stands around a regressor: intervals, a transformed y.

The series is made so that its best forecast is known: a day of 24 rows, the same each time, and
noise that no row tells anything of. Its logarithm is such a series too.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from small_regressor import tiny

import sklstm
from sklstm import ConformalRegressor
from sklstm.metrics import interval_coverage

SEASON, NOISE = 24, 0.1
N_FITTED, N_HELD_BACK, N_LATER = 600, 400, 1000
N_KNOWN = N_FITTED + N_HELD_BACK
RNG = np.random.default_rng(0)
DAY = RNG.normal(size=SEASON)
LOGS = 3 + np.resize(DAY, N_KNOWN + N_LATER) + NOISE * RNG.normal(size=N_KNOWN + N_LATER)
HOURS = pd.date_range("2024-01-01", periods=len(LOGS), freq="h")
LOAD = pd.DataFrame({"load": np.exp(LOGS)}, index=HOURS)
LOG_LOAD = np.log(LOAD)


def make_regressor(horizon):
    """A network that is trained, after a linear start that finds the day by itself."""
    return tiny(horizon=horizon, early_stopping="auto", epochs=3)


def make_transformed(horizon):
    """The same on logarithms, of X in a step before it and of y around it."""
    logs = FunctionTransformer(np.log)
    inside = make_pipeline(logs, make_regressor(horizon))
    return TransformedTargetRegressor(inside, func=np.log, inverse_func=np.exp)


@cache
def fit_plain(horizon, n_rows=N_FITTED):
    regressor = make_regressor(horizon).fit(LOG_LOAD[:n_rows], LOG_LOAD["load"][:n_rows])
    assert regressor.season_length_ == [[SEASON]]
    assert regressor.n_iter_ > 0
    return regressor


def fit_intervals(estimator, rows):
    share = N_HELD_BACK / N_KNOWN
    regressor = ConformalRegressor(estimator, coverage=0.8, calibration_fraction=share)
    return regressor.fit(rows[:N_KNOWN], rows["load"][:N_KNOWN])


@pytest.mark.parametrize("horizon", [1, 30])
def test_a_transformed_target_is_the_inner_forecast_transformed_back(horizon):
    """Oracle: the regressor fitted on logarithms, and exp; at 30 rows the season is two days."""
    model = make_transformed(horizon).fit(LOAD[:N_FITTED], LOAD["load"][:N_FITTED])
    inner, plain = model.regressor_[-1], fit_plain(horizon)
    assert inner.season_length_ == [[SEASON]]
    pd.testing.assert_series_equal(inner.linear_start_, plain.linear_start_)
    later = slice(N_FITTED, N_FITTED + 100)
    expected = plain.predict(LOG_LOAD[later])
    np.testing.assert_allclose(model.predict(LOAD[later]), np.exp(expected), rtol=1e-12)
    np.testing.assert_allclose(sklstm.forecast(model), np.exp(plain.forecast()), rtol=1e-12)
    np.testing.assert_allclose(np.log(sklstm.forecast(model)), expected[:horizon], rtol=1e-12)


@pytest.mark.parametrize("horizon", [1, 30])
def test_intervals_are_the_inner_prediction_and_the_misses_of_the_rows_held_back(horizon):
    """Oracle: a regressor fitted on the first rows; of 400 misses the 321st, ceil(0.8 * 401)."""
    regressor, plain = fit_intervals(make_regressor(horizon), LOG_LOAD), fit_plain(horizon)
    known, later = LOG_LOAD[:N_KNOWN], LOG_LOAD[N_KNOWN:]
    missed = np.abs(known["load"] - plain.predict(known)).to_numpy()[N_FITTED:]
    np.testing.assert_allclose(np.ravel(regressor.scores_), missed, rtol=1e-9)
    half = np.sort(missed)[320]
    expected = plain.predict(LOG_LOAD)[N_KNOWN:]
    interval = regressor.predict_interval(later)
    np.testing.assert_allclose(interval, np.stack([expected - half, expected + half], axis=1))
    np.testing.assert_allclose(regressor.forecast(), expected[:horizon], rtol=1e-9)
    np.testing.assert_allclose(regressor.forecast_interval(), interval[:horizon], rtol=1e-9)


@pytest.mark.parametrize("horizon", [1, 30])
@pytest.mark.parametrize("is_transformed", [False, True])
def test_intervals_hold_the_share_that_was_asked_for(horizon, is_transformed):
    """Oracle: the noise that the series was made of.

    The share of 1,000 later targets held by the 321st of 400 misses has the mean 0.8 and the
    standard deviation sqrt(0.8 * 0.2 * (1/401 + 1/1000)) = 0.024; three of them are allowed. The
    half width is 1.28 deviations of the noise if the day is known, sqrt(2) as much with the value a
    day before, and 8.5 times as much without a season. The 321st of 400 misses varies by
    sqrt(0.8 * 0.2 / 400) over 1.28 times their density there, 2 phi(1.28) = 0.35: by 4.4 %.
    """
    rows = LOAD if is_transformed else LOG_LOAD
    make = make_transformed if is_transformed else make_regressor
    interval = fit_intervals(make(horizon), rows).predict_interval(rows[N_KNOWN:])
    share = interval_coverage(rows["load"][N_KNOWN:], interval)
    assert abs(share - 0.8) <= 3 * 0.024
    if not is_transformed:  # else the misses grow with the load
        half = np.ptp(interval[0]) / 2 / (norm.ppf(0.9) * NOISE)
        assert 1 - 3 * 0.044 <= half <= np.sqrt(2) * (1 + 3 * 0.044)
