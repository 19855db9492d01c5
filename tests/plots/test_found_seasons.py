"""The seasons of a series, drawn."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

from sklstm import find_seasons
from sklstm.plots import SeasonDisplay

RNG = np.random.default_rng(0)
DAYS = pd.date_range("2024-01-01", periods=600)
SALES = pd.Series(np.resize(RNG.normal(size=30), 600) + 0.3 * RNG.normal(size=600), DAYS)
WALK = RNG.normal(size=600).cumsum()


def test_what_is_found_is_drawn():
    """Oracle: find_seasons; three seasons of 30 rows are shown."""
    found = find_seasons(SALES)
    display = SeasonDisplay.from_series(SALES)
    assert display.lengths == found.lengths == (30,)
    np.testing.assert_array_equal(display.autocorrelation, found.autocorrelation)
    np.testing.assert_array_equal(display.line_.get_xdata(), np.arange(1, 91))
    np.testing.assert_array_equal(display.line_.get_ydata(), found.autocorrelation[:90])
    assert set(display.threshold_line_.get_ydata()) == {found.threshold}
    assert list(display.season_lines_) == [30]
    assert set(display.season_lines_[30].get_xdata()) == {30}
    labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert labels == ["autocorrelation", "threshold", "season of 30 rows"]
    assert display.ax_.get_xlabel() == "lag (rows)"


def test_without_a_season_all_lags_are_drawn():
    """Oracle: by hand: 600 rows hold 200 three times, and a peak needs one lag more."""
    display = SeasonDisplay.from_series(WALK)
    assert display.season_lines_ == {}
    assert len(display.line_.get_xdata()) == 201
    assert len(SeasonDisplay.from_series(WALK, n_lags=20).line_.get_xdata()) == 20


def test_a_series_without_variation_is_drawn():
    """Oracle: by hand: there is nothing to correlate."""
    display = SeasonDisplay.from_series(np.zeros(600))
    assert display.lengths == ()
    assert len(display.line_.get_xdata()) == 0


def test_it_draws_into_given_axes_in_a_given_style():
    """Oracle: the arguments."""
    figure, axes = pyplot.subplots()
    styles = {"line_kw": {"color": "red"}, "threshold_kw": {"lw": 3}, "season_kw": {"color": "k"}}
    display = SeasonDisplay.from_series(SALES, ax=axes, **styles)
    assert (display.ax_, display.figure_) == (axes, figure)
    assert display.line_.get_color() == "red"
    assert display.threshold_line_.get_linewidth() == 3
    assert display.season_lines_[30].get_color() == "k"


def test_what_is_asked_for_reaches_the_search():
    """Oracle: find_seasons' own message; natural lengths, by the order found."""
    with pytest.raises(ValueError, match="max_seasons=0"):
        SeasonDisplay.from_series(SALES, max_seasons=0)
    patterns = [np.resize(RNG.normal(size=season), 1200) for season in (17, 24)]
    both = sum(pattern / np.diff(pattern).std() for pattern in patterns)
    assert SeasonDisplay.from_series(both, natural_lengths=[24]).lengths[0] == 24
    assert SeasonDisplay.from_series(both, natural_lengths=[17], max_seasons=1).lengths == (17,)
