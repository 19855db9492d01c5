"""Paths of several steps: what each step reads, what it is trained on, what it is called."""

import pickle
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler
from small_regressor import bare, tiny

from sklstm import LSTMRegressor
from sklstm._closed_form.unit_root import find_wandering

N_ROWS, N_TRAIN, SEASON, STEPS = 320, 260, 12, 5


def make_rows(seed=0, n_rows=N_ROWS):
    """A season of 12 on a walk, which a known column moves; noise; that column; a constant."""
    rng = np.random.default_rng(seed)
    t = np.arange(n_rows)
    known = np.sin(t * t / 7.0)
    y = 4 * np.sin(2 * np.pi * t / SEASON) + 0.3 * rng.normal(size=n_rows).cumsum() + 2 * known
    return np.column_stack([y, rng.normal(size=n_rows), known, np.ones(n_rows)])


X = make_rows()
y = X[:, 0]


@cache
def fitted(steps=STEPS, **parameters):
    parameters = {"season_length": SEASON, "known_columns": (2,), "history": "none"} | parameters
    n_train = parameters.pop("n_train", N_TRAIN)
    return tiny(steps=steps, **parameters).fit(X[:n_train], y[:n_train])


# What a step reads


@given(
    window_length=st.integers(1, 5), horizon=st.integers(1, 14), row=st.integers(1, N_ROWS - 1),
    linear_start=st.booleans(), seed=st.integers(1, 9),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_no_step_reads_a_row_newer_than_it_may(window_length, horizon, row, linear_start, seed):
    """Oracle: the rule: rows newer than t-h are replaced, of the known column those after t+j."""
    regressor = fitted(
        window_length=window_length, horizon=horizon, linear_start=linear_start, epochs=1
    )
    expected = regressor.predict_steps(X)[row]
    for step in range(STEPS):
        changed, other = X.copy(), make_rows(seed)
        changed[max(0, row - horizon + 1) :] = other[max(0, row - horizon + 1) :]
        changed[: row + step + 1, 2] = X[: row + step + 1, 2]
        changed[row + step + 1 :, 2] = seed
        found = regressor.predict_steps(changed)[row, : step + 1]
        np.testing.assert_array_equal(found, expected[: step + 1])


@pytest.mark.parametrize("linear_start", [True, False])
def test_each_step_reads_what_is_known_of_its_own_row(linear_start):
    """Oracle: a change of the known column in row t+j moves the forecasts of that row on."""
    regressor = fitted(linear_start=linear_start)
    changed = X.copy()
    changed[303, 2] += 0.5
    is_moved = regressor.predict_steps(changed)[300] != regressor.predict_steps(X)[300]
    assert is_moved.tolist() == [False, False, False, True, False]


@pytest.mark.parametrize("horizon", [1, 3])
def test_each_steps_start_is_a_ridge_on_what_the_rule_reads(horizon):
    """Oracle: scikit-learn's Ridge with the same penalty on features written out row by row.

    Step j of row t reads the rows up to t-h, the known column in row t+j, and three rows around
    the place whole seasons before row t+j, in each of the last two seasons.
    """
    n_train, n_lags = 200, 8
    regressor = fitted(horizon=horizon, window_length=2, n_train=n_train)
    forecaster = regressor._forecaster
    assert (forecaster.alignment.seasons_back, forecaster.alignment.n_lags) == (2, n_lags)
    wanders = find_wandering(X[:n_train])
    outputs = forecaster.preprocessing.start.outputs

    def write_features(t, step):
        newest = y[t - horizon]
        place = SEASON * -(-(horizon + step + 1) // SEASON) - step  # rows before row t
        lags = [place + around + back for back in (0, SEASON) for around in (1, 0, -1)]
        features = [y[t - horizon - k] - newest for k in range(1, n_lags)]
        features += [y[t - lag] - newest for lag in lags if lag >= horizon + n_lags]
        noise = X[[t - horizon, t - horizon - 1], 1]
        level = [] if wanders[0] else [newest]
        return [*level, *features, noise[0], noise[1] - noise[0], X[t + step, 2]]

    first = forecaster.alignment.reach_of_history
    for step, output in enumerate(outputs):
        rows = np.arange(first, n_train - step)
        Z = np.array([write_features(t, step) for t in rows])
        change = y[rows + step] - y[rows - horizon]
        scaler = StandardScaler().fit(Z)
        ridge = Ridge(alpha=output.seasonal.penalty).fit(scaler.transform(Z), change)
        later = np.arange(n_train, N_ROWS - step)
        Z = np.array([write_features(t, step) for t in later])
        expected = y[later - horizon] + ridge.predict(scaler.transform(Z))
        windows = forecaster.find_place(X, None, "none").make_windows(X)
        found = output.predict(windows, later)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_a_row_without_its_seasons_is_forecast_by_the_start_alone():
    """Oracle: the start's own forecasts, of ridges that read no season."""
    regressor = fitted(early_stopping=False)
    forecaster, rows = regressor._forecaster, np.arange(1, 8)
    windows = forecaster.find_place(X, None, "none").make_windows(X)
    expected = forecaster.preprocessing.start.predict(windows, rows)
    np.testing.assert_array_equal(regressor.predict_steps(X)[rows], expected)


# What it is called


def test_the_first_step_is_what_predict_gives():
    regressor = fitted()
    paths = regressor.predict_steps(X)
    assert paths.shape == (N_ROWS, STEPS)
    np.testing.assert_array_equal(regressor.predict(X), paths[:, 0])


def test_with_one_step_a_path_is_a_prediction():
    regressor = fitted(steps=1)
    np.testing.assert_array_equal(regressor.predict_steps(X), regressor.predict(X)[:, None])


def test_several_outputs_have_the_last_axis():
    """Oracle: an output that is twice another one, of which the start forecasts twice as much."""
    both = np.column_stack([y, 2 * y])
    regressor = tiny(steps=3, known_columns=[2], epochs=1).fit(X[:N_TRAIN], both[:N_TRAIN])
    paths = regressor.predict_steps(X)
    assert paths.shape == (N_ROWS, 3, 2)
    np.testing.assert_array_equal(regressor.predict(X), paths[:, 0])
    start = regressor._forecaster.preprocessing.start
    windows = regressor._forecaster.find_place(X, None, "none").make_windows(X)
    ones, twos = start.predict(windows, np.arange(100, 200)).reshape(100, 3, 2).transpose(2, 0, 1)
    np.testing.assert_allclose(twos, 2 * ones, rtol=1e-6)
    assert list(regressor.linear_start_.columns) == [(j, o) for j in range(3) for o in range(2)]


def test_a_step_whose_row_is_not_known_is_missing():
    """Oracle: by hand: of the last row's path only the first row is there."""
    regressor = fitted()
    paths = regressor.predict_steps(X)
    later = np.arange(N_ROWS)[:, None] + np.arange(STEPS) >= N_ROWS
    np.testing.assert_array_equal(np.isnan(paths), later)
    known = make_rows(n_rows=N_ROWS + 4)[N_ROWS:]
    known[:, [0, 1, 3]] = np.nan
    filled = regressor.predict_steps(X, known)
    np.testing.assert_array_equal(filled[~later], paths[~later])
    assert not np.isnan(filled).any()
    without = tiny(steps=STEPS).fit(X[:N_TRAIN, :1], y[:N_TRAIN])
    assert not np.isnan(without.predict_steps(X[:, :1])).any()


@pytest.mark.parametrize("horizon", [1, 4])
def test_a_forecast_is_first_steps_and_then_the_last_path(horizon):
    """Oracle: `predict_steps` of X with the rows ahead, which are unknown but for one column."""
    regressor = fitted(horizon=horizon)
    ahead = horizon + STEPS - 1
    known = np.full((ahead, 4), np.nan)
    known[:, 2] = 0.1 * np.arange(ahead)
    forecast = regressor.forecast(X, known=known)
    rows = np.concatenate([X, np.where(np.isnan(known), 0.0, known)])
    paths = regressor.predict_steps(rows)
    expected = [*paths[N_ROWS : N_ROWS + horizon - 1, 0], *paths[N_ROWS + horizon - 1]]
    np.testing.assert_array_equal(forecast, expected)


def test_without_a_horizon_a_forecast_is_the_last_rows_path_after_that_row():
    """Oracle: `predict_steps`; y is the next row's value, so row t itself may be read."""
    regressor = tiny(steps=3, horizon=0).fit(X[:N_TRAIN, :1], X[1 : N_TRAIN + 1, 0])
    np.testing.assert_array_equal(
        regressor.forecast(X[:, :1]), regressor.predict_steps(X[:, :1])[-1, 1:]
    )


@pytest.mark.parametrize("steps", [1, 3])
def test_further_rows_are_forecast_from_forecasts(steps):
    """Oracle: forecasts of so many rows at a time, each fed back by hand."""
    columns = [0, 2, 3]
    regressor = tiny(steps=steps, known_columns=[1]).fit(X[:N_TRAIN][:, columns], y[:N_TRAIN])
    known = np.full((7, 3), np.nan)
    known[:, 1] = 0.1 * np.arange(7)
    rows, expected = X[:, columns], []
    for first in range(0, 7, steps):
        own = np.full((steps, 3), np.nan)
        own[: 7 - first] = known[first : first + steps]
        own[7 - first :, 1] = 0.0
        part = regressor.forecast(rows, known=own)
        expected += list(part)
        fed = np.where(np.isnan(own), 1.0, own)
        fed[:, 0] = part
        rows = np.concatenate([rows, fed])
    found = regressor.forecast(X[:, columns], known=known, n_rows=7)
    np.testing.assert_array_equal(found, expected[:7])


def test_fewer_rows_are_the_first_ones():
    regressor = fitted(known_columns=None)
    np.testing.assert_array_equal(regressor.forecast(X, n_rows=2), regressor.forecast(X)[:2])


def test_what_cannot_be_fed_back_is_refused_by_its_name():
    frame = pd.DataFrame(X, columns=["load", "noise", "wind", "one"])
    regressor = tiny(steps=2, known_columns=["wind"]).fit(frame[:N_TRAIN], frame["load"][:N_TRAIN])
    with pytest.raises(
        ValueError, match=r"n_rows=3 .* only the next 2 rows .* column 'noise' of X"
    ):
        regressor.forecast(frame, n_rows=3)
    with pytest.raises(ValueError, match=r"n_rows=0 must be None or an int of 1 or more"):
        regressor.forecast(frame, n_rows=0)


def test_rows_that_must_be_known_are_asked_for_by_their_number():
    regressor = fitted()
    with pytest.raises(ValueError, match=r"the next 5 rows in known"):
        regressor.forecast(X)
    with pytest.raises(
        ValueError, match=r"known has 2 rows; it must have horizon \+ steps - 1 = 5"
    ):
        regressor.forecast(X, known=np.ones((2, 4)))


# What it is trained on


def test_targets_beyond_the_last_row_do_not_count(monkeypatch):
    """Oracle: the examples: a pair of row and step has weight where its target exists."""
    regressor = tiny(steps=3, linear_start=False, season_length=None)
    paths = []

    def spy(members, prepared, *_):
        paths.append(prepared.train)
        return tuple(members)

    monkeypatch.setattr("sklstm._lstm.forecaster.train_members", spy)
    regressor.fit(X[:50], y[:50])
    (train,) = paths
    rows = train.target_rows[:, None] + np.arange(3)
    np.testing.assert_array_equal(train.weight > 0, rows < 50)
    np.testing.assert_array_equal(train.y[rows < 50], y[rows[rows < 50]])
    np.testing.assert_allclose(train.weight.mean(axis=0), 1)


def test_as_many_rows_as_a_window_and_a_path_need_are_enough():
    """Oracle: by hand: 4 rows of the window and 5 of a path; one row less is refused."""
    rows = make_rows(n_rows=9)
    assert tiny(steps=5).fit(rows, rows[:, 0]).predict_steps(rows).shape == (9, 5)
    with pytest.raises(ValueError, match=r"steps=5 .* at least 9 rows.*n_samples = 8\. Use fewer"):
        tiny(steps=5).fit(rows[:8], rows[:8, 0])


def test_a_weight_belongs_to_the_row_of_its_target():
    """Oracle: a target of weight 0 may be anything, in each path that it is a step of."""
    weight = np.ones(N_TRAIN)
    weight[100] = 0
    other = y[:N_TRAIN].copy()
    other[100] += 1000
    found = [
        bare(steps=3).fit(X[:N_TRAIN], targets, weight).predict_steps(X)
        for targets in (y[:N_TRAIN], other)
    ]
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("n_train", [N_TRAIN, N_TRAIN - 1])
def test_no_target_of_the_tail_trains_a_network(n_train):
    """Oracle: targets of the tail are replaced: only what is chosen by them may change.

    A fifth of the targets are held back, and early stopping keeps the last epoch of one.
    """
    parameters = {"steps": 4, "early_stopping": True, "validation_fraction": 0.2, "epochs": 1}
    regressors = []
    for shift in (0.0, 5.0):
        targets = y[:n_train].copy()
        n_tail = -(-(n_train - 4) // 5)
        targets[n_train - n_tail :] += shift * np.sin(np.arange(n_tail))
        regressors.append(bare(**parameters, scaling="standard").fit(X[:n_train], targets))
    first, second = (regressor.loss_curve_ for regressor in regressors)
    assert first == second


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"early_stopping": True, "validation_fraction": 0.3, "n_networks": 3},
        {"num_layers": 2, "linear_skip": True, "dropout": 0.2},
        {"quantiles": (0.2, 0.8)},
        {"linear_start": False, "season_length": None, "known_columns": None},
    ],
    ids=["default", "three networks", "layers", "quantiles", "bare"],
)
def test_pickles_clones_and_the_keras_model_predict_alike(parameters):
    """Oracle: `predict_steps`."""
    regressor = fitted(**{"known_columns": (2,)} | parameters)
    paths = regressor.predict_steps(X)
    copy = pickle.loads(pickle.dumps(regressor))
    np.testing.assert_array_equal(copy.predict_steps(X), paths)
    again = clone(regressor).fit(X[:N_TRAIN], y[:N_TRAIN])
    np.testing.assert_array_equal(again.predict_steps(X), paths)
    modelled = regressor.model_(regressor.read_windows(X)).numpy()
    if regressor.quantiles_ is not None:
        paths = regressor.predict_steps_quantiles(X)
        np.testing.assert_array_equal(copy.predict_steps_quantiles(X), paths)
    assert modelled.shape == (N_ROWS, STEPS, 1, *paths.shape[2:])
    np.testing.assert_allclose(modelled[:, :, 0], paths, rtol=1e-4, atol=1e-4)


