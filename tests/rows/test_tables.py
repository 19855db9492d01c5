"""Tables, and names in a message, by hand."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from sklstm._rows.tables import join_names, name_columns, to_frame


@pytest.mark.parametrize("make", [np.array, list, pd.DataFrame, pl.DataFrame])
def test_tables_of_any_kind_become_frames(make):
    """Oracle: by hand; polars reads lists as columns."""
    rows = [[1.0, 2.0], [2.0, 3.0]]
    np.testing.assert_array_equal(to_frame(make(rows)), rows)


@pytest.mark.parametrize("table", [np.ones((2, 2, 2)), sparse.eye_array(3), 5.0], ids=str)
def test_what_is_no_table_becomes_none(table):
    assert to_frame(table) is None


@pytest.mark.parametrize(
    ("names", "n_all", "text"),
    [
        (["a"], 1, "a"),
        (["a", "b"], 2, "a and b"),
        (["a", "b", "c"], 3, "a, b and c"),
        (["a", "b"], 7, "a, b and 5 more"),
    ],
)
def test_names_are_joined_and_others_counted(names, n_all, text):
    assert join_names(names, n_all) == text


def test_columns_are_named_as_the_user_wrote_them():
    assert name_columns(pd.Index(["load"])) == "column 'load'"
    assert name_columns(pd.RangeIndex(5)) == "columns 0, 1, 2 and 2 more"
