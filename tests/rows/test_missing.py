"""The rows that have NaN or infinity, named."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_regressor import tiny

from sklstm import LastValueRegressor, SeasonalNaiveRegressor
from sklstm._rows.missing import naming_rows
from sklstm.evaluation._lags import make_ridge_on_lags

N_ROWS = 40
X = np.random.default_rng(0).normal(size=(N_ROWS, 3)).cumsum(axis=0)
DATES = pd.date_range("2024-01-01", periods=N_ROWS)
FILLING = [LastValueRegressor(), SeasonalNaiveRegressor(), make_ridge_on_lags()]
NAN_IN_X = (
    r"^Input X contains NaN in 2 of 40 rows: row 5 \(2024-01-06.*\) and row 7 \(2024-01-08.*\), in "
    r"column 'b'\. Do not drop these rows: windows count rows.*X\.ffill\(\) or with an imputer.*"
    r"https://\S+/missing_values\.html$"
)
NAN_IN_Y = (
    r"^Input y contains NaN in 1 of 40 rows: row 9 \(2024-01-10.*\)\. Do not drop .*any finite y "
    r"and sample_weight=0; see https://\S+/missing_values\.html$"
)


def spoil(table, rows, column, value):
    table = table.copy()
    table[rows, column] = value
    return table


def as_frame(rows):
    return pd.DataFrame(rows, index=DATES, columns=["a", "b", "c"])


def test_rows_with_nan_are_named_with_the_ways_out():
    """Oracle: by hand; scikit-learn's text says "drop samples" (issue 18, point 20)."""
    forecaster = tiny()
    gappy, y = as_frame(spoil(X, [5, 7], 1, np.nan)), pd.Series(X[:, 0], DATES)
    with pytest.raises(ValueError, match=NAN_IN_X):
        forecaster.fit(gappy, y)
    with pytest.raises(ValueError, match=NAN_IN_Y):
        forecaster.fit(as_frame(X), y.where(DATES[9] != DATES))
    forecaster.fit(as_frame(X), y)
    with pytest.raises(ValueError, match=NAN_IN_X):
        forecaster.predict(gappy)


@pytest.mark.parametrize("forecaster", FILLING, ids=["last value", "season", "lags"])
def test_naive_forecasts_fill_x_and_refuse_a_gap_in_y(forecaster):
    """Oracle: the rows filled forward."""
    gappy, y = as_frame(spoil(X, [5, 7, 30], 1, np.nan)), pd.Series(X[:, 0], DATES)
    with pytest.raises(ValueError, match=NAN_IN_Y):
        forecaster.fit(gappy, y.where(DATES[9] != DATES))
    predicted = forecaster.fit(gappy[:30], y[:30]).predict(gappy[30:])
    filled = gappy.ffill()
    expected = forecaster.fit(filled[:30], y[:30]).predict(filled[30:])
    np.testing.assert_array_equal(predicted, expected)


def test_rows_with_infinity_are_named_too():
    """Oracle: by hand."""
    message = r"Input X contains infinity in 1 of 40 rows: row 3, in column 2\. Do not drop"
    for value in (np.inf, -np.inf):
        with pytest.raises(ValueError, match=message):
            LastValueRegressor().fit(spoil(X, 3, 2, value), X[:, 0])


def test_of_many_rows_and_columns_the_first_are_named_and_all_counted():
    """Oracle: by hand."""
    wide = np.tile(X, (1, 2))
    wide[10:, 1:] = np.nan
    message = (
        r"in 30 of 40 rows: row 10, row 11, row 12 and 27 more, in columns 1, 2, 3 and 2 more\."
    )
    with pytest.raises(ValueError, match=message):
        tiny().fit(wide, X[:, 0])


KINDS = {
    "array": lambda table: table,
    "list": lambda table: table.tolist(),
    "objects": lambda table: table.astype(object),
    "frame": pd.DataFrame,
    "nullable": lambda table: pd.DataFrame(table).convert_dtypes(),
    "pyarrow": lambda table: pd.DataFrame(table).convert_dtypes(dtype_backend="pyarrow"),
}


@given(
    rows=st.sets(st.integers(0, N_ROWS - 1), min_size=1),
    column=st.integers(0, 2),
    kind=st.sampled_from(list(KINDS)),
)
def test_the_first_row_and_the_number_of_rows_are_right_in_every_table(rows, column, kind):
    """Oracle: the rows that were spoilt."""
    gappy = KINDS[kind](spoil(X, list(rows), column, np.nan))
    message = f"X contains NaN in {len(rows)} of 40 rows: row {min(rows)}\\b.*, in column {column}"
    with pytest.raises(ValueError, match=message):
        tiny().fit(gappy, X[:, 0])


def test_other_errors_stay_as_they_are():
    """Oracle: the error itself, also where X is no table."""
    for message in ("X contains NaN", "Input X contains NaN.", "Input sample_weight contains NaN"):
        error = ValueError(message)
        with pytest.raises(ValueError, match="contains NaN") as caught, naming_rows(X=X, y=X):
            raise error
        assert str(caught.value) == message
