"""Which columns are numbers, and which of them are missing."""

import datetime as dt
import decimal
import fractions

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.utils import check_array

from sklstm._rows.number_columns import (
    fill_forward,
    find_range,
    hide_weightless,
    read_outputs,
    read_table,
)

NAN = np.nan
NUMBERS = {
    "float": [1.0, NAN, 3.0],
    "float32": np.array([1.0, NAN, 3.0], dtype=np.float32),
    "object": pd.Series([1, None, 3.0], dtype=object),
    "Decimal": pd.Series([decimal.Decimal(1), None, decimal.Decimal(3)], dtype=object),
    "fraction": pd.Series([fractions.Fraction(1), None, fractions.Fraction(3)], dtype=object),
    "digits": pd.Series(["1", None, "3.0"], dtype=object),
    "digits as string": pd.Series(["1", None, "3"], dtype="string[pyarrow]"),
    "Int64": pd.array([1, None, 3], dtype="Int64"),
    "arrow": pd.array([1, None, 3], dtype="int64[pyarrow]"),
    "category": pd.Categorical([1, None, 3]),
    "category of digits": pd.Categorical(["1", None, "3"]),
    "infinite": [1.0, np.inf, 3.0],
}
OTHERS = {
    "text": ["1", "2", "x"],
    "date": pd.date_range("2024-01-01", periods=3),
    "date in a zone": pd.date_range("2024-01-01", periods=3, tz="UTC"),
    "date object": pd.Series([dt.date(2024, 1, 1)] * 3, dtype=object),
    "period": pd.period_range("2024-01-01", periods=3, freq="D"),
    "duration": pd.to_timedelta([1, 2, 3], "h"),
    "complex": [1j, 2.0, 3.0],
    "complex object": pd.Series([1j, 2.0, 3.0], dtype=object),
    "list": pd.Series([[1], [2], [3]], dtype=object),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_read_whatever_holds_them(name):
    """Oracle: by hand: 1, nothing, 3."""
    frame = pd.DataFrame({"before": OTHERS["text"], name: NUMBERS[name]}).set_index([[4, 5, 7]])
    expected = pd.DataFrame({name: [1.0, NAN, 3.0]}, index=[4, 5, 7])
    pd.testing.assert_frame_equal(read_table(frame), expected)
    np.testing.assert_array_equal(read_outputs(frame[name]), expected)


@pytest.mark.parametrize("name", OTHERS)
def test_other_columns_are_passed_over(name):
    """Oracle: by hand."""
    table = read_table(pd.DataFrame({name: OTHERS[name], "a": [1.0, 2.0, 3.0]}))
    assert table.columns.to_list() == ["a"]
    assert read_outputs(pd.DataFrame({name: OTHERS[name]})) is None


def test_truth_values_are_numbers():
    """Oracle: scikit-learn's own reading of them."""
    frame = pd.DataFrame({"b": [True, False], "B": pd.array([True, None], dtype="boolean")})
    np.testing.assert_array_equal(read_table(frame), [[1.0, 1.0], [0.0, NAN]])


@given(
    dtype=st.sampled_from(["float64", "float32", "int8", "object", "str", "bool", "U8"]),
    values=st.lists(st.integers(0, 1), min_size=2, max_size=6),
    as_frame=st.booleans(),
)
def test_tables_without_gaps_are_what_scikit_learn_reads(dtype, values, as_frame):
    """Oracle: check_array, which reads X in every fit."""
    rows = np.array(values)[:, None].astype(dtype)
    if dtype == "bool":
        rows = rows.astype(bool)
    X = pd.DataFrame(rows) if as_frame else rows
    np.testing.assert_array_equal(read_table(X), check_array(X, dtype=np.float64))


def test_tables_of_other_kinds():
    """Oracle: by hand; sparse rows are no table that could be searched for a target."""
    np.testing.assert_array_equal(read_table([[1, 2], [3, 4]]), [[1.0, 2.0], [3.0, 4.0]])
    frame = pl.DataFrame({"a": [1.0, None], "b": ["x", "y"]})
    np.testing.assert_array_equal(read_table(frame), [[1.0], [NAN]])
    assert read_table(sparse.csr_array(np.eye(3))).shape == (3, 0)
    assert read_table(np.zeros((3, 2, 2))).shape == (3, 0)
    assert read_table(pd.Series([1.0, 2.0])).shape == (2, 1)


def test_targets_of_weight_zero_are_hidden():
    """Oracle: by hand."""
    y = np.array([[1.0], [2.0], [3.0]])
    np.testing.assert_array_equal(hide_weightless(y, [1.0, 0.0, 5.0]), [[1.0], [NAN], [3.0]])
    assert hide_weightless(y, None) is y
    assert hide_weightless(y, 2.0) is y
    np.testing.assert_array_equal(read_outputs([1, 2, 3], [0, 1, 1]), [[NAN], [2.0], [3.0]])
    with pytest.raises(ValueError, match=r"sample_weight has the shape \(2,\), but y has 3 rows"):
        hide_weightless(y, [1.0, 0.0])


def test_the_last_number_is_repeated():
    """Oracle: by hand."""
    rows = np.array([[NAN, 1.0], [2.0, NAN], [NAN, NAN], [3.0, 4.0]])
    expected = [[NAN, 1.0], [2.0, 1.0], [2.0, 1.0], [3.0, 4.0]]
    np.testing.assert_array_equal(fill_forward(rows), expected)
    np.testing.assert_array_equal(fill_forward(rows[3:]), [[3.0, 4.0]])


def test_the_range_is_that_of_the_numbers_that_are_there():
    """Oracle: by hand."""
    rows = np.array([[NAN, 1.0], [2.0, NAN], [-3.0, 4.0]])
    assert find_range(rows) == (-3.0, 4.0)
    np.testing.assert_array_equal(find_range(rows, axis=0), [[-3.0, 1.0], [2.0, 4.0]])
