"""What the rivals read, and how far ahead they forecast, by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sklstm import BayesTimeSeriesSearchCV, LSTMRegressor
from sklstm.rivals import find_horizon, read_numbers


@pytest.mark.parametrize(
    ("models", "lead", "horizon"),
    [
        ([LSTMRegressor(horizon=3)], 0, 3),
        ([Ridge(), make_pipeline(LSTMRegressor(horizon=2))], 0, 2),
        ([BayesTimeSeriesSearchCV(LSTMRegressor(horizon=4))], 0, 4),
        ([Ridge()], 0, 1),
        ([Ridge()], 1, 0),
        ([LSTMRegressor(horizon=0)], 1, 0),
    ],
)
def test_the_rivals_forecast_as_far_ahead_as_the_models(models, lead, horizon):
    """Oracle: by hand."""
    assert find_horizon(models, lead) == horizon


def test_numbers_are_read_across_blocks_and_missing_ones_repeat_the_row_before():
    """Oracle: by hand; the first row of a block goes on from the last one of the block before."""
    blocks = (
        pd.DataFrame({"a": [np.nan, 2.0], "b": ["x", "y"]}),
        pd.DataFrame({"a": [np.nan, 4.0], "b": ["z", "x"]}, index=[5, 7]),
    )
    before, after = read_numbers(*blocks)
    pd.testing.assert_frame_equal(before, pd.DataFrame({"a": [2.0, 2.0]}))
    pd.testing.assert_frame_equal(after, pd.DataFrame({"a": [2.0, 4.0]}, index=[5, 7]))
    (array,) = read_numbers(np.array([[1, 2], [3, 4]]))
    np.testing.assert_array_equal(array, [[1.0, 2.0], [3.0, 4.0]])


def test_rows_without_numbers_are_refused():
    """Oracle: the message."""
    with pytest.raises(ValueError, match="no column of numbers"):
        read_numbers(pd.DataFrame({"a": ["x", "y"]}))
