"""The rule for seasons, on series whose seasons are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from sklstm._closed_form.seasons import find_season_lengths, look_at, search_seasons


def repeat(season, n_rows, rng):
    """A pattern of so many rows again and again."""
    return np.resize(rng.normal(size=season), n_rows)


def walk(seed, n_rows=1000):
    """Even: steps from Student's t with 3 degrees of freedom; odd: of changing variance."""
    rng = np.random.default_rng(seed)
    if seed % 2 == 0:
        return rng.standard_t(3, size=n_rows).cumsum()
    log_scale, shocks = np.zeros(n_rows), rng.normal(size=n_rows)
    for t in range(1, n_rows):
        log_scale[t] = 0.98 * log_scale[t - 1] + 0.2 * shocks[t]
    return (rng.normal(size=n_rows) * np.exp(log_scale)).cumsum()


@pytest.mark.parametrize("season", [4, 5, 7, 12, 24, 52, 168])
@pytest.mark.parametrize("wanders", [False, True])
def test_a_pattern_that_repeats_is_found(season, wanders):
    """Oracle: its length; patterns at random have no shorter period."""
    rng = np.random.default_rng(season)
    n_rows = 12 * max(season, 40)
    noise = 0.4 * rng.normal(size=n_rows)
    y = repeat(season, n_rows, rng) + (0.5 * noise.cumsum() if wanders else noise)
    assert find_season_lengths(y) == (season,)
    assert find_season_lengths(-3e-200 * y) == (season,)


def test_a_week_in_hours_is_a_day_and_a_week():
    """Oracle: by hand, the day being stronger; a day alone is not found again as its multiple."""
    rng = np.random.default_rng(0)
    day, week = repeat(24, 3000, rng), repeat(168, 3000, rng)
    noise = 0.3 * rng.normal(size=3000)
    assert find_season_lengths(2 * day + 0.7 * week + noise) == (24, 168)
    assert find_season_lengths(2 * day + 0.7 * week + noise, most=1) == (24,)
    assert find_season_lengths(2 * day + noise) == (24,)
    assert find_season_lengths(2 * day + noise, most=0) == ()


def test_among_peaks_about_as_high_a_natural_length_is_preferred():
    """Oracle: by hand: 20 and 31 as strong as each other; 620 is not held three times."""
    rng = np.random.default_rng(1)
    patterns = [repeat(season, 1200, rng) for season in (20, 31)]
    y = sum(pattern / np.diff(pattern).std() for pattern in patterns) + rng.normal(size=1200) / 9
    assert set(find_season_lengths(y)) == {20, 31}
    assert find_season_lengths(y, [20]) == (20, 31)
    assert find_season_lengths(y, [31]) == (31, 20)


def test_a_natural_length_that_is_not_there_is_not_found():
    """Oracle: by hand: 24 and 168 are natural, the season is 31, or there is none."""
    rng = np.random.default_rng(2)
    y = repeat(31, 2000, rng) + 0.3 * rng.normal(size=2000)
    assert find_season_lengths(y, [24, 168]) == (31,)
    assert find_season_lengths(walk(0), [24, 168]) == ()


def test_walks_of_heavy_tails_and_changing_variance_have_no_season():
    """Oracle: they are random; none of the first 1,000 has one, of which these are some."""
    natural = [7, 12, 24, 168]
    assert [seed for seed in range(60) if find_season_lengths(walk(seed))] == []
    assert [seed for seed in range(60) if find_season_lengths(walk(seed), natural)] == []


