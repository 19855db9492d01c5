"""Training of `LSTMRegressor`: same bits, weights, stopping, going on, errors, memory, quality.

Which rows a prediction reads is the subject of `test_alignment.py`. All small networks here run in
the programs of three columns, one output and a window of up to 8 rows, so that few are compiled.
"""

import copy
import itertools
import os
import pickle
import subprocess
import sys
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import mean_pinball_loss, r2_score, root_mean_squared_error
from small_regressor import bare, tiny

from sklstm import LSTMRegressor
from sklstm._lstm.epochs import train
from sklstm._lstm.tail_scores import TailScore

N_ROWS = 60
K = 4  # rows that a prediction looks back: window_length=4, horizon=1


def make_rows(n_rows=N_ROWS, seed=0):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.normal(size=n_rows).cumsum(), rng.normal(size=(n_rows, 2))])


X = make_rows()
y = X[:, 0]


@cache
def fitted():
    return tiny().fit(X, y)


def assert_same_bits(regressor, other):
    """Weights, losses and predictions are equal to the last bit."""
    assert regressor.loss_curve_ == other.loss_curve_
    weights, others = (fit.model_.get_weights() for fit in (regressor, other))
    for weight, expected in zip(weights, others, strict=True):
        np.testing.assert_array_equal(weight, expected)
    rows = make_rows(seed=1)
    np.testing.assert_array_equal(regressor.predict(rows), other.predict(rows))


# What never changed in training

CONSTANTS = st.builds(
    lambda sign, digits, power: sign * digits * 10.0**power,
    st.sampled_from([-1.0, 1.0]),
    st.floats(1.0, 9.99),
    st.integers(-300, 149),
)


def cut_windows(rows, window_length=4):
    return np.stack([rows[t : t + window_length] for t in range(len(rows) - window_length)])


@pytest.mark.filterwarnings("ignore:scaling='(window|center)' needs the target's column")
@settings(max_examples=60)
@given(
    number=CONSTANTS,
    scaling=st.sampled_from(["auto", "window", "center", "standard", "minmax"]),
    column=st.sampled_from(["none", "found", "named", "another constant, named"]),
    change=st.sampled_from(
        [
            {},
            {"linear_skip": False},
            {"quantiles": (0.9,)},
            {"loss": "absolute_error", "early_stopping": True, "validation_fraction": 0.3},
        ]
    ),
    weight_seed=st.none() | st.integers(0, 100),
)
def test_a_constant_target_is_forecast_to_the_last_bit(
    number, scaling, column, change, weight_seed
):
    """Oracle: the number itself, also where no row may be read, and from the Keras model.

    The mean of equal numbers is off by a rounding error (issue 18, point 13).
    """
    y, rows = np.full(N_ROWS, number), X.copy()
    rows[:, 0] = {"none": rows[:, 0], "another constant, named": 0.3}.get(column, number)
    rng = np.random.default_rng(weight_seed)
    weight = None if weight_seed is None else rng.uniform(0.1, 1.0, N_ROWS)
    named = {"target_column": 0} if "named" in column else {}
    regressor = tiny(scaling=scaling, **change, **named).fit(rows, y, weight)
    np.testing.assert_array_equal(regressor.predict(rows), number)
    np.testing.assert_array_equal(regressor.forecast(), [number])
    np.testing.assert_array_equal(regressor.model_(regressor.read_windows(rows)), number)
    if "quantiles" in change:
        np.testing.assert_array_equal(regressor.predict_quantiles(rows), number)


@given(number=CONSTANTS)
@settings(max_examples=20)
def test_without_scaling_a_constant_target_is_forecast_to_the_last_bit_from_ordinary_columns(
    number,
):
    """Oracle: the number itself."""
    regressor = tiny(scaling=None).fit(X, np.full(N_ROWS, number))
    np.testing.assert_array_equal(regressor.predict(X), number)
    np.testing.assert_array_equal(regressor.model_(regressor.read_windows(X)), number)


@pytest.mark.parametrize("scaling", ["auto", "center", "standard", None])
def test_a_constant_output_beside_another_is_forecast_to_the_last_bit(scaling):
    """Oracle: the number itself; the other output is learnt."""
    outputs = np.column_stack([X[:, 0], np.full(N_ROWS, 0.7)])
    regressor = tiny(scaling=scaling, target_column=[0, None]).fit(X, outputs)
    prediction = regressor.predict(X)
    np.testing.assert_array_equal(prediction[:, 1], 0.7)
    assert np.ptp(prediction[:, 0]) > 0


