"""Skill scores and their uncertainty, against sums by hand and other packages."""

import math

import numpy as np
import pytest
from scipy import stats

from sklstm.evaluation._skill import (
    bootstrap_skill,
    choose_block_length,
    diebold_mariano,
    skill_score,
)

RNG = np.random.default_rng(0)


def test_the_skill_score_is_one_less_the_ratio_of_the_rmse():
    """Oracle: by hand; RMSE 1 and 2 of two rows each."""
    assert skill_score(np.array([0.0, 2.0]), np.array([4.0, 4.0])) == pytest.approx(0.5)
    assert skill_score(np.array([4.0, 4.0]), np.array([0.0, 2.0])) == pytest.approx(-1.0)


def test_beside_a_perfect_reference_the_skill_is_minus_infinity():
    """Oracle: the limit."""
    assert skill_score(np.ones(3), np.zeros(3)) == -np.inf


def test_blocks_of_one_row_give_the_ordinary_paired_bootstrap():
    """Oracle: rows drawn by NumPy with the same generator, the quantiles of their skill."""
    ours, theirs = RNG.exponential(size=(2, 50))
    rows = np.random.default_rng(3).integers(50, size=(2000, 50))
    skill = 1 - np.sqrt(ours[rows].mean(axis=1) / theirs[rows].mean(axis=1))
    expected = np.quantile(skill, [0.025, 0.975])
    np.testing.assert_allclose(bootstrap_skill(ours, theirs, 1, seed=3), expected)


def test_blocks_go_on_from_the_last_row_to_the_first():
    """Oracle: blocks of 4 of 10 rows, cut by np.roll."""
    ours, theirs = RNG.exponential(size=(2, 10))
    first = np.random.default_rng(0).integers(10, size=(2000, 3))
    sums = [
        np.array([[np.roll(each, -row)[:4].sum() for row in rows] for rows in first]).sum(axis=1)
        for each in (ours, theirs)
    ]
    expected = np.quantile(1 - np.sqrt(sums[0] / sums[1]), [0.025, 0.975])
    np.testing.assert_allclose(bootstrap_skill(ours, theirs, 4), expected)


def test_forecasts_that_are_wrong_together_bound_their_skill_closely():
    """Oracle: a forecast that is 10 % better on each row has this skill in every resample."""
    reference = RNG.exponential(size=100)
    low, high = bootstrap_skill(0.81 * reference, reference, 5)
    assert low == pytest.approx(0.1)
    assert high == pytest.approx(0.1)


def test_the_interval_holds_the_true_skill_about_as_often_as_it_says():
    """Oracle: 300 draws of AR(1) losses whose expected skill is known; 95 % nominal."""
    hits = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        shocks = rng.normal(size=(2, 420))
        errors = np.zeros((2, 420))
        for t in range(1, 420):
            errors[:, t] = 0.6 * errors[:, t - 1] + shocks[:, t]
        ours, theirs = (errors[:, 20:] * [[0.8], [1.0]]) ** 2
        low, high = bootstrap_skill(ours, theirs, choose_block_length(400, 1))
        hits += low <= 0.2 <= high
    assert 0.89 <= hits / 300 <= 0.98


@pytest.mark.parametrize(
    ("n_rows", "horizon", "length"), [(400, 1, 8), (1000, 1, 10), (1000, 24, 24), (1, 1, 1)]
)
def test_blocks_grow_as_the_cube_root_and_hold_the_horizon(n_rows, horizon, length):
    """Oracle: by hand."""
    assert choose_block_length(n_rows, horizon) == length


def make_losses():
    rng = np.random.default_rng(0)
    y = rng.normal(size=60).cumsum()
    first = y + rng.normal(size=60)
    second = y + 0.8 * rng.normal(size=60) + 0.3 * np.roll(first - y, 1)
    return (y - first) ** 2, (y - second) ** 2


@pytest.mark.parametrize(
    ("horizon", "statistic", "p_value"),
    [(1, 1.9253257666903243, 0.05901303874718815), (3, 2.8868858958293675, 0.005429314723165744)],
)
def test_the_test_of_diebold_and_mariano_is_that_of_a_peer(horizon, statistic, p_value):
    """Oracle: dieboldmariano 1.1.0, of y, first and second as above.

    dm_test(y, first, second, h=horizon, loss=lambda a, b: (a - b) ** 2, harvey_correction=True)
    """
    found = diebold_mariano(*make_losses(), horizon)
    np.testing.assert_allclose(found, (statistic, p_value), rtol=1e-9)


def test_one_row_ahead_it_is_the_t_test_of_the_differences():
    """Oracle: scipy's."""
    losses, others = make_losses()
    expected = stats.ttest_1samp(losses - others, 0)
    np.testing.assert_allclose(diebold_mariano(losses, others, 1), expected, rtol=1e-12)


def test_without_a_positive_variance_the_autocovariances_are_left_out():
    """Oracle: differences that change sign from row to row; scipy's t-test."""
    losses, others = np.tile([3.0, 0.5], 20), np.tile([1.0, 2.0], 20)
    expected = stats.ttest_1samp(losses - others, 0)
    np.testing.assert_allclose(diebold_mariano(losses, others, 2), expected, rtol=1e-12)


def test_losses_that_differ_by_one_number_are_not_tested():
    """Oracle: by hand: there is no variance but what rounding makes (issue 18, point 13)."""
    losses = np.random.default_rng(0).uniform(1, 2, 100)
    assert all(math.isnan(value) for value in diebold_mariano(losses + 0.7, losses, 1))


@pytest.mark.parametrize("losses", [np.ones(10), np.ones(1)])
def test_equal_forecasts_are_not_tested(losses):
    """Oracle: there is no variance to divide by."""
    assert all(math.isnan(value) for value in diebold_mariano(losses, losses, 1))
