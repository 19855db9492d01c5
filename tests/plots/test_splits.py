"""Which rows each fold trains on, and which it tests on: the bars drawn."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.dates import num2date
from sklearn.model_selection import KFold, TimeSeriesSplit

from sklstm.plots import SplitDisplay

X = np.zeros((40, 1))


def bars(container):
    """Fold, left and right end of each bar."""
    return [
        (round(bar.get_y() + bar.get_height() / 2), bar.get_x(), bar.get_x() + bar.get_width())
        for bar in container
    ]


def test_training_rows_gap_and_test_rows_of_each_fold_are_bars():
    """Oracle: by hand; four blocks of ten rows, two rows left out before each test block."""
    display = SplitDisplay.from_cv(TimeSeriesSplit(3, gap=2), X)
    assert bars(display.bars_["train"]) == [(0, 0, 8), (1, 0, 18), (2, 0, 28)]
    assert bars(display.bars_["gap"]) == [(0, 8, 10), (1, 18, 20), (2, 28, 30)]
    assert bars(display.bars_["test"]) == [(0, 10, 20), (1, 20, 30), (2, 30, 40)]
    top, bottom = display.ax_.transData.transform([(0, 0), (0, 2)])[:, 1]
    assert top > bottom
    assert "first window" not in display.bars_


def test_the_first_window_ends_the_horizon_before_the_first_test_row():
    """Oracle: the rule; rows t - h - w + 1 .. t - h with t = 10, h = 3, w = 4."""
    display = SplitDisplay.from_cv(TimeSeriesSplit(3), X, window_length=4, horizon=3)
    assert display.windows[0].tolist() == [4, 5, 6, 7]
    assert bars(display.bars_["first window"])[0] == (0, 4, 8)


def test_an_int_or_none_is_a_time_series_split_and_no_gap_is_no_bar():
    display = SplitDisplay.from_cv(3, X)
    assert bars(display.bars_["train"]) == [(0, 0, 10), (1, 0, 20), (2, 0, 30)]
    assert "gap" not in display.bars_
    assert len(SplitDisplay.from_cv(None, X).train) == 5


def test_training_rows_on_both_sides_are_two_bars():
    display = SplitDisplay.from_cv(KFold(4), X)
    assert [bar for bar in bars(display.bars_["train"]) if bar[0] == 1] == [(1, 0, 10), (1, 20, 40)]


def test_folds_may_be_listed_and_need_not_be_sorted():
    display = SplitDisplay.from_cv([([3, 1, 2, 0], [6, 5])], X)
    assert bars(display.bars_["train"]) == [(0, 0, 4)]
    assert bars(display.bars_["gap"]) == [(0, 4, 5)]


def test_dates_stand_on_a_date_axis():
    """Oracle: pandas."""
    days = pd.date_range("2020-01-01", periods=40)
    display = SplitDisplay.from_cv(3, pd.DataFrame(X, days))
    _, left, right = bars(display.bars_["test"])[0]
    ends = [num2date(end).date() for end in (left, right)]
    assert ends == [days[10].date(), days[20].date()]
    assert display.ax_.get_xlabel() == "date"


def test_splits_are_drawn_into_the_given_axes():
    figure, ax = pyplot.subplots()
    display = SplitDisplay.from_cv(3, X, ax=ax, bar_kw={"height": 0.5})
    assert (display.ax_, display.figure_) == (ax, figure)
    assert {bar.get_height() for bar in display.bars_["test"]} == {0.5}


def test_a_first_window_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"window_length=4 must .* horizon=-1"):
        SplitDisplay.from_cv(3, X, window_length=4, horizon=-1)
