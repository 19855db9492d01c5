"""From rows to examples: what the first rows decide, and what later rows leave as it was."""

import numpy as np
import pytest

from sklstm import LSTMRegressor
from sklstm._lstm.design import read_design
from sklstm._lstm.examples import TailRule
from sklstm._lstm.preprocessing import prepare, prepare_more
from sklstm._rows.reading import Rows
from sklstm._rows.windows import Windows

QUARTER = TailRule(0.25, is_optional=False)
WALK = np.random.default_rng(0).normal(size=(60, 2)).cumsum(axis=0)


def make_rows(X, y=None, weight=None):
    y = X[:, :1] if y is None else y
    weight = np.ones(len(X)) if weight is None else weight
    return Rows(X, y, weight, None, y.shape[1:])


def design_of(n_outputs=1, **params):
    params = {"window_length": 3, "horizon": 2, **params}
    return read_design(LSTMRegressor(**params).get_params(), 2, n_outputs, None)


def test_all_targets_with_a_full_window_train():
    """Oracle: by hand: with w=3 and h=2 the first full window is that of row 4."""
    prepared = prepare(make_rows(WALK), design_of(), None)
    np.testing.assert_array_equal(prepared.train.target_rows, np.arange(4, 60))
    np.testing.assert_array_equal(prepared.train.y, WALK[4:, :1])
    assert prepared.tail is None


def test_the_last_targets_validate_and_a_window_reaches_back_to_none_that_trains():
    """Oracle: by hand: of 56 targets a quarter is 14, and k = 4 rows stand between."""
    prepared = prepare(make_rows(WALK), design_of(), QUARTER)
    np.testing.assert_array_equal(prepared.tail.target_rows, np.arange(46, 60))
    np.testing.assert_array_equal(prepared.train.target_rows, np.arange(4, 42))


def test_what_validates_decides_nothing():
    """Oracle: rows of the tail, changed: scales and mean stay to the last bit."""
    changed = WALK.copy()
    changed[46:] += 1000.0
    before, after = (
        prepare(make_rows(X), design_of(linear_start=False), QUARTER) for X in (WALK, changed)
    )
    assert before.preprocessing.scaling.kind == after.preprocessing.scaling.kind
    for part in ("columns", "outputs"):
        one = vars(getattr(before.preprocessing.scaling, part))
        two = vars(getattr(after.preprocessing.scaling, part))
        for name in one:
            np.testing.assert_array_equal(one[name], two[name])
    np.testing.assert_array_equal(before.preprocessing.mean, after.preprocessing.mean)


def test_the_mean_is_that_of_the_weighted_targets_that_train():
    """Oracle: NumPy's weighted average over rows 4 .. 59."""
    weight = np.random.default_rng(1).integers(0, 3, size=60).astype(float)
    prepared = prepare(make_rows(WALK, weight=weight), design_of(), None)
    expected = np.average(WALK[4:, 0], weights=weight[4:])
    np.testing.assert_allclose(prepared.preprocessing.mean, [expected])
    np.testing.assert_array_equal(prepared.train.target_rows, np.flatnonzero(weight[4:]) + 4)


def test_columns_and_leads_are_listed_for_each_output():
    """Oracle: how y was made: column 1 in its own row, column 0 two rows later, and noise."""
    later = np.append(WALK[2:, 0], [0.0, 0.0])
    weight = np.append(np.ones(58), [0.0, 0.0])  # the last two have no later row
    y = np.column_stack([WALK[:, 1], later, np.random.default_rng(2).normal(size=60)])
    preprocessing = prepare(make_rows(WALK, y, weight), design_of(3), None).preprocessing
    assert preprocessing.list_columns() == [1, 0, None]
    assert preprocessing.list_leads() == [0, 2, None]


def test_further_rows_are_prepared_as_the_first_ones_were():
    """Oracle: the preprocessing of the first rows, itself; the windows as they were cut."""
    first = prepare(make_rows(WALK[:30]), design_of(), None).preprocessing
    rows = make_rows(100 * WALK[30:])
    windows = Windows(np.concatenate([WALK[26:30], rows.X]), 4, first.alignment)
    more = prepare_more(rows, windows, first)
    assert more.preprocessing is first
    assert more.train.scaling is first.scaling
    np.testing.assert_array_equal(
        more.train.target_rows, np.arange(30)
    )  # four rows stand before them
    np.testing.assert_array_equal(more.train.y, rows.y)


def test_a_target_in_its_own_window_is_refused():
    """Oracle: by hand: with horizon=0 row t is read, and y is its column 0."""
    with pytest.raises(ValueError, match="the window would contain the target"):
        prepare(make_rows(WALK), design_of(horizon=0), None)


def test_too_few_rows_are_refused_with_the_number_that_is_needed():
    """Oracle: k + 1 = 5 rows, by hand."""
    with pytest.raises(ValueError, match="needs at least 5 rows; X has n_samples = 4"):
        prepare(make_rows(WALK[:4]), design_of(), None)