def test_stretches_of_different_constants_are_each_forecast_to_the_last_bit():
    """Oracle: the last value; no window that is trained on holds a change."""
    level = np.repeat([0.7, 1e9 + 0.1, 1 / 3], 20)
    weight = np.where(np.arange(N_ROWS) % 20 < 4, 0.0, 1.0)
    rows = np.column_stack([level, X[:, 1:]])
    for scaling in ("window", "center"):
        regressor = tiny(scaling=scaling).fit(rows, level, weight)
        np.testing.assert_array_equal(regressor.predict(rows)[1:], level[:-1])


def test_a_target_that_begins_to_move_is_learnt_from_then_on():
    """Oracle: the forecast of the constant, which later rows must improve on."""
    regressor = tiny(learning_rate=0.05, decay_rate=1.0, scaling="standard")
    regressor.partial_fit(X, np.full(N_ROWS, 0.7))
    moving = 0.7 + np.roll(X[:, 1], 1)
    for _ in range(30):
        regressor.partial_fit(X, moving)
    assert r2_score(moving, regressor.predict(X)) > 0.5


# The same bits

RANDOM = {"dropout": 0.3, "shuffle": True, "epochs": 3}
IN_A_FRESH_PROCESS = """
import hashlib
import numpy as np
from sklstm import LSTMRegressor

rng = np.random.default_rng(0)
X = rng.normal(size=(200, 3)).cumsum(axis=0)
regressor = LSTMRegressor(window_length=4, units=4, epochs=3, dropout=0.3, random_state=7)
predictions = regressor.fit(X[:150], X[:150, 0]).predict(X[150:])
bits = predictions.tobytes() + np.array(regressor.loss_curve_).tobytes()
print(hashlib.sha256(bits).hexdigest())
"""


def run_python(code, **environment):
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        stdout=subprocess.PIPE,  # what goes wrong is seen among pytest's captured output
        text=True,
        timeout=500,
        check=True,
    )
    return run.stdout.split()


def test_one_random_state_gives_the_same_bits_twice_after_clone_and_from_a_pickle():
    """Oracle: the first fit."""
    first = tiny(**RANDOM).fit(X, y)
    assert_same_bits(tiny(**RANDOM).fit(X, y), first)
    assert_same_bits(clone(first).fit(X, y), first)
    assert_same_bits(copy.deepcopy(first).fit(X, y), first)
    copied = pickle.loads(pickle.dumps(first))
    assert_same_bits(copied, first)
    assert_same_bits(copied.fit(X, y), first)
    other = tiny(**RANDOM, random_state=1).fit(X, y)
    assert np.any(other.predict(X) != first.predict(X))


def test_a_fit_neither_reads_nor_moves_the_global_random_numbers():
    """Oracle: NumPy's and TensorFlow's global generators before and after."""
    import tensorflow as tf

    expected = tiny(**RANDOM).fit(X, y)
    np.random.seed(3)
    tf.random.set_seed(3)
    drawn = np.random.get_state()[1].copy(), tf.random.uniform([3]).numpy()
    np.random.seed(3)
    tf.random.set_seed(3)
    assert_same_bits(tiny(**RANDOM).fit(X, y), expected)
    np.testing.assert_array_equal(np.random.get_state()[1], drawn[0])
    np.testing.assert_array_equal(tf.random.uniform([3]).numpy(), drawn[1])


def test_fits_side_by_side_in_threads_give_the_bits_of_fits_in_turn():
    """Oracle: the same fits one after another."""
    seeds = range(6)

    def fit(seed):
        return tiny(**RANDOM, random_state=seed).fit(X, y)

    with ThreadPoolExecutor(3) as pool:
        for seed, side_by_side in zip(seeds, pool.map(fit, seeds), strict=True):
            np.testing.assert_array_equal(side_by_side.predict(X), fit(seed).predict(X))


@pytest.mark.slow
def test_a_fresh_process_gives_the_same_bits():
    """Oracle: another fresh process, with other hashes."""
    bits = [run_python(IN_A_FRESH_PROCESS, PYTHONHASHSEED=seed) for seed in ("1", "2")]
    assert bits[0] == bits[1]


def test_a_random_state_instance_is_drawn_from():
    """Oracle: two fits from one generator differ; two equal generators give equal fits."""
    rng = np.random.RandomState(0)
    first, second = (tiny(random_state=rng).fit(X, y).predict(X) for _ in range(2))
    assert np.any(first != second)
    again = tiny(random_state=np.random.RandomState(0)).fit(X, y).predict(X)
    np.testing.assert_array_equal(again, first)


# Sample weights


