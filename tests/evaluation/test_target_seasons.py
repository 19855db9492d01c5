"""Seasons of training targets, of one output and of several."""

import numpy as np
import pandas as pd
import pytest

from sklstm._rows.labels import read_labels
from sklstm.evaluation._target_seasons import TargetSeasons, find_target_seasons


def repeat(season, n_rows, noise, seed=0):
    """A pattern of so many rows again and again, with noise."""
    rng = np.random.default_rng(seed)
    return np.resize(rng.normal(size=season), n_rows) + noise * rng.normal(size=n_rows)


def label(n_rows, frequency):
    return read_labels(pd.Series(0.0, index=pd.date_range("1700", periods=n_rows, freq=frequency)))


WALK = np.random.default_rng(3).normal(size=(300, 1)).cumsum(axis=0)


def test_the_season_is_the_one_that_repeats():
    """Oracle: the pattern."""
    found = find_target_seasons(repeat(12, 300, noise=0.3)[:, None])
    assert found == TargetSeasons(12, (12,))
    assert str(found) == "seasons of 12 rows"


def test_missing_targets_do_not_hide_it():
    """Oracle: the pattern; the first rows, and one in twenty, are missing."""
    y = repeat(12, 300, noise=0.3)
    y[np.random.default_rng(1).random(300) < 0.05] = np.nan
    y[:30] = np.nan
    assert find_target_seasons(y[:, None]).lengths == (12,)
    assert find_target_seasons(np.full((300, 1), np.nan)) == TargetSeasons()


def test_the_naive_season_is_the_one_of_least_error():
    """Oracle: by hand: a strong week of hours around a weak day."""
    y = 0.3 * repeat(24, 2000, noise=0) + repeat(168, 2000, noise=0.05, seed=1)
    outputs = np.column_stack([y, repeat(24, 2000, noise=0.05, seed=2)])
    found = find_target_seasons(outputs)
    assert set(found.lengths) == {24, 168}
    assert found.length == 168


def test_of_several_outputs_the_seasons_of_most_count():
    """Oracle: by hand: 12 twice, 7 and 30 once; the first of equals."""
    seasons = [(7, 1000), (12, 1), (12, 1), (30, 1)]
    outputs = [size * repeat(s, 400, 0.1, seed=i) for i, (s, size) in enumerate(seasons)]
    assert find_target_seasons(np.column_stack(outputs)).lengths == (12, 7)


@pytest.mark.parametrize(
    ("labels", "length", "text"),
    [
        (None, 1, "1 row, no season"),
        (label(300, "h"), 24, "seasons of 24 rows, from the dates"),
        (label(300, "B"), 5, "seasons of 5 rows, from the dates"),
        (label(300, "YS"), 1, "1 row, no season"),
    ],
)
def test_a_walk_has_none_but_that_of_its_dates(labels, length, text):
    """Oracle: the rule."""
    found = find_target_seasons(WALK, labels)
    assert found == TargetSeasons(length)
    assert str(found) == text


@pytest.mark.parametrize("n_rows", [1, 2, 5, 20])
def test_few_rows_have_none(n_rows):
    """Oracle: the rule; 24 rows are not held three times by 20."""
    assert find_target_seasons(WALK[:n_rows], label(n_rows, "h")) == TargetSeasons()
