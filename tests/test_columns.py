"""Columns by name or position, against positions counted by hand."""

import numpy as np
import pandas as pd
import pytest

from sklstm.columns import locate_column, locate_columns

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
        r"known_columns=.* is no column of X. Use a position from 0 to 2 or one of the names "
        r"\['open', 'close', 'volume'\]"
    )
    with pytest.raises(ValueError, match=message):
        locate_column("known_columns", column, 3, NAMES)


def test_a_name_without_names_points_to_giving_some():
    with pytest.raises(ValueError, match="Use a position from 0 to 2, or give X column names"):
        locate_columns("window_columns", "close", 3)


@pytest.mark.parametrize("columns", [["close", "close"], ["close", 1], [0, 2, 0]])
def test_a_column_named_twice_is_refused(columns):
    with pytest.raises(ValueError, match=r"known_columns=.* names a column twice"):
        locate_columns("known_columns", columns, 3, NAMES)
