"""What the rivals read, and how far ahead they forecast, by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sklstm import BayesTimeSeriesSearchCV, LastValueRegressor, LSTMRegressor
from sklstm.evaluation._rivals import Reading, Rivals, find_reading, read_numbers
from sklstm.evaluation._target_seasons import TargetSeasons

ROWS = pd.DataFrame({"text": list("ab"), "load": [1.0, 2.0], "hour": [3.0, 4.0]})
NAMES = ["load", "hour"]


def tuned(**params):
    """A search that says what it found, without having looked."""
    search = BayesTimeSeriesSearchCV(LSTMRegressor(horizon=4))
    search.best_estimator_ = LSTMRegressor(horizon=4, **params)
    return search


@pytest.mark.parametrize(
    ("models", "reading"),
    [
        ([LSTMRegressor(horizon=3)], Reading(3, 8, None)),
        ([Ridge(), make_pipeline(LSTMRegressor(window_length=5))], Reading(1, 5, None)),
        ([tuned(window_length=24, known_columns="hour")], Reading(4, 24, (1,))),
        ([LSTMRegressor(known_columns=[2])], Reading(1, 8, (1,))),  # of all columns of X
        ([LSTMRegressor(known_columns=["hour", "load", "text"])], Reading(1, 8, (1, 0))),
        ([LSTMRegressor(known_columns=["onehot_a", 9])], Reading(1, 8, ())),  # made by a step
        ([LastValueRegressor(horizon=2)], Reading(2, None, None)),
        ([Ridge()], Reading(None, None, None)),
    ],
    ids=repr,
)
def test_what_models_read_is_told_by_their_parameters(models, reading):
    """Oracle: by hand; the columns that are numbers are load, 0, and hour, 1."""
    assert find_reading(models, ROWS, NAMES) == reading


def test_the_rivals_read_what_they_are_told_and_say_it():
    """Oracle: by hand."""
    rivals = Rivals(horizon=24, seasons=TargetSeasons(7, (7, 28)), window_length=5, known=(1,))
    made = rivals.make()
    assert [model.horizon for model in made.values()] == [24] * 4
    assert made["seasonal naive"].season_length == 7
    for name in ["ridge on lags", "gradient boosting on lags"]:
        assert (made[name].window_length, made[name].known_columns) == (5, [1])
        assert made[name].seasons == (7, 28)
    assert rivals.describe(NAMES) == {
        "last value": "1 row",
        "seasonal naive": "seasons of 7 rows",
        "ridge on lags": "5 rows, seasons of 7 and 28 rows, known: hour",
        "gradient boosting on lags": "5 rows, seasons of 7 and 28 rows, known: hour",
    }


def test_numbers_are_read_across_blocks_and_missing_ones_stay_missing():
    """Oracle: by hand; digits in an object column are numbers, a column with a word is none."""
    blocks = (
        pd.DataFrame({"a": [np.nan, 2.0], "b": ["x", "y"], "c": ["1", "2"], "d": [1, 2]}),
        pd.DataFrame({"a": [3, 4.0], "b": ["z", "x"], "c": [None, 5], "d": ["q", 2]}, index=[5, 7]),
    )
    before, after = read_numbers(*blocks)
    pd.testing.assert_frame_equal(before, pd.DataFrame({"a": [np.nan, 2], "c": [1.0, 2]}))
    expected = pd.DataFrame({"a": [3.0, 4], "c": [np.nan, 5]}, index=[5, 7])
    pd.testing.assert_frame_equal(after, expected)
    (table,) = read_numbers(np.array([[1, 2], [3, 4]]))
    np.testing.assert_array_equal(table, [[1.0, 2.0], [3.0, 4.0]])


def test_rows_without_numbers_are_refused():
    """Oracle: the message."""
    with pytest.raises(ValueError, match="no numeric column"):
        read_numbers(pd.DataFrame({"a": ["x", "y"]}))
