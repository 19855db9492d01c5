"""Means and deviations, against NumPy's, and of equal numbers by hand."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sklstm._rows.means import exact_deviation, exact_difference, exact_mean

NUMBERS = st.builds(
    lambda sign, digits, power: sign * digits * 10.0**power,
    st.sampled_from([-1.0, 1.0]),
    st.floats(1.0, 9.99),
    st.integers(-300, 149),
)


@given(number=NUMBERS, n=st.integers(1, 50), seed=st.integers(0, 100))
def test_equal_numbers_are_their_mean_and_have_no_deviation(number, n, seed):
    """Oracle: the number itself, to the last bit; what weighs nothing may be any other."""
    numbers = np.full((n, 2), number)
    weight = np.random.default_rng(seed).uniform(0.1, 1.0, n)
    np.testing.assert_array_equal(exact_mean(numbers), [number, number])
    np.testing.assert_array_equal(exact_mean(numbers, weight), [number, number])
    np.testing.assert_array_equal(exact_deviation(numbers), [0.0, 0.0])
    others = np.vstack([numbers, [[0.0, -number]]])
    np.testing.assert_array_equal(exact_mean(others, np.append(weight, 0.0)), [number, number])


@given(seed=st.integers(0, 100), n=st.integers(2, 50))
def test_other_numbers_have_numpys_mean_and_deviation_to_the_last_bit(seed, n):
    rng = np.random.default_rng(seed)
    numbers, weight = rng.normal(1e3, 1.0, (n, 2)), rng.uniform(0, 1, n)
    np.testing.assert_array_equal(exact_mean(numbers), numbers.mean(axis=0))
    expected = np.average(numbers, axis=0, weights=weight)
    np.testing.assert_array_equal(exact_mean(numbers, weight), expected)
    np.testing.assert_array_equal(exact_deviation(numbers, axis=1), numbers.std(axis=1))


def test_each_column_is_constant_or_not_by_itself():
    """Oracle: by hand."""
    numbers = np.array([[0.1, 1.0], [0.1, 3.0], [0.1, 2.0]])
    np.testing.assert_array_equal(exact_mean(numbers), [0.1, 2.0])
    np.testing.assert_array_equal(exact_deviation(numbers), [0.0, np.sqrt(2 / 3)])


def test_numbers_that_differ_by_rounding_do_not_differ():
    """Oracle: by hand."""
    assert 0.1 + 0.2 != 0.3
    sums = exact_difference(np.array([0.1 + 0.2, 1e9, 0.0]), np.array([0.3, 1e9 + 1e-5, 1e-300]))
    np.testing.assert_allclose(sums, [0.0, -1e-5, -1e-300], rtol=1e-2)
