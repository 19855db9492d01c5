"""Rows without labels are recognised as the kept ones only where nothing else fits."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklstm._rows.recognition import begins_like

SEEDS = st.integers(0, 2**32 - 1)


def make_noise(seed, n_rows, n_features=1):
    return np.random.default_rng(seed).normal(size=(n_rows, n_features))


@given(
    seed=SEEDS,
    n_kept=st.integers(20, 60),
    n_rows=st.integers(10, 70),
    n_features=st.integers(1, 3),
    level=st.integers(-12, 12),
    spread=st.integers(-6, 6),
)
def test_float64_rows_are_recognised_at_any_level_up_to_1e12_spreads(
    seed, n_kept, n_rows, n_features, level, spread
):
    """Oracle: where the rows were cut. Each number is also moved on to its neighbour."""
    n_all = max(n_kept, n_rows) + 30
    series = (10.0**level + make_noise(seed, n_all, n_features)) * 10.0**spread
    kept = series[:n_kept]
    for rows in (series, np.nextafter(series, np.inf)):
        assert begins_like(kept, rows[:n_rows], reach=8)
    assert not begins_like(kept, series[n_kept : n_kept + n_rows], reach=8)
    assert not begins_like(kept, series[1 : n_rows + 1], reach=8)


@given(
    seed=SEEDS,
    n_kept=st.integers(20, 60),
    n_rows=st.integers(10, 70),
    level=st.floats(-1e4, 1e4),
    spread=st.integers(-6, 6),
)
def test_a_round_trip_through_float32_changes_nothing_up_to_a_level_of_1e4_spreads(
    seed, n_kept, n_rows, level, spread
):
    """Oracle: where the rows were cut."""
    series = (level + make_noise(seed, max(n_kept, n_rows) + 30, 2)) * 10.0**spread
    rounded = series.astype(np.float32).astype(float)
    kept = series[:n_kept]
    assert begins_like(kept, rounded[:n_rows], reach=8)
    assert not begins_like(kept, rounded[n_kept : n_kept + n_rows], reach=8)


@settings(max_examples=200)
@given(
    kept=st.lists(st.integers(0, 2), min_size=10, max_size=40),
    begin=st.integers(0, 30),
    n_rows=st.integers(1, 40),
    reach=st.integers(0, 14),
)
def test_rows_are_recognised_at_the_beginning_and_nowhere_else(kept, begin, n_rows, reach):
    """Oracle: the rule read literally, on few values, which repeat."""
    kept = np.array(kept, dtype=float)
    X = kept[begin : begin + n_rows]
    n, m = len(kept), len(X)
    starts = [j for j in range(n) if np.array_equal(kept[j : j + m], X[: n - j])]
    elsewhere = [j for j in starts if j > 0 and 2 * (n - j) >= m]
    is_kept = 0 in starts and (m == n or (m >= min(max(reach, 10), n) and not elsewhere))
    assert begins_like(kept[:, None], X[:, None], reach) == is_kept


@pytest.mark.parametrize(
    ("kept", "X"),
    [
        (np.full((300, 1), 0.7), np.full((100, 1), 0.7)),
        (np.full((300, 1), 1e7), np.full((400, 1), 1e7)),
        (np.zeros((30, 3)), np.zeros((12, 3))),
        (np.tile([0.0] * 12 + [1.0, 2.0], 20)[:, None], np.zeros((12, 1))),
    ],
    ids=["constants", "more constants", "zeros", "a night of zeros"],
)
def test_what_repeats_is_never_recognised_unless_it_is_all(kept, X):
    """Oracle: the rule: these rows could be anywhere."""
    assert not begins_like(kept, X, reach=8)
    assert begins_like(kept, kept.copy(), reach=8)


@pytest.mark.parametrize("n_rows", [40, 56, 70])
def test_a_calendar_four_weeks_later_is_not_the_kept_one(n_rows):
    """Oracle: the dates, which the values of these columns do not tell."""
    days = pd.date_range("2024-01-01", periods=200)
    calendar = np.column_stack([days.day_of_week, days.day_of_week >= 5]).astype(float)
    if n_rows != 56:
        assert not begins_like(calendar[:56], calendar[28 : 28 + n_rows], reach=8)
    assert not begins_like(calendar[:100], calendar[56:126], reach=8)


def test_nights_of_zeros_at_both_ends_do_not_hide_the_beginning():
    """Oracle: by hand: the days differ, so these rows fit at the beginning only."""
    sun = np.abs(make_noise(0, 240)[:, 0])
    sun[np.arange(240) % 24 < 12] = 0.0
    kept = np.append(sun, np.zeros(12))[:, None]
    assert begins_like(kept, kept[:100], reach=8)


def test_one_other_value_is_another_row():
    """Oracle: by hand: 1e-4 of a standard deviation is more than rounding."""
    kept = 5 + make_noise(1, 30, 2)
    changed = kept.copy()
    changed[7, 1] += 1e-4
    assert not begins_like(kept, changed, reach=3)


def test_rounding_near_zero_is_counted_by_the_spread():
    """Oracle: by hand: 1e-19 is a tenth of the value there, and 1e-7 of the spread."""
    kept = make_noise(2, 30) * 1e-12
    assert begins_like(kept, kept + 1e-19, reach=3)


def test_a_constant_column_is_no_obstacle_to_others():
    """Oracle: by hand: float32 changes 0.1 by 1e-9, and only the other column tells the rows."""
    kept = np.column_stack([np.full(30, 0.1), make_noise(3, 30)])
    rounded = kept.astype(np.float32).astype(float)
    assert begins_like(kept, rounded[:15], reach=3)
    assert not begins_like(kept[:15], rounded[15:], reach=3)


def test_missing_entries_say_nothing():
    """Oracle: by hand."""
    kept = make_noise(4, 30, 2)
    gappy = kept[:15].copy()
    gappy[3, 0] = gappy[5, 1] = np.nan
    assert begins_like(kept, gappy, reach=3)
    gappy[7, 0] += 1.0
    assert not begins_like(kept, gappy, reach=3)


def test_long_rows_of_few_values_are_compared_in_little_time():
    """Oracle: by counting: each row compared with each would be 2.5e9 comparisons."""
    values = np.zeros((100_000, 1))
    values[70_000:] = make_noise(5, 30_000)
    assert begins_like(values, values[:90_000], reach=8)
    assert not begins_like(values, values[:50_000], reach=8)
