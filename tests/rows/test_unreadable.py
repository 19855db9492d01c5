"""Columns that are no numbers, refused by name."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import BaseEstimator
from small_regressor import tiny

from sklstm import LastValueRegressor
from sklstm._rows.reading import read_new_rows, read_rows

N_ROWS = 40
Y = np.random.default_rng(0).normal(size=N_ROWS).cumsum()
DAYS = pd.date_range("2024-01-01", periods=N_ROWS)
INDEX = "Make them the index of X, or turn them into numbers"
ENCODER = "with a OneHotEncoder in a ColumnTransformer"
# What a column holds, what it is called, and the way out.
COLUMNS = {
    "dates": (DAYS, "dates", INDEX),
    "dates with a zone": (DAYS.tz_localize("Asia/Tokyo"), "dates", INDEX),
    "periods": (DAYS.to_period("D"), "dates", INDEX),
    "date objects": (pd.Series([day.date() for day in DAYS]), "dates", INDEX),
    "Timestamps": (pd.Series(list(DAYS), dtype=object), "dates", INDEX),
    "dates of pyarrow": (pd.Series(DAYS).astype("timestamp[ns][pyarrow]"), "dates", INDEX),
    "days of pyarrow": (pd.Series(DAYS).dt.date.astype("date32[pyarrow]"), "dates", INDEX),
    "durations": (pd.Series(DAYS - DAYS[0]), "durations", "such as seconds"),
    "texts": (pd.Series(["low", "high"] * (N_ROWS // 2)), "texts", ENCODER),
    "text objects": (pd.Series(["low", None] * (N_ROWS // 2), dtype=object), "texts", ENCODER),
    "categories": (pd.Categorical(["low", "high"] * (N_ROWS // 2)), "texts", ENCODER),
    "dicts": (pd.Series([{"a": 1}] * N_ROWS), "values that are not numbers", "Turn them into numb"),
}


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_that_is_no_number_is_named_with_the_way_out(name, alone):
    """Oracle: by hand; NumPy's error names types only, and takes dates alone for numbers.

    Issue 18, point 23.
    """
    values, kind, way_out = COLUMNS[name]
    frame = pd.DataFrame({"when": values} if alone else {"load": Y, "when": values})
    message = f"X has {kind} in column 'when'.*{way_out}.*, or leave them out"
    with pytest.raises((TypeError, ValueError), match=message):
        LastValueRegressor().fit(frame, Y)
    forecaster = BaseEstimator()
    read_rows(forecaster, pd.DataFrame({name: Y for name in frame}), Y)
    with pytest.raises((TypeError, ValueError), match=message):
        read_new_rows(forecaster, frame)


def test_all_columns_of_the_first_kind_are_named():
    """Oracle: by hand."""
    frame = pd.DataFrame({"a": DAYS, "b": Y, "c": list("xy") * 20, "d": DAYS})
    with pytest.raises(TypeError, match="X has dates in columns 'a' and 'd'"):
        tiny().fit(frame, Y)
    with pytest.raises(ValueError, match=r"X has texts in column 'c': could not convert string"):
        tiny().fit(frame[["b", "c"]], Y)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: DAYS.to_numpy()[:, None], "column 0"),
        (lambda: np.column_stack([Y, np.array(DAYS, dtype=object)]), "column 1"),
        (lambda: [[number, day] for number, day in zip(Y, DAYS, strict=True)], "column 1"),
        (lambda: pl.DataFrame({"load": Y, "when": DAYS.to_numpy()}), "column 'when'"),
        (lambda: pl.DataFrame({"when": DAYS.to_numpy()}), "column 'when'"),
    ],
    ids=["array", "objects", "list", "polars", "polars alone"],
)
def test_dates_in_other_tables_are_named_too(make, named):
    """Oracle: by hand."""
    with pytest.raises(TypeError, match=f"X has dates in {named}"):
        LastValueRegressor().fit(make(), Y)


@pytest.mark.parametrize(
    "values",
    [
        [str(number) for number in range(N_ROWS)],
        [True, False] * (N_ROWS // 2),
        pd.Categorical([1, 2] * (N_ROWS // 2)),
        pd.array(range(N_ROWS), dtype="Int64"),
        np.array(range(N_ROWS), dtype=object),
    ],
    ids=["digits", "bool", "categories of numbers", "nullable", "objects"],
)
def test_what_numbers_can_be_read_from_is_read(values):
    """Oracle: NumPy's own reading."""
    rows = read_rows(BaseEstimator(), pd.DataFrame({"load": Y, "other": values}), Y)
    np.testing.assert_array_equal(rows.X[:, 1], np.asarray(values, dtype=np.float64))


def test_other_errors_stay_as_they_are():
    """Oracle: scikit-learn's messages."""
    with pytest.raises(ValueError, match="Complex data not supported"):
        LastValueRegressor().fit(Y[:, None] + 1j, Y)
    with pytest.raises(ValueError, match="Expected 2D array"):
        LastValueRegressor().fit(Y, Y)