@pytest.mark.parametrize("length", [5.0, 11.0, 100.0])
def test_a_cycle_that_dies_away_is_no_season(length):
    """Oracle: by hand: an AR(2) whose cycles lose half of their strength in 7 rows."""
    found = []
    for seed in range(20):
        noise = np.random.default_rng(seed).normal(size=600)
        y = np.zeros(600)
        for t in range(2, 600):
            y[t] = 1.8 * np.cos(2 * np.pi / length) * y[t - 1] - 0.81 * y[t - 2] + noise[t]
        found.append(find_season_lengths(y))
    assert found == [()] * 20


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "series",
    [
        [],
        [1.0],
        [1.0, 2.0, 1.0, 2.0],
        np.full(500, 1 / 3),
        np.full(500, 1e308),
        np.arange(500.0),
        np.exp(np.arange(500.0)),
        np.repeat([0.0, 1.0], 250),
        np.append(np.zeros(400), np.random.default_rng(0).normal(size=100)),
        np.eye(500)[250],
        5e-324 * np.random.default_rng(0).integers(0, 2, 500),
    ],
    ids=[
        "none",
        "one",
        "short",
        "constant",
        "huge",
        "ramp",
        "growth",
        "step",
        "late",
        "spike",
        "tiny",
    ],
)
def test_what_has_no_season_has_none_and_warns_of_nothing(series):
    """Oracle: by hand; all of NumPy's floating point errors are raised."""
    with np.errstate(all="raise"):
        assert find_season_lengths(np.asarray(series, dtype=np.float64)) == ()


@pytest.mark.parametrize("size", [1e-310, 1.0, 1e15, 1e308])
def test_a_season_in_any_unit_is_found(size):
    """Oracle: the pattern, once a day."""
    y = np.resize(np.arange(24) == 7, 500) * size
    with np.errstate(all="raise"):
        assert find_season_lengths(y) == (24,)


def test_a_season_must_be_held_three_times_by_the_rows():
    """Oracle: by hand: 40 rows three times, and one row less."""
    y = repeat(40, 120, np.random.default_rng(0))
    assert find_season_lengths(y) == (40,)
    assert find_season_lengths(y[1:]) == ()


def test_of_long_series_the_last_rows_are_looked_at():
    """Oracle: the last 32,000 rows alone."""
    rng = np.random.default_rng(0)
    old, new = repeat(24, 60_000, rng), repeat(36, 32_000, rng)
    y = np.append(old, new) + 0.3 * rng.normal(size=92_000)
    assert find_season_lengths(y) == find_season_lengths(y[-32_000:]) == (36,)


@given(n_rows=st.integers(2, 60), seed=st.integers(0, 50), n_lags=st.integers(1, 80))
def test_the_autocorrelation_is_the_definitions_of_clipped_values(n_rows, seed, n_lags):
    """Oracle: the definition as a loop, three standard deviations from the mean being the most."""
    residuals = np.random.default_rng(seed).standard_t(1, size=n_rows)
    bound = 3 * residuals.std()
    e = np.clip(residuals, residuals.mean() - bound, residuals.mean() + bound)
    e -= e.mean()
    lags = range(min(n_lags, n_rows - 1) + 1)
    expected = [sum(e[t] * e[t - lag] for t in range(lag, n_rows)) / sum(e * e) for lag in lags]
    look = look_at(residuals, n_lags)
    np.testing.assert_allclose(look.autocorrelation, expected, atol=1e-12)
    assert look.threshold == max(0.1, 4 / np.sqrt(n_rows))


def test_what_is_shown_is_what_the_first_season_was_found_in():
    """Oracle: the peak at this season; of a short one, three of them."""
    rng = np.random.default_rng(0)
    for season in (7, 24):
        y = repeat(season, 1000, rng) + 0.3 * rng.normal(size=1000)
        lengths, look = search_seasons(y)
        assert lengths == (season,)
        assert np.argmax(look.autocorrelation[2 : season + 2]) + 2 == season
        assert (look.autocorrelation[[season, 2 * season, 3 * season]] > look.threshold).all()
    assert search_seasons(walk(0))[1].autocorrelation[1:].max() < 0.3


def test_it_has_the_same_bits_on_any_number_of_threads():
    """Oracle: one thread."""
    rng = np.random.default_rng(0)
    y = repeat(24, 5000, rng) + repeat(168, 5000, rng) + rng.normal(size=5000)
    with threadpool_limits(1, user_api="blas"):
        lengths, expected = search_seasons(y)
    with threadpool_limits(3, user_api="blas"):
        others, look = search_seasons(y)
    assert others == lengths
    np.testing.assert_array_equal(look.autocorrelation, expected.autocorrelation)
