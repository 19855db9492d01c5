"""Forecasts that are fed back, beside a recursion written out by hand."""

import numpy as np
import pytest
from small_regressor import bare

from sklstm._lstm.feedback import forecast_rows, refuse_unknown_columns


def make_forecaster(steps, columns=1):
    """A forecaster of a series that halves in each row; further columns are constant."""
    X = np.ones((60, columns))
    X[:, 0] = 2.0 ** -np.arange(60)
    regressor = bare(steps=steps, linear_start=True, window_length=1).fit(X, X[:, 0])
    forecaster = regressor._forecaster
    return forecaster, forecaster.find_place(X, None, "none").make_windows(X)


@pytest.mark.parametrize("steps", [1, 3])
def test_each_path_is_forecast_from_the_one_before(steps):
    """Oracle: paths of the rows with the forecasts so far behind them."""
    forecaster, windows = make_forecaster(steps, columns=2)
    found = forecast_rows(forecaster, windows, np.full((8, 2), np.nan))
    expected = np.zeros(0)
    for _ in range(0, 8, steps):
        told = windows.followed_by(np.column_stack([expected, np.ones(len(expected))]))
        row = np.array([len(told)])
        later = told.followed_by(np.full((steps, 2), np.nan))
        expected = np.append(expected, forecaster.predict_steps(later, row)[0])
    np.testing.assert_array_equal(found, expected[:8])


def test_a_column_that_moves_by_itself_is_refused_with_its_name():
    forecaster, windows = make_forecaster(2, columns=2)
    refuse_unknown_columns(forecaster, windows, 9, str)
    windows.block[5, 1] = 3.0
    with pytest.raises(ValueError, match=r"n_rows=9 .* only the next 2 rows .* but column 1 of X"):
        refuse_unknown_columns(forecaster, windows, 9, str)