def test_targets_of_weight_0_are_not_trained_on():
    """Oracle: any other values of these targets; equality is exact."""
    rng = np.random.default_rng(0)
    weight = rng.integers(0, 3, size=N_ROWS).astype(float)
    target = rng.normal(size=N_ROWS)
    wild = np.where(weight > 0, target, 1e6 * rng.normal(size=N_ROWS))
    expected = tiny().fit(X, target, weight)
    regressor = tiny().fit(X, wild, weight)
    assert_same_bits(regressor, expected)
    assert regressor.t_ == expected.t_ == 2 * np.count_nonzero(weight[K:])


@pytest.mark.parametrize("scaling", ["window", "center", "standard", "minmax"])
def test_rows_that_only_targets_of_weight_0_read_change_nothing(scaling):
    """Oracle: the fit without these rows: the scales know only rows that training windows use."""
    n_first, n_last = 7, 5
    weight = np.ones(N_ROWS)
    weight[: n_first + K] = weight[N_ROWS - n_last :] = 0
    rows = X.copy()
    rows[:n_first] += 1000
    rows[N_ROWS - n_last :] -= 1000
    regressor = tiny(scaling=scaling, history="none").fit(rows, rows[:, 0], weight)
    inner = rows[n_first : N_ROWS - n_last]
    expected = tiny(scaling=scaling, history="none").fit(inner, inner[:, 0])
    np.testing.assert_allclose(regressor.loss_curve_, expected.loss_curve_, rtol=1e-6)
    np.testing.assert_allclose(regressor.predict(X), expected.predict(X), rtol=1e-6)


@given(factor=st.sampled_from([1e-300, 1e-6, 0.3, 7.0, 1e9, 8e307]))
@settings(max_examples=6)
def test_a_factor_on_all_weights_changes_nothing(factor):
    """Oracle: the fit without it."""
    weight = np.random.default_rng(0).uniform(0.5, 2, size=N_ROWS)
    expected = tiny().fit(X, y, weight)
    regressor = tiny().fit(X, y, factor * weight)
    np.testing.assert_allclose(regressor.loss_curve_, expected.loss_curve_, rtol=1e-6)
    np.testing.assert_allclose(regressor.predict(X), expected.predict(X), rtol=1e-6)


@pytest.mark.parametrize("weight", [5e-324, 1e307, np.finfo(np.float64).max])
def test_equal_weights_are_no_weights_however_large_or_small(weight):
    """Oracle: the fit without them; a sum of such weights is infinite (issue 18, point 14)."""
    assert_same_bits(tiny().fit(X, y, np.full(N_ROWS, weight)), fitted())


def test_weights_of_one_are_no_weights():
    """Oracle: the fit without weights."""
    assert_same_bits(tiny().fit(X, y, np.ones(N_ROWS)), fitted())


def test_weights_that_are_all_0_or_negative_are_refused():
    """Oracle: the contract."""
    only_without_window = np.zeros(N_ROWS)
    only_without_window[:K] = 1
    for weight in (np.zeros(N_ROWS), only_without_window):
        with pytest.raises(ValueError, match=r"sample_weight|Sample weights"):
            tiny().fit(X, y, weight)
    with pytest.raises(ValueError, match=r"[Nn]egative"):
        tiny().fit(X, y, -np.ones(N_ROWS))


# Losses


def by_hand(name, error):
    """Mean loss of errors (target minus prediction)."""
    size = np.abs(error)
    return {
        "squared_error": error**2,
        "absolute_error": size,
        "huber": np.where(size <= 1, size**2 / 2, size - 0.5),
    }[name]


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber"])
def test_the_first_loss_is_that_of_predicting_zero(loss):
    """Oracle: NumPy. At a rate of nearly 0 the network says 0; without scaling that is 0 in y."""
    target = np.random.default_rng(0).normal(size=N_ROWS, scale=2)  # no column of X
    weight = np.random.default_rng(1).uniform(0.5, 2, size=N_ROWS)
    regressor = bare(loss=loss, learning_rate=1e-12, scaling=None, weight_decay=0.0)
    regressor.fit(X, target, weight)
    expected = np.average(by_hand(loss, target[K:]), weights=weight[K:])
    np.testing.assert_allclose(regressor.loss_curve_, [expected] * 2, rtol=1e-5)


