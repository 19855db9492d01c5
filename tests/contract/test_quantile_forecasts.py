"""Bands: quantiles of rows and of paths from one fit, which never cross."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from small_regressor import tiny

from sklstm import LSTMRegressor
from sklstm._lstm import preprocessing

LEVELS = (0.1, 0.25, 0.5, 0.9)
N_ROWS, N_TRAIN, STEPS = 300, 240, 4


def make_rows(seed=0, n_rows=N_ROWS):
    """Two columns that return to a level, the first moved by a third, which is known."""
    rng = np.random.default_rng(seed)
    known = np.sin(np.arange(n_rows) ** 2 / 7.0)
    rows = np.zeros((n_rows, 3))
    for t in range(1, n_rows):
        rows[t, :2] = 0.7 * rows[t - 1, :2] + rng.normal(size=2) * (1.5 + known[t])
    rows[:, 2] = known
    return rows


X = make_rows()
y = X[:, 0]


@cache
def fitted(n_outputs=1, **parameters):
    parameters = {"quantiles": LEVELS, "steps": STEPS, "known_columns": (2,)} | parameters
    regressor = tiny(**{"history": "none"} | parameters)
    return regressor.fit(X[:N_TRAIN], y[:N_TRAIN] if n_outputs == 1 else X[:N_TRAIN, :n_outputs])


# What they are called


@pytest.mark.parametrize("n_outputs", [1, 2])
@pytest.mark.parametrize("steps", [1, STEPS])
def test_axes_are_row_lead_output_and_quantile(n_outputs, steps):
    """Oracle: by hand, and the methods among each other."""
    regressor, n = fitted(n_outputs, steps=steps), len(LEVELS)
    outputs = () if n_outputs == 1 else (n_outputs,)
    paths = regressor.predict_steps_quantiles(X)
    assert paths.shape == (N_ROWS, steps, *outputs, n)
    np.testing.assert_array_equal(regressor.predict_quantiles(X), paths[:, 0])
    np.testing.assert_array_equal(regressor.predict_steps(X), paths[..., 2])
    np.testing.assert_array_equal(regressor.predict(X), paths[:, 0, ..., 2])
    is_missing = np.arange(N_ROWS)[:, None] + np.arange(steps) >= N_ROWS
    np.testing.assert_array_equal(np.isnan(paths).all(axis=tuple(range(2, paths.ndim))), is_missing)


def test_forecast_quantiles_are_those_of_the_last_path():
    """Oracle: `predict_steps_quantiles` of a row more, of which the known column is given."""
    regressor, later = fitted(horizon=2), make_rows(3, n_rows=STEPS + 1)
    later[:, :2] = np.nan
    found = regressor.forecast_quantiles(X, later)
    assert found.shape == (STEPS + 1, len(LEVELS))
    filled = np.nan_to_num(later)
    paths = regressor.predict_steps_quantiles(np.concatenate([X, filled]))[N_ROWS:]
    np.testing.assert_array_equal(found[:2], paths[:2, 0])
    np.testing.assert_array_equal(found[2:], paths[1, 1:])
    np.testing.assert_array_equal(regressor.forecast(X, later), found[:, 2])
    np.testing.assert_array_equal(regressor.forecast_quantiles(X, later[:3], n_rows=3), found[:3])


def test_quantiles_are_not_fed_back():
    regressor = fitted(known_columns=None)
    with pytest.raises(
        ValueError, match=r"n_rows=5 is too large: quantiles .* only for the next 4 "
    ):
        regressor.forecast_quantiles(X, n_rows=5)


def test_the_median_is_fed_back():
    """Oracle: the forecasts of the rows forecast before."""
    series = X[:, :1]
    regressor = tiny(quantiles=(0.1, 0.9), steps=2, history="none").fit(series, y)
    first = regressor.forecast()
    further = regressor.forecast(np.concatenate([series, first[:, None]]))
    found = regressor.forecast(n_rows=4)
    np.testing.assert_allclose(found, np.concatenate([first, further]), rtol=1e-12)


# What they are


@given(seed=st.integers(0, 50), steps=st.sampled_from([1, 3]), linear_start=st.booleans())
@settings(max_examples=15, deadline=None)
def test_they_never_cross(seed, steps, linear_start):
    """Oracle: the order of their levels, on rows unlike any in training."""
    rows = make_rows(seed)
    regressor = tiny(
        quantiles=(0.05, 0.3, 0.95), steps=steps, linear_start=linear_start, random_state=seed,
        learning_rate=0.3,
    ).fit(rows[:N_TRAIN], rows[:N_TRAIN, 0])  # fmt: skip
    quantiles = regressor.predict_steps_quantiles(1 + 9 * make_rows(seed + 1))
    assert (np.diff(quantiles, axis=-1) >= 0).all()


@pytest.mark.parametrize("steps", [1, STEPS])
@pytest.mark.parametrize("weighted", [True, False])
def test_a_silent_network_leaves_the_quantiles_of_what_the_start_misses(
    monkeypatch, steps, weighted
):
    """Oracle: NumPy's quantiles of the start's leave-one-out residuals, lead by lead.

    Tests of the linear start compare these residuals to ridges fitted without each row.
    """
    fit_start, starts = preprocessing.fit_linear_start, []
    monkeypatch.setattr(
        preprocessing, "fit_linear_start", lambda *a: starts.append(fit_start(*a)) or starts[-1]
    )
    weight = np.random.default_rng(0).integers(0, 3, N_TRAIN) if weighted else np.ones(N_TRAIN)
    regressor = LSTMRegressor(
        window_length=4, steps=steps, quantiles=LEVELS, scaling="standard", known_columns=[2],
        history="none", early_stopping="auto", validation_fraction=0.02, n_networks=1,
    ).fit(X[:N_TRAIN], y[:N_TRAIN], weight)  # fmt: skip
    assert regressor.n_iter_ == 0
    (fitted_start,) = starts
    rows = np.arange(N_TRAIN, N_ROWS - steps)
    forecaster = regressor._forecaster
    windows = forecaster.find_place(X, None, "none").make_windows(X)
    expected = fitted_start.start.predict(windows, rows)
    found = regressor.predict_steps_quantiles(X)[rows]
    for lead in range(steps):
        left_out = fitted_start.left_out[:, lead]
        is_there = ~np.isnan(left_out)
        times = weight[fitted_start.target_rows[is_there] + lead].astype(int)
        residuals = np.repeat(left_out[is_there], times)
        shift = np.quantile(residuals, LEVELS, method="inverted_cdf")
        np.testing.assert_allclose(found[:, lead], expected[:, [lead]] + shift, rtol=1e-9)


def test_without_a_start_they_begin_at_the_quantiles_of_the_changes():
    """Oracle: NumPy's quantiles of the changes from the last value; at a rate of nearly 0."""
    regressor = tiny(
        quantiles=LEVELS, steps=2, linear_start=False, scaling="center", learning_rate=1e-12,
        weight_decay=0.0, season_length=None, history="none",
    ).fit(X[:N_TRAIN], y[:N_TRAIN])  # fmt: skip
    quantiles = regressor.predict_steps_quantiles(X)[N_TRAIN:]
    starts = np.arange(4, N_TRAIN)
    for lead in range(2):
        rows = starts[starts + lead < N_TRAIN]
        shift = np.quantile(y[rows + lead] - y[rows - 1], LEVELS, method="inverted_cdf")
        expected = y[N_TRAIN - 1 : -1, None] + shift
        np.testing.assert_allclose(quantiles[:, lead], expected, rtol=1e-6, atol=1e-6)


