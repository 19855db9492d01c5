"""Which index labels the rows, and what its labels tell of rows to come."""

import datetime as dt
import decimal
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from sklstm._rows.labels import (
    Labels,
    is_numbered,
    read_labels,
    refuse_other_continuation,
    without_labels,
)


def label(index):
    return pd.DataFrame({"a": np.arange(len(index), dtype=float)}, index=index)


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(5),
        pd.Index([0, 1, 2, 3, 4]),
        pd.Index([0, 1, 2, 3, 4], dtype="uint8"),
        pd.Index(list("edcba")),
        pd.Index(list("edcba"), dtype="string[pyarrow]"),
        pd.Index([True, False, True, False, True]),
        pd.MultiIndex.from_product([["a"], range(3, 8)]),
        pd.MultiIndex.from_arrays([range(5, 0, -1)]),
        pd.CategoricalIndex([5, 4, 3, 2, 1]),
        pd.CategoricalIndex(pd.date_range("2024-01-01", periods=5)[::-1]),
        pd.interval_range(0, 5),
        pd.Index(["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-10", "2024-02-01"]),
        pd.Index(["1", "2", "3.5", "10", "20"]),
        pd.Index(["2024-01-02", "2024-01-01", "no date", "b", "a"]),
    ],
    ids=str,
)
def test_other_indexes_are_no_labels(index):
    """Oracle: the rule: dates, durations, integers other than 0 .. n-1 and floats are labels."""
    assert read_labels(label(index)) is None
    assert read_labels(label(index), must_increase=True) is None


def test_arrays_and_lists_have_no_labels():
    """Oracle: the rule."""
    assert read_labels(np.zeros((5, 2))) is None
    assert read_labels([[1, 2]]) is None


@pytest.mark.parametrize("dtype", ["int64", "int8", "uint64", "Int64", "object", "int64[pyarrow]"])
def test_integers_are_labels_whatever_their_type(dtype):
    """Oracle: the values themselves."""
    labels = read_labels(label(pd.Index([4, 5, 9], dtype=dtype)))
    np.testing.assert_array_equal(labels.values, [4, 5, 9])
    assert labels.are_integers and not labels.are_dates


def test_integers_beyond_64_bits_are_read_as_floats():
    """Oracle: their order, which wrapping around would turn."""
    for index in [pd.Index([5, 2**63 + 5], dtype="uint64"), pd.Index([5, 2**70])]:
        labels = read_labels(label(index), must_increase=True)
        assert labels.values.dtype == np.float64 and labels.increase


FLOATS = [
    pd.Index([0.5, 1, 2, 4, 4.5]),
    pd.Index([0.5, 1, 2, 4, 4.5], dtype="Float64"),
    pd.Index([0.5, 1, 2, 4, 4.5], dtype="double[pyarrow]"),
    pd.Index([decimal.Decimal(text) for text in ("0.5", "1", "2", "4", "4.5")]),
    pd.Index([0.5, 1, 2, 4, 4.5], dtype=object),
]
DURATIONS = [
    pd.to_timedelta([1, 2, 3, 5, 6], "h"),
    pd.to_timedelta([1, 2, 3, 5, 6], "h").as_unit("ns").astype("duration[ns][pyarrow]"),
    pd.Index([dt.timedelta(hours=n) for n in (1, 2, 3, 5, 6)], dtype=object),
]


@pytest.mark.parametrize("index", FLOATS + DURATIONS, ids=lambda index: str(index.dtype))
def test_floats_and_durations_are_labels_if_they_increase(index):
    """Oracle: by hand; of others, a single warning says that rows are taken as they stand."""
    labels = read_labels(label(index), must_increase=True)
    is_float = any(index is one for one in FLOATS)
    hours = np.array([1, 2, 3, 5, 6], dtype="timedelta64[h]")
    np.testing.assert_array_equal(labels.values, [0.5, 1, 2, 4, 4.5] if is_float else hours)
    for wrong in [index[::-1], index[[0, 1, 1, 2, 3]]]:
        with pytest.warns(UserWarning, match="in their present order") as caught:
            assert read_labels(label(wrong), must_increase=True) is None
        assert len(caught) == 1