def test_quantiles_lie_in_order_and_cover_their_share():
    """Oracle: by definition: 90 % of the targets lie below the 0.9 quantile, 10 % below the 0.1."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(1500, 3))
    target = 5 + rows[:, 1] + np.append(0, rows[:-1, 0])
    test = slice(1000, None)
    regressor = tiny(quantiles=(0.9, 0.1), epochs=15).fit(rows[:1000], target[:1000])
    np.testing.assert_array_equal(regressor.quantiles_, [0.1, 0.5, 0.9])
    quantiles = regressor.predict_quantiles(rows[test])
    assert (np.diff(quantiles, axis=1) >= 0).all()
    np.testing.assert_array_equal(regressor.predict(rows[test]), quantiles[:, 1])
    for q, predictions in zip(regressor.quantiles_, quantiles.T, strict=True):
        assert abs(np.mean(target[test] < predictions) - q) < 0.06
        constant = np.full(500, np.quantile(target[:1000], q))
        best = mean_pinball_loss(target[test], constant, alpha=q)
        assert mean_pinball_loss(target[test], predictions, alpha=q) < 0.9 * best


# What training records


def test_the_attributes_of_a_fit_agree():
    """Oracle: by hand; 56 of 60 rows have a full window."""
    regressor = tiny(epochs=3).fit(X, y)
    assert len(regressor.loss_curve_) == regressor.n_iter_ == 3
    assert regressor.loss_ == regressor.loss_curve_[-1]
    assert regressor.best_loss_ == min(regressor.loss_curve_)
    assert regressor.t_ == 3 * 56
    assert regressor.validation_scores_ is regressor.best_validation_score_ is None
    assert (regressor.n_outputs_, regressor.n_features_in_) == (1, 3)
    assert not hasattr(regressor, "feature_names_in_")


def test_verbose_prints_a_line_per_epoch(capsys):
    """Oracle: the attributes."""
    regressor = tiny(verbose=True, early_stopping=True).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    for epoch, line in enumerate(lines):
        assert line.startswith(f"Epoch {epoch + 1}, loss = {regressor.loss_curve_[epoch]:.8f}")
        assert line.endswith(f"validation score = {regressor.validation_scores_[epoch + 1]:.6f}")
    fitted().predict(X)
    assert capsys.readouterr().out == ""


def test_a_fit_logs_what_it_decided_and_each_epoch_and_prints_nothing(caplog, capsys):
    """Oracle: the attributes."""
    caplog.set_level("DEBUG", "sklstm._lstm")
    regressor = tiny().fit(X, y)
    messages = [record.getMessage() for record in caplog.records]
    assert [record.levelname for record in caplog.records] == ["INFO", "DEBUG", "DEBUG"]
    decided = f"scaling '{regressor.scaling_}', target columns [0], target leads [0], seasons [[]]"
    assert messages[0] == f"Fit on {N_ROWS} rows: {decided}"
    assert messages[1:] == [
        f"Epoch {epoch}, loss = {loss:.8f}" for epoch, loss in enumerate(regressor.loss_curve_, 1)
    ]
    assert capsys.readouterr().out == ""


def test_the_record_of_an_epoch_has_its_fields(caplog):
    """Oracle: the attributes."""
    caplog.set_level("DEBUG", "sklstm._lstm.regressor")
    regressor = tiny(early_stopping=True).fit(X, y)
    tiny(n_networks=2, epochs=1).fit(X, y)
    records = [(r.epoch, r.loss, r.score, r.network) for r in caplog.records]
    losses, scores = regressor.loss_curve_, regressor.validation_scores_[1:]
    assert records[:2] == [(1, losses[0], scores[0], None), (2, losses[1], scores[1], None)]
    assert {record[0::2] for record in records[2:]} == {(1, None)}
    assert {record[3] for record in records[2:]} == {0, 1}


# Early stopping


def test_early_stopping_scores_the_last_targets_and_keeps_the_best_weights():
    """Oracle: scikit-learn's R2 of `predict` on the last 20 % of the 56 targets, 12 of them."""
    weight = np.random.default_rng(0).uniform(0.5, 2, size=N_ROWS)
    regressor = tiny(
        early_stopping=True, validation_fraction=0.2, epochs=12, learning_rate=0.3, decay_rate=1.0
    ).fit(X, y, weight)
    assert regressor.n_iter_ == len(regressor.loss_curve_)
    assert len(regressor.validation_scores_) == regressor.n_iter_ + 1  # the start's is the first
    best = max(regressor.validation_scores_)
    assert regressor.best_validation_score_ == best
    assert best != regressor.validation_scores_[-1]  # else the last weights would do
    score = r2_score(y[-12:], regressor.predict(X)[-12:], sample_weight=weight[-12:])
    np.testing.assert_allclose(score, best, rtol=1e-6)
    assert regressor.t_ == regressor.n_iter_ * (56 - 12 - K)


def test_early_stopping_ends_after_epochs_without_improvement_by_tol():
    """Oracle: by hand: nothing improves by 1e9, so 3 epochs are trained after the start."""
    regressor = tiny(early_stopping=True, n_iter_no_change=3, tol=1e9, epochs=20).fit(X, y)
    assert regressor.n_iter_ == 3
    all_of_them = tiny(early_stopping=True, n_iter_no_change=20, tol=1e9, epochs=20).fit(X, y)
    assert all_of_them.n_iter_ == 20


