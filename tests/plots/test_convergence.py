"""How the best score of searches improves: the numbers drawn."""

import numpy as np
import pytest
from matplotlib import pyplot
from small_display import search_levels, with_trials
from small_search import make_trial

from sklstm.plots import ConvergenceDisplay


def test_the_line_is_the_least_error_so_far():
    """Oracle: by hand, the running minimum of 4, 2, 3, 1."""
    display = ConvergenceDisplay.from_search(search_levels(4.0, 2.0, 3.0, 1.0))
    line = display.lines_["search"]
    assert line.get_xdata().tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(line.get_ydata(), [4, 2, 2, 1])
    assert display.ax_.get_ylabel() == "best so far: RMSE (lower is better)"
    assert display.ax_.get_xlabel() == "trials"


def test_several_seeds_are_their_mean_in_the_band_from_least_to_greatest():
    """Oracle: by hand; the second search ended early and keeps its best."""
    searches = {"bayes": [search_levels(4.0, 2.0, 3.0, 1.0), search_levels(6.0, 5.0)]}
    display = ConvergenceDisplay.from_search(searches)
    np.testing.assert_allclose(display.best["bayes"], [[4, 2, 2, 1], [6, 5, 5, 5]])
    np.testing.assert_allclose(display.lines_["bayes"].get_ydata(), [5, 3.5, 3.5, 3])
    assert display.lines_["bayes"].get_label() == "bayes, mean and range of 2"
    least, greatest = {(1, 4), (2, 4), (2, 2), (3, 2), (4, 2), (4, 1)}, {(1, 6), (2, 6)}
    greatest |= {(2, 5), (3, 5), (4, 5)}
    corners = display.bands_["bayes"].get_paths()[0].vertices
    assert set(map(tuple, corners.round(9))) == least | greatest


def test_the_band_may_be_the_standard_deviation():
    """Oracle: by hand, 4 and 6 have the mean 5 and the deviation sqrt(2)."""
    searches = [search_levels(4.0), search_levels(6.0)]
    display = ConvergenceDisplay.from_search(searches).plot(band="std")
    heights = display.bands_["search"].get_paths()[0].vertices[:, 1]
    np.testing.assert_allclose([heights.min(), heights.max()], [5 - np.sqrt(2), 5 + np.sqrt(2)])


def test_time_adds_up_the_seconds_of_trials():
    """Oracle: by hand; a trial of two folds takes 3 s, one pruned after the first 1.5 s."""
    trials = [make_trial(-4.0, -4.0), make_trial(-9.0, None), make_trial(-1.0, -1.0)]
    display = ConvergenceDisplay.from_search(with_trials(search_levels(1.0), *trials), x="time")
    assert display.x["search"].tolist() == [3.0, 4.5, 7.5]
    assert display.best["search"].tolist() == [[4.0, 4.0, 1.0]]
    assert display.ax_.get_xlabel() == "seconds of fits and scores"


def test_in_time_each_search_goes_at_its_own_pace():
    """Oracle: by hand; trials of 3 s against trials of 1.5 s. Before its first, one has no best."""
    slow = with_trials(search_levels(1.0), make_trial(-4.0, -4.0), make_trial(-2.0, -2.0))
    quick = with_trials(search_levels(1.0), make_trial(-3.0), make_trial(-1.0))
    display = ConvergenceDisplay.from_search([slow, quick], x="time")
    assert display.x["search"].tolist() == [1.5, 3.0, 6.0]
    expected = [[np.nan, 4, 2], [3, 1, 1]]
    np.testing.assert_array_equal(display.best["search"], expected)


def test_failed_trials_take_their_place_but_draw_nothing():
    trials = [make_trial(-1.0, error="ValueError"), make_trial(-4.0), make_trial(-5.0, None)]
    display = ConvergenceDisplay.from_search(with_trials(search_levels(1.0), *trials))
    np.testing.assert_array_equal(display.lines_["search"].get_ydata(), [np.nan, 4, 4])


def test_references_are_horizontal_lines_in_the_same_unit():
    references = {"last value": 2.5, "mean": 3.0}
    display = ConvergenceDisplay.from_search(search_levels(4.0, 2.0), references=references)
    heights = {n: line.get_ydata()[0] for n, line in display.reference_lines_.items()}
    assert heights == references
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert legend == ["search", "last value", "mean"]


def test_it_draws_into_the_given_axes_in_the_given_style():
    figure, (other, ax) = pyplot.subplots(2)
    search = search_levels(4.0, 2.0)
    display = ConvergenceDisplay.from_search(search, ax=ax, yscale="log", line_kw={"lw": 5})
    assert (display.ax_, display.figure_) == (ax, figure)
    assert ax.get_yscale() == "log"
    assert display.lines_["search"].get_linewidth() == 5
    assert not other.has_data()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"x": "calls"}, r"x='calls' must be one of \['trials', 'time'\]"),
        ({"band": "sem"}, r"band='sem' must be one of \['range', 'std'\]"),
    ],
)
def test_an_unknown_choice_is_refused(arguments, text):
    with pytest.raises(ValueError, match=text):
        ConvergenceDisplay.from_search(search_levels(4.0), **arguments)


def test_scores_of_0_or_less_have_no_logarithm():
    search = search_levels(4.0, scoring=lambda model, X, y: -model.level)
    with pytest.raises(ValueError, match="yscale='log' needs scores above 0"):
        ConvergenceDisplay.from_search(search, yscale="log")


@pytest.mark.parametrize("searches", [[], {}, {"bayes": []}])
def test_no_search_is_refused(searches):
    with pytest.raises(ValueError, match="must contain at least one search"):
        ConvergenceDisplay.from_search(searches)


def test_searches_by_different_scores_are_refused():
    others = search_levels(4.0), search_levels(4.0, scoring="neg_mean_absolute_error")
    with pytest.raises(ValueError, match=r"different scores, \['MAE \(l.*, 'RMSE \(l"):
        ConvergenceDisplay.from_search(list(others))
