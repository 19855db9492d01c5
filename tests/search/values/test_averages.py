"""Means and spreads of scores of any size."""

import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklstm._search.values.averages import find_mean, find_spread, near_the_largest_float

SCORES = st.lists(st.floats(-1e150, 1e150), min_size=1, max_size=9)
ANY_SCORES = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=9)


@given(SCORES)
def test_ordinary_scores_have_numpys_mean_and_spread_to_the_last_bit(scores):
    """Oracle: NumPy."""
    assert find_mean(scores) == np.mean(scores)
    assert find_spread(scores) == np.std(scores)


@given(ANY_SCORES)
def test_finite_scores_have_a_finite_mean_and_spread(scores):
    """Oracle: exact fractions, to the rounding of the largest score."""
    largest = max(map(abs, scores))
    exact = float(sum(map(Fraction, scores)) / len(scores))
    assert find_mean(scores) == pytest.approx(exact, rel=1e-12, abs=1e-12 * largest)
    assert np.isfinite(find_spread(scores))
    spread = largest * statistics.pstdev(score / (largest or 1.0) for score in scores)
    # Squares of numbers below 1e-160 vanish, as they do for NumPy.
    assert find_spread(scores) == pytest.approx(spread, rel=1e-6, abs=max(1e-6 * largest, 1e-160))


@given(st.lists(st.lists(st.floats(), min_size=3, max_size=3), min_size=1, max_size=4))
def test_rows_are_averaged_one_by_one(rows):
    """Oracle: each row alone."""
    for find in (find_mean, find_spread):
        np.testing.assert_allclose(find(rows, axis=1), [find(row) for row in rows], rtol=1e-12)


@pytest.mark.parametrize(
    ("scores", "mean"),
    [([np.inf, 1.0], np.inf), ([np.inf, -np.inf], np.nan), ([np.nan, 1e308, 1e308], np.nan)],
)
def test_scores_that_are_not_finite_have_numpys_mean(scores, mean):
    """Oracle: by hand."""
    np.testing.assert_equal(float(find_mean(scores)), mean)


def test_sums_near_the_largest_float_are_infinite_without_a_warning():
    """Oracle: by hand; warnings are errors here."""
    largest = np.array([1e308, 1e308])
    with near_the_largest_float():
        assert np.sum(largest) == np.inf
        assert np.isnan(np.sum(largest) - np.sum(largest))