@pytest.mark.parametrize("scaling", ["auto", "window", "center", "standard", "minmax"])
def test_rows_of_the_validation_tail_do_not_reach_weights_or_scales(scaling, monkeypatch):
    """Oracle: another tail, whose score is as good: the only epoch is the best."""
    n_trained_rows = N_ROWS - 6 - K  # 6 of 56 targets validate, K stand between
    rows = X.copy()
    rows[n_trained_rows:] = 30 + 5 * make_rows(seed=3)[n_trained_rows:]
    scores = itertools.count()
    monkeypatch.setattr(TailScore, "compute", lambda *_: next(scores))
    parameters = {"early_stopping": True, "epochs": 1, "scaling": scaling, "history": "none"}
    expected = bare(**parameters).fit(X, y)
    regressor = bare(**parameters).fit(rows, rows[:, 0])
    assert (regressor.best_iter_, expected.best_iter_) == (1, 1)
    assert regressor.scaling_ == expected.scaling_
    assert_same_bits(regressor, expected)


def test_a_tail_too_short_to_score_is_refused():
    """Oracle: R2 needs two targets; 1 % of 56 is one."""
    with pytest.raises(ValueError, match="validation_fraction"):
        tiny(early_stopping=True, validation_fraction=0.01).fit(X, y)


def test_a_tail_that_leaves_nothing_to_train_on_is_refused():
    """Oracle: by hand: 2 of 6 targets validate and 4 stand between."""
    with pytest.raises(ValueError, match=r"validation_fraction=0\.3 leaves no row to train on"):
        tiny(early_stopping=True, validation_fraction=0.3).fit(X[:10], y[:10])


# Going on


@pytest.mark.parametrize("decay_unit", ["epoch", "step"])
@pytest.mark.parametrize("parts", [(1, 1, 1, 1), (3, 1)], ids=str)
def test_warm_started_fits_go_on_as_one_fit_of_all_epochs(decay_unit, parts):
    """Oracle: the fit in one go; Adam's moments, the decay and the order of rows go on."""
    parameters = {"decay_rate": 0.5, "decay_steps": 3, "decay_unit": decay_unit, "dropout": 0.2}
    expected = tiny(**parameters, epochs=4).fit(X, y)
    regressor = tiny(**parameters, warm_start=True)
    for epochs in parts:
        regressor.set_params(epochs=epochs).fit(X, y)
    assert regressor.n_iter_ == 4
    assert regressor.t_ == expected.t_
    assert_same_bits(regressor, expected)


@pytest.mark.parametrize("history", ["auto", "none"])
def test_partial_fits_on_the_same_rows_are_one_fit_of_as_many_epochs(history):
    """Oracle: the fit."""
    parameters = {"history": history, "dropout": 0.2, "decay_rate": 0.5}
    weight = np.random.default_rng(0).integers(0, 3, size=N_ROWS)
    expected = tiny(**parameters, epochs=3).fit(X, y, weight)
    regressor = tiny(**parameters)
    for _ in range(3):
        assert regressor.partial_fit(X, y, weight) is regressor
    assert (regressor.n_iter_, regressor.t_) == (3, expected.t_)
    assert_same_bits(regressor, expected)


def test_partial_fit_on_rows_that_follow_trains_on_each_of_them_and_moves_the_history_on():
    """Oracle: by hand: all windows of later rows are full; predict against one long X."""
    regressor = tiny().partial_fit(X[:40], y[:40])
    assert regressor.t_ == 40 - K
    before = regressor.predict(X)
    regressor.partial_fit(X[40:50], y[40:50])
    assert regressor.t_ == 40 - K + 10
    assert np.any(regressor.predict(X) != before)
    np.testing.assert_array_equal(regressor.predict(X[50:]), regressor.predict(X)[50:])


def test_a_first_partial_fit_holds_no_rows_back():
    """Oracle: the same call without early stopping."""
    regressor = tiny(early_stopping=True).partial_fit(X, y)
    assert_same_bits(regressor, tiny().partial_fit(X, y))
    tiny(early_stopping=True).partial_fit(X[: K + 1], y[: K + 1])  # too few to hold any back


def test_a_later_partial_fit_without_a_full_window_says_how_many_rows_it_needs():
    """Oracle: by hand: a window reaches K rows back."""
    regressor = tiny(history="none").partial_fit(X, y)
    with pytest.raises(ValueError, match=rf"needs at least {K + 1} rows; X has n_samples = {K}"):
        regressor.partial_fit(X[:K], y[:K])


def test_without_warm_start_a_fit_begins_anew():
    """Oracle: a new regressor."""
    regressor = tiny().fit(make_rows(seed=5), make_rows(seed=5)[:, 0])
    regressor.set_params(warm_start=True).fit(X, y)
    assert regressor.n_iter_ == 4
    assert_same_bits(regressor.set_params(warm_start=False).fit(X, y), fitted())


