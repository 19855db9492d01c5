"""What the model of the scores is told."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sklstm._search.proposals.losses import (
    express_seconds,
    express_variances,
    make_finite_losses,
    restore,
    standardise,
)
from sklstm._search.trials.trial import Outcome


def test_a_failure_costs_the_worst_loss_and_a_deviation():
    """Oracle: by hand; losses 1, 3, 5 have a deviation of sqrt(8 / 3)."""
    losses = make_finite_losses([-1.0, np.nan, -3.0, -np.inf, -5.0])
    penalty = 5 + math.sqrt(8 / 3)
    np.testing.assert_allclose(losses, [1, penalty, 3, penalty, 5])
    np.testing.assert_array_equal(make_finite_losses([np.nan, np.nan]), [0, 0])


@given(st.lists(st.floats(-1e6, 1e6), min_size=2), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_standardised_losses_have_no_unit(losses, shift, scale):
    """Oracle: the definition, mean 0 and deviation 1, which shift and scale do not change."""
    losses = np.round(losses)
    if np.ptp(losses) > 0:
        np.testing.assert_allclose(standardise(losses).mean(), 0, atol=1e-9)
        np.testing.assert_allclose(standardise(losses).std(), 1)
        moved = standardise(shift + scale * losses)
        np.testing.assert_allclose(moved, standardise(losses), atol=1e-5)
        np.testing.assert_allclose(restore(standardise(losses), losses), losses, atol=1e-6)


def test_losses_whose_squares_overflow_stay_finite_and_in_order():
    """Oracle: by hand; the square of 1e200 is infinite in float64."""
    losses = standardise(make_finite_losses([-1e200, -1.0, np.nan]))
    assert np.isfinite(losses).all()
    assert losses[1] < losses[0] < losses[2]


def test_equal_losses_are_their_mean_and_their_variances_keep_their_unit():
    """Oracle: by hand; NumPy's mean of them is off by a rounding error."""
    losses = np.full(100, 0.7)
    assert losses.std() > 0
    np.testing.assert_array_equal(standardise(losses), 0)
    np.testing.assert_array_equal(restore(np.zeros(100), losses), losses)
    outcomes = [Outcome(-0.7, 1.0, 0.01)] * 100
    np.testing.assert_array_equal(express_variances(outcomes), 0.01)


def test_equal_losses_stay_finite():
    assert standardise(np.array([3.0, 3.0])).tolist() == [0, 0]


def test_seconds_are_told_in_a_unit_in_which_no_logarithm_is_below_the_losses():
    """Oracle: by hand; the unknown time is the geometric mean of 1, 10 and 100 s."""
    e2 = math.exp(2)
    told = express_seconds([1.0, np.nan, 100.0, 10.0], least=2.0)
    np.testing.assert_allclose(told, [e2, 10 * e2, 100 * e2, 10 * e2])
    np.testing.assert_allclose(express_seconds([np.nan, np.nan], least=2.0), [e2, e2])
    np.testing.assert_allclose(express_seconds([0.001, 0.1], 2.0), express_seconds([1, 100], 2.0))


def test_a_time_too_short_for_the_clock_stays_finite():
    """Oracle: a clock that ticks each nanosecond."""
    np.testing.assert_allclose(express_seconds([0.0, 1.0], least=0.0), [1.0, 1e9])


def test_the_variance_is_expressed_in_the_unit_of_the_losses():
    """Oracle: by hand; of the losses 1, 3 and the failure's 3 + 1 the variance is 14 / 9."""
    outcomes = [Outcome(-1.0, variance=0.5), Outcome(-3.0), Outcome(np.nan, variance=0.0)]
    np.testing.assert_allclose(express_variances(outcomes), [0.5 * 9 / 14, 0, 0])
