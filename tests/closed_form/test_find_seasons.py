"""What users see of the seasons of a series."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sklstm import Seasons, find_seasons
from sklstm._closed_form.seasons import search_seasons

RNG = np.random.default_rng(0)
HOURS = pd.date_range("2024-01-01", periods=1200, freq="h")
LOAD = pd.Series(np.resize(RNG.normal(size=24), 1200) + 0.3 * RNG.normal(size=1200), HOURS)


def test_the_seasons_are_those_of_the_rule_with_all_that_shows_them():
    """Oracle: the rule, whose tests are next door."""
    lengths, look = search_seasons(LOAD.to_numpy())
    found = find_seasons(LOAD.to_numpy())
    assert isinstance(found, Seasons)
    assert found.lengths == lengths == (24,)
    np.testing.assert_array_equal(found.autocorrelation, look.autocorrelation[1:])
    assert found.threshold == look.threshold == 4 / np.sqrt(1192)  # residuals from row 8 on
    assert repr(found) == "Seasons(lengths=(24,), natural_lengths=(), threshold=0.116)"


@pytest.mark.parametrize(
    "y", [LOAD, LOAD.to_list(), pl.Series(LOAD.to_numpy()), LOAD.astype(object)], ids=type
)
def test_any_series_of_numbers_is_read(y):
    """Oracle: the same of an array."""
    assert find_seasons(y).lengths == (24,)


def test_dates_tell_natural_lengths_unless_they_are_given():
    """Oracle: the calendar; a series of two equal seasons, of which the natural one comes first."""
    assert find_seasons(LOAD).natural_lengths == (24, 168)
    assert find_seasons(LOAD, natural_lengths=[12]).natural_lengths == (12,)
    assert find_seasons(LOAD, natural_lengths=()).natural_lengths == ()
    patterns = [np.resize(RNG.normal(size=season), 1200) for season in (17, 24)]
    both = pd.Series(sum(pattern / np.diff(pattern).std() for pattern in patterns), HOURS)
    assert find_seasons(both).lengths == (24, 17)
    assert find_seasons(both, natural_lengths=[17]).lengths == (17, 24)
    assert find_seasons(both, max_seasons=1).lengths == (24,)


@pytest.mark.parametrize(
    ("y", "parameters", "message"),
    [
        (np.zeros((9, 2)), {}, r"y has the shape \(9, 2\); find_seasons takes a single series"),
        ([1.0, np.nan, 2.0], {}, r"y has nan in row 1; .* Fill gaps first, with y.interpolate"),
        ([1.0, 2.0, np.inf], {}, "y has inf in row 2"),
        ([], {}, "Found array with 0 sample"),
        (["a", "b"], {}, "could not convert string to float"),
        (LOAD[::-1], {}, "The index of y must be sorted"),
        (LOAD[::-1], {"natural_lengths": [24]}, "The index of y must be sorted"),
        (LOAD, {"max_seasons": 0}, "max_seasons=0 must be an int of 1 or more"),
        (LOAD, {"max_seasons": 1.5}, "max_seasons=1.5 must be an int"),
        (
            LOAD,
            {"natural_lengths": [24, 1]},
            r"natural_lengths=\[24, 1\] must be a list of ints of",
        ),
        (LOAD, {"natural_lengths": [2.5]}, r"natural_lengths=\[2.5\] must be a list of ints of"),
    ],
)
def test_what_is_no_series_is_refused_with_a_way_out(y, parameters, message):
    """Oracle: the message."""
    with pytest.raises(ValueError, match=message):
        find_seasons(y, **parameters)


def test_the_caller_s_series_stays_as_it_is():
    """Oracle: a copy."""
    before = LOAD.copy()
    find_seasons(LOAD)
    pd.testing.assert_series_equal(LOAD, before)