@pytest.mark.parametrize(
    "change",
    [
        {"units": 5},
        {"num_layers": 2},
        {"window_length": 5},
        {"horizon": 2},
        {"known_columns": [1]},
    ],
    ids=str,
)
def test_training_does_not_go_on_with_another_network(change):
    """Oracle: the contract; the refused call leaves the fit as it was."""
    regressor = tiny(warm_start=True).fit(X[:50], y[:50])
    before = regressor.predict(X[50:])
    regressor.set_params(**change)
    for method in (regressor.fit, regressor.partial_fit):
        with pytest.raises(ValueError, match="warm_start=False"):
            method(X, y)
    np.testing.assert_array_equal(regressor.predict(X[50:]), before)


def test_training_goes_on_with_the_same_columns_and_outputs_only():
    """Oracle: the contract."""
    regressor = tiny(warm_start=True).fit(X, y)
    for method in (regressor.fit, regressor.partial_fit):
        with pytest.raises(ValueError, match="features"):
            method(X[:, :2], y)
        with pytest.raises(ValueError, match="1 outputs"):
            method(X, X[:, :2])


# What is refused


def test_what_the_caller_does_to_its_rows_later_changes_nothing():
    """Oracle: the same fit on rows that stay as they are."""
    rows = make_rows()
    regressor = tiny().fit(rows, rows[:, 0].copy())
    rows[:] = 1e6
    assert_same_bits(regressor, fitted())


def test_a_failed_fit_leaves_the_one_before_it_as_it_was():
    """Oracle: a copy made before the failure, by divergence and by bad rows."""
    regressor = copy.deepcopy(fitted())
    with pytest.raises(ValueError, match=r"epoch 1 at learning_rate=1e\+30"):
        regressor.set_params(learning_rate=1e30, linear_skip=False).fit(3 * X, 3 * y)
    with pytest.raises(ValueError, match="NaN"):
        regressor.fit(np.full((40, 3), np.nan), np.zeros(40))
    assert_same_bits(regressor, fitted())


@pytest.mark.parametrize("method", ["predict", "forecast", "update", "model_"])
def test_nothing_can_be_asked_before_the_fit(method):
    """Oracle: scikit-learn's contract."""
    with pytest.raises(NotFittedError):
        getattr(tiny(), method)(X)


@pytest.mark.parametrize("wrong", ["too few rows", "divergence"])
def test_nothing_can_be_asked_after_a_first_fit_that_failed_and_the_next_fit_is_the_first(wrong):
    """Oracle: scikit-learn's contract; a fit that never failed."""
    rows = X[:3] if wrong == "too few rows" else X
    for warm_start in (False, True):
        regressor = tiny(warm_start=warm_start, learning_rate=1e30)
        with pytest.raises(ValueError, match=r"window_length|learning_rate"):
            regressor.fit(rows, rows[:, 0])
        for method in ("predict", "forecast", "update", "model_"):
            with pytest.raises(NotFittedError):
                getattr(regressor, method)(X)
        regressor.set_params(learning_rate=0.01)
        assert_same_bits(regressor.fit(X, y), fitted())


@pytest.mark.parametrize(("window_length", "horizon"), [(4, 1), (8, 3), (1, 0)])
def test_one_row_more_than_a_prediction_looks_back_is_enough(window_length, horizon):
    """Oracle: the rule: w + h rows hold one full window; the error names both numbers."""
    needed = window_length + horizon
    rows, target = make_rows(needed), np.arange(needed) ** 2.0
    regressor = tiny(window_length=window_length, horizon=horizon, batch_size=8)
    assert regressor.fit(rows, target).t_ == 2
    if needed > 1:
        with pytest.raises(ValueError, match=rf"at least {needed} rows; .* {needed - 1}\."):
            regressor.fit(rows[:-1], target[:-1])


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_loss_that_is_no_number_ends_the_fit_naming_epoch_and_rate(early_stopping):
    """Oracle: the contract: one error, no warning, no other error behind it."""
    regressor = tiny(learning_rate=1e30, early_stopping=early_stopping)
    with pytest.raises(ValueError, match=r"epoch 1 at learning_rate=1e\+30") as caught:
        regressor.fit(X, y)
    assert caught.value.__cause__ is caught.value.__context__ is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"window_length": 0},
        {"window_length": 2.0},
        {"horizon": -1},
        {"history": "some"},
        {"units": 0},
        {"num_layers": 0},
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"learning_rate": 0.0},
        {"decay_rate": 0.0},
        {"decay_rate": 1.1},
        {"decay_steps": 0},
        {"decay_unit": "batch"},
        {"batch_size": 0},
        {"epochs": 0},
        {"loss": "poisson"},
        {"quantiles": 0.5},
        {"clipnorm": 0.0},
        {"weight_decay": -1.0},
        {"scaling": "robust"},
        {"validation_fraction": 1.0},
        {"n_iter_no_change": 0},
        {"tol": -1.0},
        {"random_state": "x"},
    ],
    ids=str,
)
def test_a_parameter_out_of_range_is_named(wrong):
    """Oracle: the documented ranges."""
    for method in ("fit", "partial_fit"):
        with pytest.raises(ValueError, match=f"'{next(iter(wrong))}' parameter"):
            getattr(tiny(**wrong), method)(X, y)


