"""How much of a second forecast counts, by hand and by the rule written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklstm._lstm.combination import choose_shares
from sklstm._lstm.tail_scores import Loss

SQUARED = Loss("squared_error")
LOSSES = [SQUARED, Loss("absolute_error"), Loss("quantile", (0.9,)), Loss("huber")]
BY_LOSS = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.kind)


def draw(seed, n=60, n_outputs=1):
    """Targets and two forecasts of them with errors of their own."""
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(n, n_outputs))
    first, second = (y + rng.normal(size=y.shape) * rng.uniform(0.2, 2) for _ in range(2))
    weight = rng.uniform(0.5, 2.0, size=n)
    return y, first, second, np.repeat(weight[:, None], y.shape[1], axis=1)


def lose(loss, error):
    """Each loss as its textbook has it."""
    if loss.kind == "squared_error":
        return error**2
    if loss.kind == "absolute_error":
        return np.abs(error)
    if loss.kind == "quantile":
        (level,) = loss.quantiles
        return np.where(error > 0, level * error, (level - 1) * error)
    return np.where(np.abs(error) <= 1, 0.5 * error**2, np.abs(error) - 0.5)


@BY_LOSS
def test_the_better_forecast_counts_alone_where_there_is_no_doubt(loss):
    """Oracle: by hand: one forecast is exact, the other misses each target alike."""
    y = np.arange(30.0)[:, None]
    weight = np.ones((30, 1))
    assert choose_shares(loss, y, y + 2, y, weight) == [1.0]
    assert choose_shares(loss, y, y, y + 2, weight) == [0.0]
    assert choose_shares(loss, y, y + 2, y + 2, weight) == [0.0]


def test_two_forecasts_that_miss_on_either_side_count_by_their_errors():
    """Oracle: by hand: errors of -1 and 3 vanish at a quarter of the second forecast."""
    y = np.arange(30.0)[:, None]
    assert choose_shares(SQUARED, y, y + 1, y - 3, np.ones((30, 1))) == [0.25]


def test_a_second_forecast_must_be_better_by_more_than_chance():
    """Oracle: by hand: it is better on 16 of 30 targets and worse on 14, by as much each."""
    y = np.zeros((30, 1))
    first = np.ones((30, 1))
    second = np.where(np.arange(30) < 16, 0.9, 1.1)[:, None]
    assert choose_shares(Loss("absolute_error"), y, first, second, np.ones((30, 1))) == [0.0]


@BY_LOSS
@given(seed=st.integers(0, 999))
def test_no_smaller_share_is_as_good_as_the_best_by_half_a_standard_error(loss, seed):
    """Oracle: the rule, for each share from the smallest on."""
    y, first, second, weight = draw(seed)
    unit = np.ones_like(y)
    (found,) = choose_shares(loss, y, first, second, weight, unit)
    weight = weight[:, 0]
    shares = np.arange(21) / 20
    missed = [lose(loss, y - (1 - s) * first - s * second)[:, 0] for s in shares]
    means = [np.average(each, weights=weight) for each in missed]
    best = missed[int(np.argmin(means))]
    for share, each in zip(shares, missed, strict=True):
        mean = np.average(each - best, weights=weight)
        variance = np.average((each - best - mean) ** 2, weights=weight)
        bound = 0.5 * np.sqrt(variance * np.sum(weight**2)) / np.sum(weight)
        if abs(mean - bound) <= 1e-9:  # rounding decides
            return
        if mean < bound:
            assert found == share
            return
        assert found > share


@given(seed=st.integers(0, 99), power=st.integers(-60, 60))
def test_outputs_are_shared_out_apart_and_units_do_not_matter(seed, power):
    """Oracle: each output alone; powers of 2 round nothing."""
    y, first, second, weight = draw(seed, n_outputs=2)
    together = choose_shares(SQUARED, y, first, second, weight)
    for i in range(2):
        own = [values[:, [i]] * 2.0**power for values in (y, first, second)]
        assert choose_shares(SQUARED, *own, weight[:, [i]] * 2.0**power) == [together[i]]


def test_an_exact_first_forecast_stays_alone_however_small_its_unit():
    """Oracle: by hand: nothing is missed, so there is nothing to measure errors in."""
    y = np.full((30, 1), 1e150)
    assert choose_shares(SQUARED, y, y, y * 2, np.ones((30, 1))) == [0.0]


def test_the_steps_of_a_path_share_alike():
    """Oracle: by hand: one step asks for all of the second forecast, one as much for none of it.

    A third one, which asks for all, weighs nothing.
    """
    y = np.zeros((30, 3))
    first, second = np.tile([1.0, 1.0, 9.0], (30, 1)), np.tile([0.0, 2.0, 0.0], (30, 1))
    weight = np.tile([1.0, 1.0, 0.0], (30, 1))
    assert choose_shares(SQUARED, y, first, second, weight, np.ones_like(y), steps=3).tolist() == [
        0.0, 0.0, 0.0,
    ]  # fmt: skip
    weight[:, 1] = 0
    found = choose_shares(SQUARED, y, first, second, weight, np.ones_like(y), steps=3)
    assert found.tolist() == [1.0, 1.0, 1.0]


def test_the_quantiles_of_a_target_share_alike():
    """Oracle: by hand: the median is exact in the second forecast, the other one in the first.

    The first of two targets gains more by the median than it loses by the other quantile.
    """
    loss = Loss("quantile", (0.1, 0.5))
    y = np.zeros((30, 4))
    first, second = np.tile([0.0, 2.0, 0.0, 0.0], (30, 1)), np.tile([-1.0, 0.0, -1.0, 1.0], (30, 1))
    found = choose_shares(loss, y, first, second, np.ones_like(y), np.ones_like(y))
    assert found.tolist() == [1.0, 1.0, 0.0, 0.0]
