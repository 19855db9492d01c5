"""Levels, columns and starts of quantiles, by hand and by NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklstm._lstm.quantiles import (
    find_shift,
    read_quantiles,
    repeat_for_quantiles,
    split_quantiles,
    take_first_quantile,
)

LEVELS = (0.1, 0.5, 0.9)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ()),
        ([0.5], (0.5,)),
        ((0.9, 0.1), LEVELS),
        (np.array([0.5, 0.1, 0.9, 0.1]), LEVELS),
        ({0.25}, (0.25, 0.5)),
    ],
)
def test_levels_are_read_in_order_and_with_the_median(given, expected):
    """Oracle: by hand."""
    assert read_quantiles(given) == expected


@pytest.mark.parametrize(
    "wrong", [[], [0.0], [1.0], [-0.1], [np.nan], [np.inf], ["low"], 0.5, "0.5", [[0.1, 0.9]]]
)
def test_levels_outside_of_0_to_1_are_refused(wrong):
    with pytest.raises(ValueError, match=r"^quantiles=.* must be None, or a list of numbers"):
        read_quantiles(wrong)


def test_the_quantiles_of_a_target_stand_side_by_side():
    """Oracle: by hand: two targets with three quantiles each."""
    two = np.array([[1.0, 2.0]])
    repeated = repeat_for_quantiles(two, LEVELS)
    np.testing.assert_array_equal(repeated, [[1, 1, 1, 2, 2, 2]])
    np.testing.assert_array_equal(take_first_quantile(repeated, LEVELS), two)
    for same in (repeat_for_quantiles(two, ()), take_first_quantile(two, ())):
        np.testing.assert_array_equal(same, two)


@given(seed=st.integers(0, 99), n_targets=st.integers(1, 3))
def test_they_start_from_the_quantiles_of_what_is_missed(seed, n_targets):
    """Oracle: NumPy's quantile of the targets that have a weight."""
    rng = np.random.default_rng(seed)
    missed = rng.normal(size=(41, n_targets))
    weight = np.ones_like(missed)
    missed[30:, 0], weight[30:, 0] = np.nan, 0
    shift = find_shift(missed, weight, LEVELS).reshape(n_targets, 3)
    for target, found in enumerate(shift):
        counted = missed[weight[:, target] > 0, target]
        expected = np.quantile(counted, LEVELS, method="inverted_cdf")
        np.testing.assert_array_equal(found, expected)


def test_quantiles_that_cross_are_put_in_order():
    """Oracle: by hand; a row that is not known stays so."""
    forecasts = np.array([[1.0, 3.0, 2.0, 6.0, 5.0, 4.0], [np.nan] * 6])
    found = split_quantiles(forecasts, LEVELS)
    np.testing.assert_array_equal(found, [[[1, 2, 3], [4, 5, 6]], np.full((2, 3), np.nan)])
    np.testing.assert_array_equal(split_quantiles(forecasts[:1], ())[..., 0], forecasts[:1])


@given(seed=st.integers(0, 200))
def test_to_put_them_in_order_makes_them_no_worse(seed):
    """Oracle: Chernozhukov, Fernandez-Val & Galichon (2010): the mean loss never grows."""
    rng = np.random.default_rng(seed)
    forecasts, y = rng.normal(size=(20, 3)), rng.normal(size=(20, 1))
    levels = np.array(LEVELS)

    def lose(quantiles):
        error = y - quantiles
        return np.maximum(levels * error, (levels - 1) * error).mean()

    assert lose(split_quantiles(forecasts, LEVELS)[:, 0]) <= lose(forecasts) + 1e-12


def test_a_target_that_never_counts_has_no_shift():
    """Oracle: by hand."""
    missed, weight = np.array([[1.0, np.nan]] * 3), np.array([[1.0, 0.0]] * 3)
    assert find_shift(missed, weight, LEVELS).tolist() == [1, 1, 1, 0, 0, 0]