@pytest.mark.parametrize("quantiles", [(), (0.0,), [0.1, 1.0], ["low"], [[0.1, 0.9]]], ids=str)
def test_quantiles_out_of_range_are_named(quantiles):
    """Oracle: the documented range."""
    regressor = tiny().fit(X, y)
    before = regressor.predict(X)
    for method in ("fit", "partial_fit"):
        with pytest.raises(ValueError, match=r"^quantiles=.*between 0 and 1, both excluded"):
            getattr(regressor.set_params(quantiles=quantiles), method)(X, y)
    np.testing.assert_array_equal(regressor.predict(X), before)


def test_quantiles_with_a_loss_are_refused():
    with pytest.raises(ValueError, match=r"^loss='huber' cannot be combined with quantiles"):
        tiny(quantiles=(0.1, 0.9), loss="huber").fit(X, y)


def test_quantiles_are_there_only_if_they_were_fitted():
    """Oracle: by hand; set_params between two fits changes nothing that was fitted."""
    methods = "predict_quantiles", "predict_steps_quantiles", "forecast_quantiles"
    with_them, without = tiny(quantiles=(0.1, 0.9)), tiny()
    for method in methods:
        assert hasattr(with_them, method)
        assert not hasattr(without, method)
    with_them.fit(X, y).set_params(quantiles=None)
    without.fit(X, y).set_params(quantiles=(0.1, 0.9))
    assert without.quantiles_ is None
    for method in methods:
        assert hasattr(with_them, method)
        assert not hasattr(without, method)


# Networks of other shapes


@pytest.mark.parametrize(
    "change",
    [
        {"num_layers": 2},
        {"peephole": False},
        {"linear_skip": False},
        {"num_layers": 2, "peephole": False, "linear_skip": False},
        {"n_networks": 3, "num_layers": 2},
    ],
    ids=str,
)
def test_the_keras_model_is_the_trained_network(change):
    """Oracle: `model_` on what it reads; the parameter changes the predictions."""
    regressor = tiny(**change, epochs=3).fit(X, y)
    assert np.any(regressor.predict(X) != fitted().predict(X))
    expected = regressor.model_(regressor.read_windows(X)).numpy()[:, 0]
    np.testing.assert_allclose(regressor.predict(X), expected, rtol=1e-5, atol=1e-5)
    lstms = [layer for layer in regressor.model_.layers if layer.name.startswith("lstm")]
    assert len(lstms) == change.get("num_layers", 1) * change.get("n_networks", 1)
    assert all(len(lstm.weights) == (3 if change.get("peephole") is False else 4) for lstm in lstms)


def test_windows_up_to_16_and_batches_up_to_100_run_in_one_program():
    """Oracle: processor time: a fit takes 0.05 s, compiling a program takes 2 s and more."""
    tiny(window_length=8, batch_size=8).fit(X, y).predict(X)
    start = time.process_time()
    for window_length, batch_size in [(1, 100), (3, 17), (5, 33), (10, 50), (16, 1)]:
        tiny(window_length=window_length, batch_size=batch_size).fit(X, y).predict(X)
    assert time.process_time() - start < 2


def test_the_search_space_offers_parameters_in_their_ranges():
    """Oracle: `fit` itself at both ends of each range; a window takes at most half of the rows."""
    space = LSTMRegressor().search_space(n_rows=1000)
    assert {"window_length", "units", "learning_rate"} <= set(space) <= set(tiny().get_params())
    for name, dimension in space.items():
        for value in (dimension.bounds[0], dimension.bounds[-1]):
            with pytest.raises(ValueError, match=r"sample_weight|Sample weights"):  # checked last
                tiny(**{name: value}).fit(X, y, np.zeros(N_ROWS))
    with pytest.warns(UserWarning, match="window_length"):
        short = LSTMRegressor().search_space(n_rows=20)
    assert short["window_length"].bounds[1] <= 10


# Memory