def test_a_missing_float_labels_nothing():
    """Oracle: the rule: NaN does not increase."""
    with pytest.warns(UserWarning, match="floats that do not increase"):
        assert read_labels(label(pd.Index([1.5, np.nan, 3.5]))) is None


@pytest.mark.parametrize(
    "texts",
    [
        ["2024-03-02", "2024-03-01", "2024-03-03"],
        ["2024-03-01T10:00", "2024-03-01T10:00", "2024-03-01T11:00"],
        ["2024-03-01 10:00+01:00", "2024-03-01 10:00+02:00", "2024-03-02 10:00+00:00"],
        ["10", "9", "11"],  # as texts these are out of order, too; as below they are not
        ["1", "2", "10", "3"],
        ["20240302", "20240301"],
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", ["object", "str", "string[pyarrow]"])
def test_texts_that_tell_a_time_and_do_not_increase_are_warned_of_once(texts, dtype):
    """Oracle: by hand: each tells dates or numbers that go back somewhere."""
    with pytest.warns(UserWarning, match="texts that do not increase") as caught:
        assert read_labels(label(pd.Index(texts, dtype=dtype)), must_increase=True) is None
    assert len(caught) == 1


def zone_east_of_utc(hours):
    return dt.timezone(dt.timedelta(hours=hours))


DAYS = pd.date_range("2024-03-01", periods=3)
NAIVE = [
    DAYS.as_unit("ns"),
    DAYS.as_unit("us"),
    DAYS.as_unit("s"),
    pd.Index([dt.date(2024, 3, day) for day in (1, 2, 3)]),
    pd.Index([dt.datetime(2024, 3, day) for day in (1, 2, 3)], dtype=object),
    pd.Index([np.datetime64(f"2024-03-0{day}") for day in (1, 2, 3)], dtype=object),
    pd.period_range("2024-03-01", periods=3, freq="D"),
    DAYS.as_unit("ns").astype("timestamp[ns][pyarrow]"),
    pd.Index(pd.array([*DAYS.date], dtype=pd.ArrowDtype(pa.date32()))),
]
AWARE = [
    pd.date_range("2024-03-01", periods=3, tz="UTC"),
    pd.date_range("2024-03-01 09:00", periods=3, tz="Asia/Tokyo"),
    pd.date_range("2024-03-01 01:00", periods=3, tz="+01:00").astype(object),
    pd.Index([dt.datetime(2024, 3, day, day, tzinfo=zone_east_of_utc(day)) for day in (1, 2, 3)]),
    pd.date_range("2024-03-01 09:00", periods=3, tz="Asia/Tokyo", unit="us").astype(
        pd.ArrowDtype(pa.timestamp("us", "Asia/Tokyo"))
    ),
]


@pytest.mark.parametrize("index", NAIVE + AWARE, ids=lambda index: str(index.dtype))
def test_dates_are_timestamps_in_utc_whatever_their_unit_type_and_zone(index):
    """Oracle: by hand: all are midnight of 1, 2 and 3 March 2024, in UTC."""
    labels = read_labels(label(index))
    expected = np.array(["2024-03-01", "2024-03-02", "2024-03-03"], dtype="datetime64[ns]")
    np.testing.assert_array_equal(labels.values, expected)
    assert (labels.zone is not None) == any(index is aware for aware in AWARE)


OUT_OF_ORDER = [
    (pd.Index([3, 4, 4, 1]), "row 2, 4, comes after row 1, 4"),
    (pd.Index([3, 5, 4, 1]), "row 2, 4, comes after row 1, 5"),
    (
        pd.DatetimeIndex(["2024-01-03", "2024-01-02"]),
        "row 1, 2024-01-02 00:00:00, comes after row 0, 2024-01-03",
    ),
    (pd.PeriodIndex(["2024-02", "2024-01"], freq="M"), "row 1, 2024-01, comes after row 0"),
    (DAYS[::-1].astype("timestamp[ns][pyarrow]"), "row 1, 2024-03-02 00:00:00, comes after"),
]
MISSING = [pd.DatetimeIndex(["2024-01-03", None]), pd.Index([3, None], dtype="Int64")]


@pytest.mark.parametrize(("index", "message"), OUT_OF_ORDER)
def test_a_forecaster_refuses_labels_out_of_order_and_others_read_them(index, message):
    """Oracle: by hand."""
    with pytest.raises(ValueError, match=message):
        read_labels(label(index), must_increase=True)
    assert not read_labels(label(index)).increase


@pytest.mark.parametrize("index", MISSING, ids=str)
def test_a_forecaster_refuses_missing_labels_and_for_others_they_label_nothing(index):
    """Oracle: by hand."""
    with pytest.raises(ValueError, match="row 1 has no label"):
        read_labels(label(index), must_increase=True)
    with pytest.warns(UserWarning, match="no label for row 1"):
        assert read_labels(label(index)) is None


# X and y


def test_labels_of_y_count_where_x_has_none():
    """Oracle: the rule."""
    y = pd.Series(range(3), index=DAYS)
    for X in [
        np.zeros((3, 1)),
        sparse.eye_array(3),
        [[1], [2], [3]],
        label(pd.RangeIndex(3)),
        label(list("abc")),
    ]:
        np.testing.assert_array_equal(read_labels(X, y).values, DAYS.to_numpy())
        with pytest.raises(ValueError, match="The index of y must be sorted"):
            read_labels(X, y[::-1], must_increase=True)
    own = label(DAYS + pd.Timedelta("1D"))
    with pytest.warns(UserWarning, match="The dates of X and y differ: row 0 is 2024-03-02"):
        labels = read_labels(own, y)
    np.testing.assert_array_equal(labels.values, own.index.to_numpy())


def test_where_x_has_labels_those_of_y_are_not_held_against_them_but_for_dates():
    """Oracle: the rule: numbers may count something else."""
    X = label(DAYS)
    for index in [pd.RangeIndex(3), [7, 6, 5], ["a", "b", "c"], DAYS]:
        labels = read_labels(X, pd.Series(range(3), index=index), must_increase=True)
        np.testing.assert_array_equal(labels.values, DAYS.to_numpy())


@pytest.mark.parametrize("y", [None, [1, 2, 3], np.arange(3), pd.Series([1.0], index=DAYS[:1])])
def test_a_y_without_labels_or_of_another_length_labels_nothing(y):
    """Oracle: the rule; that lengths differ is told elsewhere."""
    assert read_labels(np.zeros((3, 1)), y) is None


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (pd.RangeIndex(3), True),
        (pd.Index([0, 1, 2], dtype="Int64"), True),
        (pd.RangeIndex(1, 4), False),
        (pd.Index([0, None, 2], dtype="Int64"), False),
        (pd.Index(["0", "1", "2"]), False),
        (DAYS, False),
        (pd.MultiIndex.from_arrays([range(3)]), False),
    ],
    ids=str,
)
def test_a_table_is_numbered_from_zero_or_not(index, expected):
    """Oracle: by hand."""
    assert is_numbered(label(index)) == expected
    assert is_numbered(without_labels(label(index)))
    assert not is_numbered(np.zeros((3, 1)))