def test_where_no_row_may_be_read_they_are_those_of_the_targets():
    """Oracle: NumPy's quantiles of the training targets with a full window."""
    quantiles = fitted(known_columns=None, horizon=3).predict_quantiles(X)[:3]
    expected = np.quantile(y[6:N_TRAIN], LEVELS, method="inverted_cdf")
    np.testing.assert_array_equal(quantiles, np.tile(expected, (3, 1)))


def test_a_band_widens_with_the_lead_as_the_process_does():
    """Oracle: the conditional quantiles of an autoregression of order 1, in closed form."""
    rng, n = np.random.default_rng(0), 4000
    series = np.zeros(n)
    for t in range(1, n):
        series[t] = 0.8 * series[t - 1] + rng.normal()
    X = series[:, None]
    regressor = LSTMRegressor(steps=6, quantiles=(0.1, 0.9), random_state=0, n_networks=1)
    regressor.fit(X[:3000], series[:3000])
    rows = np.arange(3000, n)
    found = regressor.predict_steps_quantiles(X[rows])
    for lead in range(6):
        deviation = np.sqrt(np.sum(0.8 ** (2 * np.arange(lead + 1))))
        expected = 0.8 ** (lead + 1) * series[rows - 1, None] + deviation * norm.ppf(
            [0.1, 0.5, 0.9]
        )
        miss = np.sqrt(np.mean((found[:, lead] - expected) ** 2))
        assert miss < 0.2 * deviation