FITS_OF_ONE_SHAPE = """
import os, pathlib
import numpy as np
from sklstm import LSTMRegressor

X = np.random.default_rng(0).normal(size=(300, 3)).cumsum(axis=0)
page = os.sysconf("SC_PAGE_SIZE")

def resident_bytes():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * page

def fit(i):
    n_rows = 200 + i % 100
    regressor = LSTMRegressor(
        window_length=5 + i % 4, units=9 + i % 8, batch_size=17 + i % 8, epochs=1 + i % 3,
        dropout=0.1 * (i % 4), learning_rate=0.001 * (1 + i % 5), random_state=i,
        early_stopping=i % 2 == 0, peephole=i % 3 > 0, linear_skip=i % 5 > 0,
    )
    regressor.fit(X[:n_rows], X[:n_rows, 0]).predict(X[n_rows - i % 7:])

for i in range(30):
    fit(i)
before = resident_bytes()
for i in range(200):
    fit(i)
print(resident_bytes() - before)
"""


@pytest.mark.parametrize("to_rows", [np.asarray, pd.DataFrame], ids=["array", "frame"])
@pytest.mark.parametrize("change", [{}, {"scaling": "standard"}, {"early_stopping": True}], ids=str)
def test_a_fit_keeps_its_rows_once_and_makes_four_numbers_more_for_each(
    to_rows, change, monkeypatch
):
    """Oracle: by hand: three columns of float64, y, the targets' rows, their order, the start: 56.

    All else is of one size for any number of rows, so it falls out of the difference of two fits.
    """
    for room in ("scaling", "examples"):  # not more than few rows have
        monkeypatch.setattr(f"sklstm._lstm.{room}.MOST_FLOATS", 2**14)
    monkeypatch.setattr("sklstm._closed_form.linear_start.MOST_TARGETS", 2**14)
    few, many = (
        find_peaks(tiny(epochs=1, batch_size=256, **change), n_rows, to_rows)
        for n_rows in (50_000, 150_000)
    )
    assert max(many - few) < 56 * 1.02 * 100_000


def find_peaks(regressor, n_rows, to_rows):
    """The most bytes that a fit to float32 rows holds before and in training, as NumPy tells."""
    X = to_rows(make_rows(n_rows).astype(np.float32))
    y = make_rows(n_rows)[:, 0].astype(np.float32)
    regressor.fit(X[:1000], y[:1000])  # compiles
    peaks = []

    def note_peak():
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.reset_peak()

    def train_watched(*arguments):
        note_peak()
        return train(*arguments)

    tracemalloc.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sklstm._lstm.epochs.train", train_watched)
            regressor.fit(X, y)
        note_peak()
    finally:
        tracemalloc.stop()
    return np.array(peaks)


def test_a_fit_keeps_rows_of_its_own():
    """Oracle: the predictions from before the caller overwrites X."""
    rows = make_rows()
    regressor = tiny().fit(rows, rows[:, 0])
    expected = regressor.forecast()
    rows[:] = 0
    np.testing.assert_array_equal(regressor.forecast(), expected)


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="no /proc to read memory from")
def test_200_fits_of_one_shape_take_no_more_memory():
    """Oracle: the kernel's count of resident pages; a dropped program would leave 4-6 MB."""
    growth = int(run_python(FITS_OF_ONE_SHAPE)[0])
    assert growth < 20e6


@pytest.mark.slow
def test_fits_of_one_shape_share_one_program(tmp_path):
    """Oracle: what XLA says that it compiled: a first, small program, and training."""
    keep_nothing = {"SKLSTM_CACHE_DIR": ""}  # or it is not compiled again
    run_python(FITS_OF_ONE_SHAPE, XLA_FLAGS=f"--xla_dump_to={tmp_path}", **keep_nothing)
    programs = [path.name for path in tmp_path.glob("*before_optimizations.txt")]
    assert sum("train" in name for name in programs) == 1
    assert len(programs) <= 2


# Quality


def test_a_linear_recursion_is_learnt():
    """Oracle: y[t] = 1.6 y[t-1] - 0.8 y[t-2] + x[t-1] without noise: an error of 0 is possible.

    The bound, a tenth of the last value's error, is met with room to spare.
    """
    x = np.random.default_rng(0).normal(size=800)
    target = np.zeros(800)
    for t in range(2, 800):
        target[t] = 1.6 * target[t - 1] - 0.8 * target[t - 2] + x[t - 1]
    rows = np.column_stack([target, x])
    regressor = LSTMRegressor(random_state=0).fit(rows[:600], target[:600])
    error = root_mean_squared_error(target[600:], regressor.predict(rows[600:]))
    last_value = root_mean_squared_error(target[600:], target[599:-1])
    assert error < 0.1 * last_value
