"""Which rows one prediction reads: the cells drawn."""

import pytest
from matplotlib import pyplot
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklstm import LSTMRegressor
from sklstm.plots import WindowDisplay


def test_the_cells_are_those_of_the_picture_in_the_readme():
    """Oracle: README.md; w = 3, h = 2."""
    regressor = LSTMRegressor(window_length=3, horizon=2, known_columns=["holiday"])
    display = WindowDisplay.from_estimator(make_pipeline(StandardScaler(), regressor))
    assert cells(display) == {"X": [-4, -3, -2], "known columns": [-2, -1, 0], "y": [0]}
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == list(display.bars_)
    display.figure_.draw_without_rendering()
    labels = [label.get_text() for label in display.ax_.get_xticklabels()]
    assert labels[1:-1] == ["t-5", "t-4", "t-3", "t-2", "t-1", "t", "t+1"]


def cells(display):
    """The rows that are filled, by line."""
    return {
        name: [round(bar.get_x() + bar.get_width() / 2) for bar in container]
        for name, container in display.bars_.items()
    }


@pytest.mark.parametrize("known_columns", [None, []])
def test_without_known_columns_there_is_no_line_for_them(known_columns):
    regressor = LSTMRegressor(window_length=2, horizon=0, known_columns=known_columns)
    assert cells(WindowDisplay.from_estimator(regressor)) == {"X": [-1, 0], "y": [0]}


def test_the_window_is_drawn_into_the_given_axes():
    figure, ax = pyplot.subplots()
    display = WindowDisplay.from_estimator(LSTMRegressor(), ax=ax, bar_kw={"alpha": 0.5})
    assert (display.ax_, display.figure_) == (ax, figure)
    assert display.bars_["X"][0].get_alpha() == 0.5


def test_a_window_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="window_length=0 with horizon=1; they may be 1 and 0"):
        WindowDisplay.from_estimator(LSTMRegressor(window_length=0))


def test_a_model_without_windows_is_refused():
    with pytest.raises(ValueError, match=r"No part of Ridge.* has window_length"):
        WindowDisplay.from_estimator(Ridge())
