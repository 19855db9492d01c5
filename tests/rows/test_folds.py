"""Rows split in time, against slices by hand."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.model_selection import TimeSeriesSplit

from sklstm._rows.folds import make_folds, temporal_train_test_split

X, Y = np.arange(20.0).reshape(10, 2), np.arange(10.0)
DAYS = pd.DataFrame(X, index=pd.date_range("2024-01-01", periods=10))


@pytest.mark.parametrize(
    ("test_size", "gap", "n_train", "n_test"),
    [(0.2, 0, 8, 2), (0.25, 0, 7, 3), (3, 0, 7, 3), (3, 2, 5, 3), (np.int64(1), 8, 1, 1)],
)
def test_the_last_rows_test(test_size, gap, n_train, n_test):
    """Oracle: slices by hand."""
    parts = temporal_train_test_split(X, Y, test_size=test_size, gap=gap)
    expected = X[:n_train], X[-n_test:], Y[:n_train], Y[-n_test:]
    for part, rows in zip(parts, expected, strict=True):
        np.testing.assert_array_equal(part, rows)


@pytest.mark.parametrize(
    "date",
    [
        "2024-01-08",
        pd.Timestamp("2024-01-07 12:00"),
        datetime.date(2024, 1, 8),
        datetime.datetime(2024, 1, 8),
        np.datetime64("2024-01-08"),
        pd.Period("2024-01-08"),
    ],
)
def test_a_date_is_that_of_the_first_test_row(date):
    """Oracle: pandas' own slices by label."""
    X_train, X_test, _, y_test = temporal_train_test_split(DAYS, Y, test_size=date)
    pd.testing.assert_frame_equal(X_train, DAYS[:"2024-01-07"])
    pd.testing.assert_frame_equal(X_test, DAYS["2024-01-08":])
    np.testing.assert_array_equal(y_test, [7, 8, 9])


def test_the_index_of_any_array_will_do():
    """Oracle: by hand."""
    _, _, _, y_test = temporal_train_test_split(X, DAYS[0], test_size="2024-01-09")
    assert len(y_test) == 2


def test_months_and_time_zones_are_compared_as_moments():
    """Oracle: by hand; noon in Tokyo is 3 o'clock in UTC."""
    months = pd.DataFrame(X, index=pd.period_range("2024-01", periods=10, freq="M"))
    assert len(temporal_train_test_split(months, test_size="2024-09-15")[1]) == 1
    hours = pd.DataFrame(X, index=pd.date_range("2024-01-01", periods=10, freq="h", tz="UTC"))
    noon = pd.Timestamp("2024-01-01 12:00", tz="Asia/Tokyo")
    assert len(temporal_train_test_split(hours, test_size=noon)[0]) == 3


def test_other_containers_stay_what_they_are():
    """Oracle: by hand."""
    frame, listed = pl.DataFrame({"a": Y}), list(Y)
    a_train, a_test, b_train, b_test = temporal_train_test_split(frame, listed, test_size=3)
    assert isinstance(a_train, pl.DataFrame)
    assert a_test["a"].to_list() == [7, 8, 9]
    assert b_train == listed[:7]
    assert b_test == listed[7:]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"test_size": 0}, r"test_size=0 must be a share of the rows in \(0, 1\), a number"),
        ({"test_size": 1.0}, r"test_size=1.0 must be"),
        ({"test_size": True}, r"test_size=True must be"),
        ({"test_size": None}, r"test_size=None must be"),
        ({"test_size": 10}, r"leaves 0 of 10 rows to train on and 10 to test on"),
        ({"test_size": "2025-01-01"}, r"leaves 10 of 10 rows to train on and 0 to test on"),
        ({"test_size": "soon"}, r"test_size='soon' is not a date"),
        ({"test_size": 2, "gap": -1}, r"gap=-1 must be an int of 0 or more"),
        ({"test_size": 2, "gap": 8}, r"with gap=8 leaves 0 of 10 rows to train on"),
    ],
)
def test_what_cannot_be_split_is_refused(arguments, message):
    """Oracle: the message names the argument, the value and what is allowed."""
    with pytest.raises(ValueError, match=message):
        temporal_train_test_split(DAYS, Y, **arguments)


def test_a_date_needs_dates():
    """Oracle: the messages."""
    with pytest.raises(ValueError, match="no array has an index of dates"):
        temporal_train_test_split(X, test_size="2024-01-08")
    with pytest.raises(TypeError, match="the index has no time zone"):
        temporal_train_test_split(DAYS, test_size=pd.Timestamp("2024-01-08", tz="UTC"))
    with pytest.raises(ValueError, match="needs at least one array"):
        temporal_train_test_split(test_size=1)


@pytest.mark.parametrize(("cv", "n_splits"), [(None, 5), (3, 3)])
def test_folds_in_number_follow_each_other_with_the_gap(cv, n_splits):
    """Oracle: scikit-learn's TimeSeriesSplit."""
    X = np.zeros((60, 1))
    folds = make_folds(cv, X, None, gap=4)
    expected = list(TimeSeriesSplit(n_splits, gap=4).split(X))
    assert len(folds) == n_splits
    for (train, test), (their_train, their_test) in zip(folds, expected, strict=True):
        np.testing.assert_array_equal(train, their_train)
        np.testing.assert_array_equal(test, their_test)


def test_masks_become_row_numbers():
    """Oracle: by hand."""
    is_train = np.arange(10) < 6
    ((train, test),) = make_folds([(is_train, ~is_train)], X, Y, gap=0)
    np.testing.assert_array_equal(train, np.arange(6))
    np.testing.assert_array_equal(test, np.arange(6, 10))


def test_a_split_without_rows_is_refused():
    """Oracle: the messages."""
    with pytest.raises(ValueError, match="yields no folds"):
        make_folds([(np.arange(3), np.array([], dtype=int))], X, Y, gap=0)
    with pytest.raises(ValueError, match="n_samples=10 cannot be split"):
        make_folds(20, X, Y, gap=0)