# Rows to come

CONTINUED = {
    "integers": pd.RangeIndex(100, 140),
    "every tenth": pd.RangeIndex(100, 500, 10),
    "floats": pd.Index(np.arange(40) * 0.1 + 7),
    "durations": pd.timedelta_range("1h", periods=40, freq="30min"),
    "days": pd.date_range("2024-01-01", periods=40),
    "business days": pd.date_range("2024-01-01", periods=40, freq="B"),
    "month ends": pd.date_range("2024-01-31", periods=40, freq="ME"),
    "months": pd.period_range("2024-01", periods=40, freq="M"),
    "hours over the change of the clock": pd.date_range(
        "2024-03-30", periods=40, freq="h", tz="Europe/Berlin"
    ),
    "days over the change of the clock": pd.date_range(
        "2024-03-10", periods=40, freq="D", tz="Europe/Berlin"
    ),
}


def drop_frequency(index):
    return pd.DatetimeIndex(index, freq=None) if isinstance(index, pd.DatetimeIndex) else index


@pytest.mark.parametrize("has_frequency", [True, False])
@pytest.mark.parametrize("name", CONTINUED)
def test_rows_to_come_must_continue_those_before_them(name, has_frequency):
    """Oracle: the index itself, cut in two; one label late, early, or newest first is refused."""
    index = CONTINUED[name] if has_frequency else drop_frequency(CONTINUED[name])
    rows = read_labels(label(index[:34]))
    refuse_other_continuation(rows, read_labels(label(index[34:37])))
    for begin, end in [(35, 38), (33, 36), (0, 3)]:
        with pytest.raises(ValueError, match="should be"):
            refuse_other_continuation(rows, read_labels(label(index[begin:end])))
    with pytest.raises(ValueError, match="Row 1 of known"):
        refuse_other_continuation(rows, read_labels(label(index[[34, 36]])))


