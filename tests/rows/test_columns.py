"""Columns by name or position, against positions counted by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline

from sklstm import LastValueRegressor
from sklstm._rows.columns import locate_column, locate_columns

NAMES = np.array(["open", "close", "volume"], dtype=object)  # as scikit-learn keeps them


@pytest.mark.parametrize(
    ("columns", "positions"),
    [
        (None, ()),
        ([], ()),
        ("close", (1,)),
        (2, (2,)),
        (np.int64(0), (0,)),
        (["volume", "open"], (2, 0)),  # the user's order
        (("open", 2), (0, 2)),
        (np.array([1, 2]), (1, 2)),
        (np.array(["open", "close"]), (0, 1)),
        (pd.Index(["volume"]), (2,)),
    ],
)
def test_names_and_positions_are_located(columns, positions):
    """Oracle: by hand, in the list of names."""
    assert locate_columns("known_columns", columns, 3, NAMES) == positions


def test_positions_need_no_names():
    assert locate_columns("known_columns", [2, 0], 3) == (2, 0)


@pytest.mark.parametrize("column", [-1, 3, "high", 1.0, True, None, ["close"]])
def test_what_is_no_column_is_refused_with_the_columns_there_are(column):
    message = (
        r"known_columns=.* is not a column of X. Use a position from 0 to 2 or one of the names "
        r"\['open', 'close', 'volume'\]"
    )
    with pytest.raises(ValueError, match=message):
        locate_column("known_columns", column, 3, NAMES)


def test_a_name_without_names_points_to_giving_some():
    with pytest.raises(ValueError, match="Use a position from 0 to 2, or give X column names"):
        locate_columns("window_columns", "close", 3)


def test_a_name_behind_a_step_that_drops_names_points_to_set_output():
    """Oracle: the way out itself, which works (issue 18, point 23)."""
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 2)).cumsum(axis=0))
    frame.columns = ["close", "volume"]
    step = make_column_transformer(
        ("passthrough", ["close", "volume"]), verbose_feature_names_out=False
    )
    pipeline = make_pipeline(step, LastValueRegressor(target_column="close"))
    with pytest.raises(ValueError, match=r'steps before .* call set_output\(transform="pandas"\)'):
        pipeline.fit(frame, frame["close"])
    step.set_output(transform="pandas")
    assert pipeline.fit(frame, frame["close"])[-1].target_column_ == [0]


@pytest.mark.parametrize("columns", [["close", "close"], ["close", 1], [0, 2, 0]])
def test_a_column_named_twice_is_refused(columns):
    with pytest.raises(ValueError, match=r"known_columns=.* names a column twice"):
        locate_columns("known_columns", columns, 3, NAMES)
