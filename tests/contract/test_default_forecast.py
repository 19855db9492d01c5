"""The default forecast: seasons, the linear start, and a network that may stay silent."""

import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import Parallel, delayed
from small_regressor import tiny
from threadpoolctl import threadpool_info, threadpool_limits

from sklstm import LSTMRegressor

N_ROWS, N_TRAIN = 320, 260
SEASON = 12


def make_rows(seed=0, n_rows=N_ROWS):
    """A season of 12 on a walk, another walk, noise, a column that is known in advance."""
    rng = np.random.default_rng(seed)
    t = np.arange(n_rows)
    return np.column_stack(
        [
            4 * np.sin(2 * np.pi * t / SEASON) + 0.5 * rng.normal(size=n_rows).cumsum(),
            rng.normal(size=n_rows).cumsum(),
            rng.normal(size=n_rows),
            t % 7.0,
        ]
    )


X = make_rows()
y = X[:, 0]


@cache
def fitted(**parameters):
    return tiny(known_columns=[3], **parameters).fit(X[:N_TRAIN], y[:N_TRAIN])


# What a prediction reads


@given(
    window_length=st.integers(1, 6), horizon=st.integers(1, 15), row=st.integers(1, N_ROWS - 1),
    seed=st.integers(1, 9),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_no_prediction_reads_a_row_newer_than_it_may(window_length, horizon, row, seed):
    """Oracle: the rule: rows newer than t-h are replaced, those of the known column newer than t.

    The training rows are given again, so that seasons, lags and windows all stand inside them.
    """
    regressor = fitted(window_length=window_length, horizon=horizon, epochs=1, season_length=SEASON)
    changed, other = X.copy(), make_rows(seed)
    changed[max(0, row - horizon + 1) :, :3] += 100 * other[max(0, row - horizon + 1) :, :3]
    changed[row + 1 :, 3] += 100
    regressor = pickle.loads(pickle.dumps(regressor)).set_params(history="none")
    np.testing.assert_array_equal(
        regressor.predict(changed)[: row + 1], regressor.predict(X)[: row + 1]
    )


@pytest.mark.parametrize("window_length", [1, 4])
@pytest.mark.parametrize("season_length", ["auto", None, SEASON, [5, SEASON]], ids=str)
def test_both_spellings_of_y_give_the_same_numbers(window_length, season_length):
    """Oracle: each other: y of the same row with horizon 1, y of the next one with horizon 0."""
    parameters = {"window_length": window_length, "season_length": season_length}
    parameters |= {"early_stopping": "auto", "epochs": 3}
    a = tiny(horizon=1, **parameters).fit(X[:N_TRAIN, :3], y[:N_TRAIN])
    b = tiny(horizon=0, **parameters).fit(X[: N_TRAIN - 1, :3], y[1:N_TRAIN])
    assert a.season_length_ == b.season_length_
    np.testing.assert_allclose(a.validation_scores_, b.validation_scores_, rtol=1e-6, atol=1e-6)
    expected = a.predict(X[:, :3])[N_TRAIN:]
    np.testing.assert_allclose(b.predict(X[:, :3])[N_TRAIN - 1 : -1], expected, rtol=1e-5)
    np.testing.assert_allclose(a.forecast()[0], b.predict(X[:N_TRAIN, :3])[-1], rtol=1e-5)


def test_a_season_changes_neither_gap_nor_the_rows_that_may_be_missing():
    """Oracle: the same without a season."""
    days = pd.date_range("2024-01-01", periods=N_ROWS)
    frame = pd.DataFrame(X[:, :3], index=days)
    with_season, without = (
        tiny(season_length=s).fit(frame[:N_TRAIN], frame[0][:N_TRAIN]) for s in (SEASON, None)
    )
    for regressor in (with_season, without):
        assert regressor.needed_gap(frame, frame[0]) == 0
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            regressor.predict(frame[N_TRAIN + 4 :])  # 4 rows are missing: as far as a window
        with pytest.warns(UserWarning, match="More than 4 rows"):
            regressor.predict(frame[N_TRAIN + 5 :])


# Where a season is missing


def test_without_its_season_a_row_is_forecast_by_the_second_ridge_alone():
    """Oracle: the plain ridge of the fit, on its features; later rows have a network's share."""
    regressor = fitted(season_length=SEASON, epochs=5)
    forecaster = regressor._forecaster
    windows = forecaster.find_place(X, None, "none").make_windows(X)
    rows = np.arange(N_ROWS)
    start = forecaster.preprocessing.start.predict(windows, rows)[:, 0]
    predicted = regressor.set_params(history="none").predict(X)
    reach = SEASON + 2  # S + w - 2 with S = 12 and w = 4
    np.testing.assert_array_equal(predicted[1:reach], start[1:reach])
    assert np.all(predicted[reach:] != start[reach:])


def test_without_its_season_and_without_a_start_a_row_is_the_mean():
    """Oracle: the mean of the targets that train, those that have a season before them."""
    regressor = tiny(season_length=SEASON, linear_start=False, history="none")
    predicted = regressor.fit(X[:N_TRAIN], y[:N_TRAIN]).predict(X)
    np.testing.assert_allclose(predicted[: SEASON + 2], y[SEASON + 2 : N_TRAIN].mean())
    assert len(set(predicted[SEASON + 2 :])) > 200


def test_rows_that_were_filled_for_a_gap_are_no_season():
    """Oracle: the rule: a prediction whose season touches the filled rows has no season."""
    days = pd.date_range("2024-01-01", periods=N_ROWS)
    frame = pd.DataFrame(X[:, :3], index=days)
    regressor = tiny(season_length=SEASON).fit(frame[:N_TRAIN], frame[0][:N_TRAIN])
    later = frame[N_TRAIN + 3 :]  # three rows are missing
    inputs = regressor.read_windows(later)
    lacks = np.isnan(inputs["window"]).any(axis=(1, 2))
    t = np.arange(len(later)) + 3  # counted from the first row that is missing
    touches = [any(0 <= row <= 2 for row in range(i - SEASON - 2, i - SEASON + 2)) for i in t]
    np.testing.assert_array_equal(lacks, touches)
    assert lacks.any()
    regressor.update(later[:10])  # kept with the rows that were filled
    np.testing.assert_array_equal(regressor.forecast(), regressor.predict(later[10:11]))
    assert lacks[10]  # so this one had no season, either
    again = regressor.read_windows(later[10:])
    np.testing.assert_array_equal(np.isnan(again["window"]).any(axis=(1, 2)), lacks[10:])


def test_a_named_season_that_the_rows_do_not_hold_is_left_out_with_one_warning():
    """Oracle: the fit without it."""
    with pytest.warns(UserWarning, match=r"season_length=300 is ignored") as caught:
        regressor = tiny(season_length=[SEASON, 300]).fit(X[:N_TRAIN], y[:N_TRAIN])
    assert len(caught) == 1
    assert regressor.season_length_ == [[SEASON]]
    expected = tiny(season_length=SEASON).fit(X[:N_TRAIN], y[:N_TRAIN])
    np.testing.assert_array_equal(regressor.predict(X), expected.predict(X))


# Silence


def test_a_walk_is_forecast_by_its_start_alone():
    """Oracle: epoch 0 is the best: predictions are the linear start's."""
    walk = np.random.default_rng(4).normal(size=(600, 1)).cumsum(axis=0)
    regressor = LSTMRegressor(units=4, random_state=0).fit(walk[:500], walk[:500, 0])
    assert (regressor.best_iter_, regressor.network_share_) == (0, 0.0)
    assert regressor.n_iter_ == 10  # patience
    assert len(regressor.validation_scores_) == 11
    assert regressor.validation_scores_[0] == regressor.best_validation_score_
    forecaster = regressor._forecaster
    windows = forecaster.find_place(walk, None, "auto").make_windows(walk)
    start = forecaster.preprocessing.start.predict(windows, np.arange(1, 600))
    np.testing.assert_array_equal(regressor.predict(walk)[1:], start[:, 0])


@pytest.mark.parametrize(("n_rows", "is_stopped"), [(99 + 4, False), (100 + 4, True)])
def test_few_rows_are_forecast_by_the_start_alone(n_rows, is_stopped):
    """Oracle: by hand: a fifth of 99 targets is 19, of 100 it is 20."""
    rows = X[:n_rows, 1:3]
    regressor = tiny(early_stopping="auto", season_length=None)
    regressor.fit(rows, rows[:, 0])
    assert regressor.n_iter_ == (2 if is_stopped else 0)
    assert (regressor.validation_scores_ is None) == (not is_stopped)
    if not is_stopped:
        assert np.isnan(regressor.loss_)
        assert (regressor.loss_curve_, regressor.best_iter_) == ([], 0)
        bare = tiny(early_stopping="auto", linear_start=False).fit(rows, rows[:, 0])
        assert bare.n_iter_ == 2


def test_the_networks_share_is_what_it_takes_off_the_tails_error():
    """Oracle: squared errors of the tail, of `predict` and of the start."""
    regressor = fitted(
        early_stopping=True,
        validation_fraction=0.1,
        epochs=30,
        season_length=SEASON,
        learning_rate=0.05,
    )
    assert regressor.best_iter_ > 0
    n_tail = int(np.ceil(0.1 * (N_TRAIN - SEASON - 2)))
    tail = np.arange(N_TRAIN - n_tail, N_TRAIN)
    forecaster = regressor._forecaster
    windows = forecaster.find_place(X, None, "none").make_windows(X)
    start = forecaster.preprocessing.start.predict(windows, tail)[:, 0]
    missed, left = (np.sum((y[tail] - p) ** 2) for p in (start, regressor.predict(X)[tail]))
    np.testing.assert_allclose(regressor.network_share_, 1 - left / missed, rtol=1e-6)


def test_the_tails_targets_reach_the_start_but_no_epochs_weights(monkeypatch):
    """Oracle: two tails with the same start, held fixed: the same losses of all epochs."""
    from sklstm._lstm import preprocessing

    fit_start, starts = preprocessing.fit_linear_start, []

    def fit_once(*arguments):
        starts.append(fit_start(*arguments))
        return starts[0]

    monkeypatch.setattr(preprocessing, "fit_linear_start", fit_once)
    changed = y[:N_TRAIN].copy()
    changed[-20:] += 50
    parameters = {"early_stopping": True, "epochs": 3, "target_column": 0, "season_length": SEASON}
    losses = [
        tiny(**parameters).fit(X[:N_TRAIN], target).loss_curve_ for target in (y[:N_TRAIN], changed)
    ]
    assert losses[0] == losses[1]
    one, two = (start.outputs[0].plain.intercept for start in (fitted.start for fitted in starts))
    assert one != two


# What the forecast is made of


def test_the_start_is_told_by_names_in_the_users_units():
    """Oracle: the sum of coefficients times values of a frame."""
    frame = pd.DataFrame(X, columns=["load", "walk", "noise", "weekday"])
    regressor = tiny(known_columns=["weekday"], season_length=SEASON, epochs=1)
    regressor.fit(frame[:N_TRAIN], frame["load"][:N_TRAIN])
    made_of = regressor.linear_start_
    assert {"intercept", "load[t-1]", "load[t-12]", "load[t-13]", "weekday[t]"} <= {*made_of.index}
    t = 200
    values = {"intercept": 1.0} | {
        f"{name}[t-{lag}]" if lag else f"{name}[t]": frame[name][t - lag]
        for name in frame
        for lag in range(30)
    }
    forecaster = regressor._forecaster
    windows = forecaster.find_place(X, None, "none").make_windows(X)
    start = forecaster.preprocessing.start.predict(windows, np.array([t]))
    np.testing.assert_allclose(sum(made_of * [values[name] for name in made_of.index]), start[0])
    two = tiny().fit(X[:, :2], X[:, :2]).linear_start_
    assert list(two.columns) == [0, 1]
    assert tiny(linear_start=False).fit(X, y).linear_start_ is None


# The same bits


def fit_and_predict(seed):
    rows = make_rows(seed)
    regressor = tiny(early_stopping="auto", epochs=3, n_networks=2)
    return regressor.fit(rows[:N_TRAIN], rows[:N_TRAIN, 0]).predict(rows)


def test_fits_side_by_side_have_the_bits_of_each_alone_and_leave_blas_as_it_was():
    """Oracle: fits one after the other, on one thread; threadpoolctl."""
    with threadpool_limits(1, user_api="blas"):
        alone = [fit_and_predict(seed) for seed in range(6)]
    before = threadpool_info()
    with ThreadPoolExecutor(3) as threads:
        together = list(threads.map(fit_and_predict, range(6)))
    assert threadpool_info() == before
    in_joblib = Parallel(n_jobs=2, backend="threading")(
        delayed(fit_and_predict)(seed) for seed in range(6)
    )
    in_processes = Parallel(n_jobs=2)(delayed(fit_and_predict)(seed) for seed in range(6))
    for one, *others in zip(alone, together, in_joblib, in_processes, strict=True):
        for other in others:
            np.testing.assert_array_equal(one, other)


# Degenerate rows


@pytest.mark.parametrize("n_rows", [2, 3, 5, 9])
def test_as_few_rows_as_a_window_and_a_target_need_are_enough(n_rows):
    """Oracle: finite predictions."""
    rows = np.random.default_rng(0).normal(size=(n_rows, 1)).cumsum(axis=0)
    regressor = LSTMRegressor(window_length=1, random_state=0).fit(rows, rows[:, 0])
    assert np.isfinite(regressor.predict(rows)).all()
    assert np.isfinite(regressor.forecast()).all()


@pytest.mark.parametrize("make", [np.ones, lambda n: np.arange(n) * 1.0], ids=["constant", "line"])
def test_what_the_start_forecasts_without_an_error_is_exact(make):
    """Oracle: by hand: a constant goes on, and so does a line."""
    series = make(400)
    regressor = LSTMRegressor(units=4, random_state=0).fit(series[:300, None], series[:300])
    np.testing.assert_allclose(regressor.predict(series[300:, None]), series[300:], rtol=1e-9)
    np.testing.assert_allclose(regressor.forecast(), series[300:301], rtol=1e-9)