def test_the_message_shows_the_date_that_is_expected_and_the_one_given():
    """Oracle: by hand."""
    rows = read_labels(label(pd.date_range("2024-01-01", periods=5, tz="Europe/Berlin")))
    late = read_labels(label(pd.date_range("2024-01-07", periods=2, tz="Europe/Berlin")))
    message = (
        r"Row 0 of known is labelled 2024-01-07 00:00:00\+01:00, but should be "
        r"2024-01-06 00:00:00\+01:00, because the last row before is 2024-01-05 00:00:00\+01:00"
    )
    with pytest.raises(ValueError, match=message):
        refuse_other_continuation(rows, late)
    with pytest.raises(TypeError, match="The dates of known have no time zone"):
        refuse_other_continuation(rows, read_labels(label(pd.date_range("2024-01-06", periods=2))))


@pytest.mark.parametrize(
    ("days", "is_refused"),
    [([10], False), ([12], False), ([13], True), ([9], True), ([10, 14], True)],
)
def test_after_uneven_steps_rows_to_come_are_later_by_no_more_than_the_longest(days, is_refused):
    """Oracle: by hand: the steps are 1, 3, 2 and 2 days up to day 9."""
    first = pd.Timestamp("2024-01-01")
    rows = read_labels(label(first + pd.to_timedelta([1, 2, 5, 7, 9], "D")))
    later = read_labels(label(first + pd.to_timedelta(days, "D")))
    if not is_refused:
        refuse_other_continuation(rows, later)
        return
    with pytest.raises(ValueError, match="should be a later label close to it"):
        refuse_other_continuation(rows, later)


def test_labels_of_another_kind_say_nothing_of_rows_to_come():
    """Oracle: the rule: kinds are not compared."""
    refuse_other_continuation(read_labels(label(DAYS)), Labels(np.array([700, 701])))


@given(
    kind=st.sampled_from(sorted(CONTINUED)),
    order=st.permutations(range(6)),
    on_y=st.booleans(),
)
def test_any_order_but_the_first_is_refused_wherever_the_labels_are(kind, order, on_y):
    """Oracle: the order itself. Floats and durations are warned of and label nothing."""
    rows = label(CONTINUED[kind][3:9]).iloc[order]
    X, y = (np.zeros((6, 1)), rows["a"]) if on_y else (rows, None)
    is_sorted = list(order) == list(range(6))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            labels = read_labels(X, y, must_increase=True)
        except ValueError:
            assert not is_sorted and kind not in {"floats", "durations"}
        else:
            assert (labels is not None) == is_sorted
            assert len(caught) == (not is_sorted)
