"""What a fit leaves: the same whether training is done at once or gone on with."""

from dataclasses import replace

import numpy as np
import pytest

from sklstm import LSTMRegressor
from sklstm._lstm.design import read_design
from sklstm._lstm.forecaster import begin, go_on
from sklstm._lstm.members import Schedule
from sklstm._rows.reading import Rows

WALK = np.random.default_rng(0).normal(size=(80, 2)).cumsum(axis=0)
PARAMS = LSTMRegressor(window_length=3, units=4, n_networks=1, random_state=5).get_params()


def make_rows(X, y_shape=()):
    return Rows(X, X[:, :1], np.ones(len(X)), None, y_shape)


def design_of(**params):
    return read_design(PARAMS | params, 2, 1, None)


def silent(*_):
    """Report nothing."""


def train(rows, n_epochs, before=None, history="none"):
    schedule = Schedule(n_epochs, silent)
    if before is None:
        return begin(rows, design_of(), PARAMS, schedule)
    return go_on(before, rows, design_of(), PARAMS, schedule, history)


def assert_same_weights(one, two):
    for a, b in zip(
        one.members[0].trained.weights.arrays(),
        two.members[0].trained.weights.arrays(),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)


def test_two_epochs_are_one_and_one_more():
    """Oracle: both epochs in one call."""
    rows = make_rows(WALK)
    at_once, first = train(rows, 2), train(rows, 1)
    then = train(rows, 1, first)
    assert then.members[0].trained.losses == at_once.members[0].trained.losses
    assert then.members[0].trained.n_windows == at_once.members[0].trained.n_windows == 2 * 77
    assert_same_weights(then, at_once)


def test_going_on_leaves_the_forecaster_before_as_it_was():
    """Oracle: its predictions and its kept rows."""
    first = train(make_rows(WALK), 1)
    windows = first.find_place(WALK, None, "none").make_windows(WALK)
    before = first.predict(windows, np.arange(80))
    train(make_rows(WALK[::-1]), 1, first)
    np.testing.assert_array_equal(first.predict(windows, np.arange(80)), before)
    assert first.kept.X is not None
    np.testing.assert_array_equal(first.kept.X, WALK)


@pytest.mark.parametrize(("history", "n_kept", "n_trained"), [("none", 30, 27), ("auto", 80, 30)])
def test_history_says_whether_rows_follow_those_before(history, n_kept, n_trained):
    """Oracle: by hand: k = 3 rows stand before the first of 30 rows, or its window is not full."""
    first = train(make_rows(WALK[:50]), 1)
    then = train(make_rows(WALK[50:]), 1, first, history)
    assert len(then.kept.X) == n_kept
    assert then.members[0].trained.n_windows - first.members[0].trained.n_windows == n_trained


def test_predictions_have_the_shape_of_y_and_the_mean_where_no_row_is_read():
    """Oracle: the mean of the targets from row 3 on, by NumPy."""
    for y_shape in [(), (1,)]:
        forecaster = train(make_rows(WALK, y_shape), 1)
        windows = forecaster.find_place(WALK, None, "none").make_windows(WALK)
        predicted = forecaster.predict(windows, np.arange(2))
        assert predicted.shape == (2, *y_shape)
        np.testing.assert_allclose(predicted[0], WALK[3:, 0].mean())


def test_rows_of_another_shape_or_design_are_refused():
    first = train(make_rows(WALK), 1)
    with pytest.raises(
        ValueError, match=r"y has the shape \(80, 1\), but training began with 1 out"
    ):
        train(make_rows(WALK, (1,)), 1, first)
    other = replace(first.preprocessing.design, units=5)
    with pytest.raises(ValueError, match="built with units=4, but the parameters now are units=5"):
        go_on(first, make_rows(WALK), other, PARAMS, Schedule(1, silent))
