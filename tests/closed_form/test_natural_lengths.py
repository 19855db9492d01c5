"""Natural lengths, by the calendar."""

import numpy as np
import pandas as pd
import pytest

from sklstm._closed_form.natural_lengths import find_natural_lengths
from sklstm._rows.labels import read_labels


def find_of(index):
    return find_natural_lengths(read_labels(pd.Series(0.0, index=index)))


def dates(n_rows, frequency, **zone):
    return pd.date_range("2001-01-01", periods=n_rows, freq=frequency, **zone)


@pytest.mark.parametrize(
    ("frequency", "n_rows", "lengths"),
    [
        ("s", 20_000, (60, 3600)),
        ("min", 40_000, (60, 1440, 10_080)),
        ("15min", 5000, (4, 96, 672)),
        ("30min", 5000, (48, 336)),
        ("h", 5000, (24, 168)),
        ("6h", 5000, (4, 28, 1461)),
        ("D", 2000, (7, 365)),
        ("B", 500, (5,)),
        ("W", 500, (52,)),
        ("MS", 100, (12,)),
        ("ME", 100, (12,)),
        ("QS", 100, (4,)),
        ("YS", 100, ()),
        ("7h", 5000, (24, 1252)),
    ],
)
def test_a_frequency_tells_the_rows_of_a_day_a_week_and_a_year(frequency, n_rows, lengths):
    """Oracle: the calendar; two half hours are too few, and of 7 hours no day has as many."""
    assert find_of(dates(n_rows, frequency)) == lengths


def test_they_are_told_without_a_frequency_too_in_any_zone_and_with_gaps():
    """Oracle: the same index as told by its frequency."""
    hours = dates(5000, "h", tz="Europe/Berlin")
    assert find_of(hours[np.random.default_rng(0).random(5000) > 0.001]) == (24, 168)
    assert find_of(hours._with_freq(None)) == (24, 168)
    assert find_of(hours - hours[0]) == (24, 168)
    assert find_of(pd.period_range("2001-01", periods=100, freq="M")) == (12,)


def test_a_day_has_the_rows_that_most_days_have():
    """Oracle: by hand: 18 half hours from 8 to 17 on each of 7 days; shops open on six."""
    half_hours = dates(5000, "30min")
    assert find_of(half_hours[(half_hours.hour >= 8) & (half_hours.hour < 17)]) == (18, 126)
    days = dates(300, "D")
    assert find_of(days[days.day_of_week < 6]) == (6,)


def test_a_season_must_be_held_three_times():
    """Oracle: by hand."""
    assert find_of(dates(72, "h")) == (24,)
    assert find_of(dates(71, "h")) == ()


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(500),
        pd.Index(np.arange(500) * 10),
        pd.Index(np.arange(500) / 4),
        dates(1, "h"),
        dates(2, "h"),
        pd.DatetimeIndex(np.sort(np.random.default_rng(0).integers(0, 10**18, 900)).view("M8[ns]")),
    ],
    ids=["numbers", "integers", "floats", "one", "two", "at random"],
)
def test_others_have_none(index):
    """Oracle: the rule."""
    assert find_of(index) == ()


def test_rows_out_of_order_have_none():
    """Oracle: the rule; arrays have no labels at all."""
    assert find_of(dates(500, "h")[::-1]) == ()
    assert find_natural_lengths(None) == ()