def test_the_keras_model_reads_alike_where_one_output_is_silent():
    """Oracle: `predict_steps`: a strength of 0 silences one output, not what the network reads."""
    both = np.column_stack([y, X[:, 1]])
    regressor = tiny(steps=3, season_length=SEASON).fit(X[:N_TRAIN], both[:N_TRAIN])
    forecaster = regressor._forecaster
    (member,) = forecaster.members
    member = replace(member, strength=np.array([1.0, 0.0] * 3))
    regressor._forecaster = replace(forecaster, members=(member,))
    modelled = regressor.model_(regressor.read_windows(X)).numpy()
    np.testing.assert_allclose(modelled, regressor.predict_steps(X), rtol=1e-4, atol=1e-4)


def test_a_row_has_the_same_bits_in_any_company():
    regressor = fitted(known_columns=None)
    paths = regressor.predict_steps(X)
    some = regressor._forecaster
    windows = some.find_place(X, None, "none").make_windows(X)
    for rows in ([200], [3, 200, 310], list(range(150, 280))):
        np.testing.assert_array_equal(some.predict_steps(windows, np.array(rows)), paths[rows])


def test_training_goes_on_in_steps():
    """Oracle: all epochs in one call; another number of steps needs a new start."""
    parameters = {"epochs": 2, "warm_start": True, "linear_start": False}
    halves = bare(steps=3, **parameters).fit(X[:N_TRAIN], y[:N_TRAIN]).fit(X[:N_TRAIN], y[:N_TRAIN])
    at_once = bare(steps=3, **parameters | {"epochs": 4}).fit(X[:N_TRAIN], y[:N_TRAIN])
    np.testing.assert_array_equal(halves.predict_steps(X), at_once.predict_steps(X))
    with pytest.raises(ValueError, match=r"built with steps=3, but .* are steps=4"):
        halves.set_params(steps=4).fit(X[:N_TRAIN], y[:N_TRAIN])


def test_steps_add_nothing_to_the_gap():
    assert LSTMRegressor(steps=24).needed_gap(X, y) == 0


def test_what_a_path_head_reads_once_or_each_time_is_the_same(monkeypatch):
    expected = fitted().predict_steps(X)
    monkeypatch.setattr("sklstm._lstm.examples.MOST_FLOATS_BESIDE", 0)
    again = clone(fitted()).fit(X[:N_TRAIN], y[:N_TRAIN])
    np.testing.assert_array_equal(again.predict_steps(X), expected)
