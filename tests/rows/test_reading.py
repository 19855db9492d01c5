"""The one form of rows, against what was given."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator

from sklstm._rows.reading import Rows, read_new_rows, read_rows

X = np.arange(12).reshape(6, 2)
Y = np.arange(6)


@pytest.mark.parametrize("make_y", [list, np.asarray, pd.Series], ids=["list", "array", "Series"])
def test_targets_have_an_axis_for_outputs_and_keep_their_shape(make_y):
    """Oracle: by hand."""
    rows = read_rows(BaseEstimator(), X, make_y(Y))
    np.testing.assert_array_equal(rows.y, [[0], [1], [2], [3], [4], [5]])
    assert rows.y_shape == ()
    pair = read_rows(BaseEstimator(), X, np.column_stack([Y, -Y]))
    np.testing.assert_array_equal(pair.y[2], [2, -2])
    assert pair.y_shape == (2,)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [int, np.float32, np.float64])
def test_rows_are_copies_in_float64_row_by_row(order, dtype):
    """Oracle: the values before the caller changes his arrays."""
    given = np.array(X, dtype, order=order), np.array(X, dtype, order=order)
    rows = read_rows(BaseEstimator(), *given)
    for array, original in zip((rows.X, rows.y), given, strict=True):
        original[:] = -1
        np.testing.assert_array_equal(array, X)
        assert array.dtype == np.float64
        assert array.flags.c_contiguous


def test_labels_and_weights_are_those_of_the_rows():
    """Oracle: by hand, up to a common factor; without weights all rows weigh 1."""
    frame = pd.DataFrame(X, index=range(3, 9))
    rows = read_rows(BaseEstimator(), frame, Y, Y)
    np.testing.assert_array_equal(rows.labels.values, [3, 4, 5, 6, 7, 8])
    np.testing.assert_array_equal(rows.weight / rows.weight[1], Y)
    np.testing.assert_array_equal(read_rows(BaseEstimator(), X, Y).weight, np.ones(6))
    assert read_rows(BaseEstimator(), X, Y).labels is None


@given(
    weight=st.lists(st.sampled_from([0.0, 0.1, 1 / 3, 1.0, 7.0]), min_size=6, max_size=6).filter(
        any
    ),
    power=st.integers(-1074, 1020),
)
def test_weights_are_relative_however_large_or_small(weight, power):
    """Oracle: exact fractions: the largest is 1 to 2, and the ratios are those given."""
    weight = np.ldexp(weight, power)
    assume(weight.any())
    relative = read_rows(BaseEstimator(), X, Y, weight).weight
    assert 1 <= relative.max() < 2
    for own, w in zip(relative, weight, strict=True):
        assert Fraction(own) * Fraction(weight.max()) == Fraction(w) * Fraction(relative.max())


def test_a_weight_too_small_beside_the_largest_is_still_none_of_0():
    """Oracle: by hand."""
    assert read_rows(BaseEstimator(), X, Y, [1e308, 5e-324, 0, 1, 1, 1]).weight[1] > 0
    assert read_rows(BaseEstimator(), X, Y, [1e308, 5e-324, 0, 1, 1, 1]).weight[2] == 0


@pytest.mark.parametrize(
    ("weight", "message"),
    [(-1.0, "Negative"), (np.nan, "NaN"), (-Y, "Negative"), (np.full(6, np.inf), "infinity")],
    ids=["negative number", "NaN", "negative array", "infinite array"],
)
def test_weights_are_finite_and_not_negative(weight, message):
    """Oracle: scikit-learn's own messages."""
    with pytest.raises(ValueError, match=message):
        read_rows(BaseEstimator(), X, Y, weight)


def test_further_checks_are_scikit_learns():
    """Oracle: `validate_data`."""
    with pytest.raises(ValueError, match="minimum of 7 is required"):
        read_rows(BaseEstimator(), X, Y, ensure_min_samples=7)


def test_new_rows_have_the_columns_of_the_first_ones():
    """Oracle: by hand."""
    forecaster = BaseEstimator()
    read_rows(forecaster, X, Y)
    new, labels = read_new_rows(forecaster, pd.DataFrame(X, index=range(6, 12)))
    np.testing.assert_array_equal(new, X)
    np.testing.assert_array_equal(labels.values, [6, 7, 8, 9, 10, 11])
    for read in (read_new_rows, lambda *args: read_rows(*args, Y, reset=False)):
        with pytest.raises(ValueError, match="1 features"):
            read(forecaster, X[:, :1])


@pytest.mark.parametrize("sign", [1, -1])
def test_numbers_too_large_to_square_are_refused(sign):
    """Oracle: 1e150 squared is a float64, 1e155 squared is infinite."""
    forecaster, allowed, huge = BaseEstimator(), X * sign * 1e149 / 2, X * sign * 1e155
    read_rows(forecaster, allowed, Y * sign * 2e149)
    read_new_rows(forecaster, allowed)
    for read in (lambda: read_rows(forecaster, huge, Y), lambda: read_new_rows(forecaster, huge)):
        with pytest.raises(ValueError, match=r"X has numbers as large as 1\.1e\+156, .* 1e\+150"):
            read()
    with pytest.raises(ValueError, match=r"y has numbers as large as 5e\+155"):
        read_rows(forecaster, X, Y * sign * 1e155)


def test_taken_targets_are_no_copy_where_their_rows_follow_each_other():
    """Oracle: NumPy's own picking."""
    values = np.arange(10.0)
    rows = Rows(values[:, None], values[:, None], 2 * values, None, ())
    for picked in [np.arange(3, 7), np.array([1, 4, 5]), np.array([], dtype=int)]:
        y, weight = rows.take(picked)
        np.testing.assert_array_equal(y[:, 0], values[picked])
        np.testing.assert_array_equal(weight[:, 0], 2 * values[picked])
    assert rows.take(np.arange(3, 7))[0].base is rows.y.base


def test_the_targets_of_a_path_are_those_of_its_rows_as_far_as_there_are_rows():
    """Oracle: by hand: outputs of the first step first; beyond the last row nothing weighs."""
    y = np.column_stack([np.arange(5.0), 10 * np.arange(5.0)])
    rows = Rows(y, y, np.array([1.0, 2, 3, 0, 5]), None, (2,))
    found, weight = rows.take(np.array([1, 3]), steps=3)
    np.testing.assert_array_equal(found[0], [1, 10, 2, 20, 3, 30])
    np.testing.assert_array_equal(found[1, :4], [3, 30, 4, 40])
    np.testing.assert_array_equal(weight, [[2, 2, 3, 3, 0, 0], [0, 0, 5, 5, 0, 0]])
