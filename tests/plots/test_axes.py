"""What displays draw into: their figure, the user's axes, or parts of these."""

import sys

import pytest
from matplotlib import pyplot

from sklstm.plots._axes import open_axes, put_legend_above, scale_y, split_axes


def test_without_axes_a_figure_of_6_by_4_inches_is_opened():
    assert open_axes(None).figure.get_size_inches().tolist() == [6, 4]
    assert split_axes(None, 2)[0].figure.get_size_inches().tolist() == [6, 4]


def test_a_figure_grows_with_its_rows_of_axes():
    axes = split_axes(None, 10, n_columns=3)
    assert len(axes) == 10
    assert axes[0].figure.get_size_inches().tolist() == [6, 4 * 1.8]


def test_the_given_axes_are_drawn_into():
    _, axes = pyplot.subplots(2)
    assert open_axes(axes[0]) is axes[0]
    assert split_axes(axes, 2) == list(axes)
    assert split_axes(axes[0], 1) == [axes[0]]


def test_one_of_the_user_s_axes_is_divided_in_its_place():
    """Oracle: the place of the axes in the figure, before."""
    figure, axes = pyplot.subplots(1, 2)
    place = axes[1].get_position()
    parts = split_axes(axes[1], 4, n_columns=2)
    assert not axes[1].axison
    assert all(part.figure is figure for part in parts)
    corners = [corner for part in parts for corner in part.get_position().get_points()]
    assert all(place.x0 <= x <= place.x1 and place.y0 <= y <= place.y1 for x, y in corners)


def test_a_wrong_number_of_axes_is_refused():
    _, axes = pyplot.subplots(3)
    with pytest.raises(ValueError, match=r"ax has 3 axes. Give 2 axes, or a single one to divide"):
        split_axes(axes, 2)


def test_without_matplotlib_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'pip install "sklstm\[plots\]"'):
        open_axes(None)


def test_the_legend_stands_above_the_axes():
    """Oracle: the boxes that matplotlib draws."""
    ax = open_axes(None)
    ax.plot([0, 1], label="line")
    put_legend_above(ax)
    ax.figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().y0 >= ax.get_window_extent().y1


def test_a_logarithmic_scale_shows_plain_numbers():
    ax = open_axes(None)
    ax.plot([0.5, 70])
    scale_y(ax, "log")
    ax.figure.draw_without_rendering()
    labels = [tick.get_text() for tick in ax.get_yticklabels() if 0.4 < tick.get_position()[1] < 80]
    assert labels == ["0.5", "1", "2", "5", "10", "20", "50"]
    assert {tick.get_text() for tick in ax.get_yticklabels(minor=True)} <= {""}