@pytest.mark.parametrize("linear_start", [True, False])
def test_steps_whose_targets_count_in_other_rows_have_quantiles_of_their_own(linear_start):
    """Oracle: no NaN, and the spread of a fit that counts all rows, roughly.

    Every other target weighs nothing, so no row has targets that count in both steps.
    """
    weight = np.arange(N_TRAIN) % 2.0
    parameters = {"steps": 2, "quantiles": LEVELS, "linear_start": linear_start, "epochs": 1}
    found, expected = (
        tiny(**parameters).fit(X[:N_TRAIN], y[:N_TRAIN], given).predict_steps_quantiles(X)[:200]
        for given in (weight, None)
    )
    widths = [np.mean(each[..., -1] - each[..., 0], axis=0) for each in (found, expected)]
    np.testing.assert_allclose(*widths, rtol=0.25)


# What they read


@given(row=st.integers(1, N_ROWS - STEPS), seed=st.integers(1, 9))
@settings(max_examples=15, deadline=None)
def test_no_quantile_reads_a_row_newer_than_it_may(row, seed):
    """Oracle: the rule: rows newer than t-h are replaced, of the known column those after t+j."""
    regressor, changed = fitted(horizon=2), X.copy()
    changed[max(0, row - 1) :, :2] = make_rows(seed)[max(0, row - 1) :, :2]
    changed[row + STEPS :, 2] = seed
    found, expected = (regressor.predict_steps_quantiles(rows)[row] for rows in (changed, X))
    np.testing.assert_array_equal(found, expected)


def test_a_row_has_the_same_bits_in_any_company():
    regressor = fitted()
    whole = regressor.predict_steps_quantiles(X)
    np.testing.assert_array_equal(regressor.predict_steps_quantiles(X[:100])[:90], whole[:90])


def test_training_goes_on_with_the_same_quantiles_only():
    """Oracle: by hand."""
    regressor = tiny(quantiles=LEVELS, steps=2).fit(X[:N_TRAIN], y[:N_TRAIN])
    before = regressor.predict_quantiles(X)
    regressor.partial_fit(X[:N_TRAIN], y[:N_TRAIN])
    assert regressor.n_iter_ == 3
    assert np.abs(regressor.predict_quantiles(X) - before).max() > 0
    with pytest.raises(ValueError, match=r"built with quantiles=\(0.1, 0.25, 0.5, 0.9\)"):
        regressor.set_params(quantiles=(0.1, 0.9)).partial_fit(X, y)


def test_the_score_of_the_tail_is_the_share_of_the_quantile_loss():
    """Oracle: the loss of all quantiles in NumPy, beside that of the tail's own quantiles."""
    regressor = tiny(
        quantiles=(0.1, 0.9), epochs=2, early_stopping=True, linear_start=False, history="none",
        validation_fraction=0.25, season_length=None,
    ).fit(X[:N_TRAIN], y[:N_TRAIN])  # fmt: skip
    n_tail = (N_TRAIN - 4) // 4  # a quarter of the targets with a full window
    tail = np.arange(N_TRAIN - n_tail, N_TRAIN)
    levels = regressor.quantiles_
    constants = np.quantile(y[tail], levels, method="inverted_cdf")

    def lose(quantiles):
        error = y[tail, None] - quantiles
        return np.maximum(levels * error, (levels - 1) * error).sum()

    share = 1 - lose(regressor.predict_quantiles(X)[tail]) / lose(constants)
    np.testing.assert_allclose(regressor.best_validation_score_, share, rtol=1e-5)
    assert regressor.best_iter_ > 0
