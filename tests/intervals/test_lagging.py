"""The copy that lags behind: which rows it has seen, and which follow."""

import numpy as np
import pandas as pd
import pytest
from small_paths import Paths, draw_paths

from sklstm._intervals.lagging import join_rows, lag_behind, take_rows

X, Y = draw_paths(30)
DATES = pd.date_range("2020", periods=30)


def frame(index=None):
    return pd.DataFrame(X, columns=["a", "b"], index=index)


@pytest.mark.parametrize("blocks", [[10], [1] * 10, [3, 0, 7], [2, 2, 6]])
def test_its_history_ends_some_rows_before_the_newest(blocks):
    """Oracle: by hand; 20 rows are kept and follow, then come 10 more, and 4 lie behind them."""
    model = Paths().fit(X[:15], Y[:15])
    behind = lag_behind(model, X[15:20], Y[15:20], 4)
    assert model.kept_.tolist() == X[:15].tolist()
    first = 20
    for size in blocks:
        newer = slice(first, first + size)
        followed = behind.followed_by(X[newer], Y[newer])
        assert followed.X.tolist() == X[first - 4 : first + size].tolist()
        behind, first = followed.move_on(), first + size
    assert behind.estimator.kept_.tolist() == X[:26].tolist()
    assert behind.X.tolist() == X[26:].tolist()
    assert behind.y.tolist() == Y[26:].tolist()


def test_targets_may_come_as_a_column_but_not_with_more_outputs():
    behind = lag_behind(Paths().fit(X, Y), X, Y, 4)
    assert behind.followed_by(X[:5], Y[:5, None]).y.shape == (9,)
    with pytest.raises(ValueError, match=r"shape \(5, 2\); in fit it was \('n_rows',\)"):
        behind.followed_by(X[:5], X[:5])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        behind.followed_by(X[:5], Y[:4])


def test_arrays_are_joined_as_arrays():
    assert join_rows(X[:3], X[3:5].tolist()).tolist() == X[:5].tolist()


@pytest.mark.parametrize("index", [None, DATES, DATES.strftime("day %d"), np.arange(30) + 7])
def test_tables_keep_an_index_that_goes_on(index):
    """Oracle: the table that was cut; an index of texts labels nothing and may be dropped."""
    whole = frame(index)
    joined = join_rows(whole[4:20], whole[20:])
    np.testing.assert_array_equal(joined, whole[4:])
    if index is None or not isinstance(index[0], str):
        assert joined.index.tolist() == whole.index[4:].tolist()


def test_rows_that_one_side_alone_labels_have_no_labels():
    """Oracle: by hand; the columns are those of the table."""
    for older, newer in [
        (frame(DATES)[:20], X[20:]),
        (X[:20], frame(DATES)[20:]),
        (frame(DATES)[:20], frame()[20:].reset_index(drop=True)),
        (frame(DATES)[:20], frame()[20:]),  # integers do not go on after dates
    ]:
        pd.testing.assert_frame_equal(join_rows(older, newer), frame())


def test_a_part_of_rows_without_labels_has_none_either():
    """Oracle: by hand; a part of rows numbered 0 .. n-1 would keep numbers that label it."""
    assert take_rows(frame(), slice(20, 23)).index.tolist() == [0, 1, 2]
    assert take_rows(frame(DATES), slice(20, 23)).index.tolist() == DATES[20:23].tolist()
    assert take_rows(X, slice(20, 23)).tolist() == X[20:23].tolist()


def test_other_tables_are_joined_too():
    """Oracle: pandas; polars names its columns alike."""
    polars = pytest.importorskip("polars")
    whole = polars.DataFrame(frame().to_dict("list"))
    pd.testing.assert_frame_equal(join_rows(whole[:20], whole[20:]), frame())
