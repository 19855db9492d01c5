"""Scores of a tail beside scikit-learn's R2 and D2."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import d2_absolute_error_score, d2_pinball_score, r2_score

from sklstm._lstm.tail_scores import Loss, make_score


@given(
    n=st.integers(2, 9), n_outputs=st.integers(1, 3), seed=st.integers(0, 99),
    is_constant=st.booleans(), is_exact=st.booleans(),
)  # fmt: skip
def test_r2_is_that_of_scikit_learn(n, n_outputs, seed, is_constant, is_exact):
    """Oracle: scikit-learn's own, which sets it to 0 or 1 for a target that never changes."""
    rng = np.random.default_rng(seed)
    y, weight = rng.normal(size=(n, n_outputs)), rng.uniform(0.1, 2.0, size=n)
    if is_constant:
        y[:, 0], weight = 3.0, rng.integers(1, 4, size=n).astype(float)  # its mean is exact
    prediction = y + (0.0 if is_exact else rng.normal(size=y.shape))
    expected = r2_score(y, prediction, sample_weight=weight)
    weight = np.repeat(weight[:, None], n_outputs, axis=1)
    found = make_score(Loss("squared_error"), y, weight).compute(prediction)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("n", [5, 21, 101])  # so that the quantiles are values of y
@pytest.mark.parametrize("quantile", [0.05, 0.25, 0.5, 0.9])
def test_d2_is_that_of_scikit_learn(n, quantile):
    """Oracle: scikit-learn's own; its quantile lies between two values, ours is one of them."""
    rng = np.random.default_rng(n)
    y, weight = rng.normal(size=(n, 2)), np.ones((n, 2))
    prediction = y + rng.normal(size=y.shape)
    found = make_score(Loss("quantile", (quantile,)), y, weight).compute(prediction)
    constant = [np.quantile(output, quantile, method="inverted_cdf") for output in y.T]

    def lose(other):
        return np.mean(np.maximum(quantile * (y - other), (quantile - 1) * (y - other)), axis=0)

    np.testing.assert_allclose(found, np.mean(1 - lose(prediction) / lose(constant)), rtol=1e-9)
    expected = d2_pinball_score(y, prediction, alpha=quantile)
    np.testing.assert_allclose(found, expected, atol=0.1 if n > 5 else 1.0)
    if quantile == 0.5:
        found = make_score(Loss("absolute_error"), y, weight).compute(prediction)
        expected = d2_absolute_error_score(y, prediction)
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_hubers_share_counts_errors_in_scaled_units():
    """Oracle: by hand: errors of 0.5 and 3 units cost 0.125 and 2.5; the median is 0."""
    y = np.array([[0.0], [0.0], [6.0]])
    unit = np.full((3, 1), 2.0)
    prediction = np.array([[1.0], [0.0], [0.0]])
    found = make_score(Loss("huber"), y, np.ones((3, 1)), unit).compute(prediction)
    np.testing.assert_allclose(found, 1 - (0.125 + 2.5) / 2.5)


def test_the_constant_is_that_of_the_weighted_targets():
    """Oracle: the targets, each as often as it weighs."""
    y, weight = np.array([[5.0], [1.0], [2.0]]), np.array([[1.0], [3.0], [3.0]])
    three = np.repeat(y, 3, axis=1), np.repeat(weight, 3, axis=1)
    levels = Loss("quantile", (0.4, 0.5, 0.9))
    np.testing.assert_array_equal(levels.find_constants(*three), [1.0, 2.0, 5.0])
    np.testing.assert_allclose(Loss("squared_error").find_constants(y, weight), [2.0])


def test_the_losses_of_a_targets_quantiles_are_added_up():
    """Oracle: by hand: constants of 0 and 1 lose .2 and .4 of the targets' 0, 0 and 1 (times 3)."""
    y = np.repeat([[0.0], [0.0], [1.0]], 2, axis=1)
    loss, weight = Loss("quantile", (0.2, 0.8)), np.ones((3, 2))
    np.testing.assert_array_equal(loss.find_constants(y, weight), [0.0, 1.0])
    prediction = np.array([[0.0, 0.5], [0.0, 0.5], [0.0, 0.5]])
    expected = 1 - (0.2 + (0.1 + 0.1 + 0.4)) / (0.2 + (0.2 + 0.2))
    np.testing.assert_allclose(make_score(loss, y, weight).compute(prediction), expected)
