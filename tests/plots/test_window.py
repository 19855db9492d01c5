"""Which rows one prediction reads: the cells drawn."""

import pickle
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_regressor import tiny

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
    assert set(labels) == {"t-5", "t-4", "t-3", "t-2", "t-1", "t", "t+1"}
    assert (display.start_rows, display.season_rows) == (None, None)  # told by a fit only


def cells(display):
    """The rows that are filled, by line."""
    return {
        name: [round(bar.get_x() + bar.get_width() / 2) for bar in container]
        for name, container in display.bars_.items()
    }


def make_loads(n_rows, season):
    rng = np.random.default_rng(0)
    load = np.resize(10 * rng.normal(size=season), n_rows) + rng.normal(size=n_rows)
    return pd.DataFrame({"load": load, "noise": rng.normal(size=n_rows)})


# By horizon and lead, for w = 5 and seasons of s = 4 and 30 rows: the rows of X, and the rows of
# the target's column for each season. m s >= h + d + 1, S = m s - d, rows t-S-3 .. t-S+1.
BY_HAND = {
    (1, 0): ((-5, -1), (-7, -3), (-33, -29)),  # m = 1, S = 4; m = 1, S = 30
    (1, 1): ((-5, -1), (-6, -2), (-32, -28)),  # m = 1, S = 3; m = 1, S = 29
    (3, 0): ((-7, -3), (-7, -3), (-33, -29)),  # m = 1, S = 4; m = 1, S = 30
    (3, 1): ((-7, -3), (-10, -6), (-32, -28)),  # m = 2, S = 7; m = 1, S = 29
    (0, 1): ((-4, 0), (-6, -2), (-32, -28)),  # m = 1, S = 3; m = 1, S = 29
}
# Those that the linear start reads of this column: 8 up to row t-h, since there are fewer than 240
# targets, and t-S-1 .. t-S+1. Those of the shorter season are among the 8.
BY_START = {
    (1, 0): [(-31, -29), (-8, -1)],
    (1, 1): [(-30, -28), (-8, -1)],
    (3, 0): [(-31, -29), (-10, -3)],
    (3, 1): [(-30, -28), (-10, -3)],
    (0, 1): [(-30, -28), (-7, 0)],
}


def span(*ends):
    return [row for first, last in ends for row in range(first, last + 1)]


@pytest.mark.parametrize("linear_start", [True, False])
@pytest.mark.parametrize(("horizon", "lead"), BY_HAND)
@pytest.mark.filterwarnings("ignore:With horizon=. and y taken from a column of X:UserWarning")
def test_a_fitted_regressor_shows_its_seasons_and_its_linear_start(horizon, lead, linear_start):
    """Oracle: docs/alignment.md, by hand."""
    X = make_loads(150, 30)
    y = X["load"].shift(-lead)[: 150 - lead]
    regressor = tiny(
        window_length=5,
        horizon=horizon,
        season_length=[4, 30],
        linear_start=linear_start,
        early_stopping="auto" if linear_start else False,  # few targets: no network is trained
        epochs=1,
    ).fit(X[: 150 - lead], y)
    assert regressor.target_lead_ == [lead]
    display = WindowDisplay.from_estimator(regressor)
    window, short, long = BY_HAND[horizon, lead]
    expected = {
        "X": span(window),
        "load, linear start": span(*BY_START[horizon, lead]),
        "load, season of 4 rows": span(short),
        "load, season of 30 rows": span(long),
        "y": [0],
    }
    if not linear_start:
        del expected["load, linear start"]
    assert cells(display) == expected
    assert display.rows.tolist() == expected["X"]
    data = {**display.start_rows, **display.season_rows}
    assert {name: rows.tolist() for name, rows in data.items()} == {
        name: rows for name, rows in expected.items() if name not in ("X", "y")
    }


@pytest.mark.parametrize(("n_rows", "n_lags"), [(241, 24), (240, 8), (81, 8), (80, 7)])
def test_the_linear_start_reads_as_many_rows_as_the_targets_can_tell(n_rows, n_lags):
    """Oracle: docs/alignment.md; of n rows, n - 1 have a window of one row before them."""
    X = make_loads(n_rows, 30)
    regressor = tiny(window_length=1, season_length=None, early_stopping="auto")
    display = WindowDisplay.from_estimator(regressor.fit(X, X["load"]))
    assert cells(display)["load, linear start"] == list(range(-n_lags, 0))
    assert display.season_rows == {}


def test_each_targets_column_has_lines_of_its_own_and_no_target_has_none():
    """Oracle: by hand; w = 4: a column that is no target is read over the window only."""
    X = make_loads(150, 30)
    regressor = tiny(season_length=30, early_stopping="auto")
    display = WindowDisplay.from_estimator(regressor.fit(X.to_numpy(), X.to_numpy()))
    own = span((-31, -29), (-8, -1))
    seasons = {"x0, season of 30 rows": span((-32, -29)), "x1, season of 30 rows": span((-32, -29))}
    starts = {"x0, linear start": own, "x1, linear start": own}
    assert cells(display) == {"X": span((-4, -1)), **starts, **seasons, "y": [0]}
    display = WindowDisplay.from_estimator(regressor.fit(X[["noise"]], X["load"]))
    assert cells(display) == {"X": span((-4, -1)), "y": [0]}


def test_a_season_far_back_is_drawn_after_a_break_and_its_rows_are_named():
    """Oracle: by hand for the rows; the break is drawn two cells wide, in place of 133 rows.

    Near rows begin with t-32, the one before the 31 of the shorter season; the far ones end with
    t-166, the one after t-167.
    """
    X = make_loads(380, 168)
    regressor = tiny(window_length=8, season_length=[24, 168], known_columns="noise", epochs=1)
    X["noise"] = np.arange(380) % 7
    display = WindowDisplay.from_estimator(make_pipeline(regressor).fit(X, X["load"]))
    assert cells(display)["load, season of 168 rows"] == span((-174, -167))
    display.figure_.draw_without_rendering()
    ax = display.ax_
    ends = ax.transData.transform([(x, 0) for x in (-166.5, -165.5, -31.5, -30.5)])[:, 0]
    before, gap, after = np.diff(ends)
    np.testing.assert_allclose([before, gap], [after, 2 * after])
    labels = ax.get_xticklabels()
    assert {"t-174", "t-167", "t-23", "t"} <= {label.get_text() for label in labels}
    legend = ax.get_legend()
    words = [text.get_text() for text in legend.get_texts()]
    assert words == [
        *("read", "read, known in advance", "read by the linear start", "read for a season"),
        "predicted",
    ]
    assert_apart(sorted((label.get_window_extent() for label in labels), key=lambda box: box.x0))
    assert legend.get_window_extent().x1 <= display.figure_.bbox.x1
    assert pickle.loads(pickle.dumps(display)).season_rows.keys() == display.season_rows.keys()


def assert_apart(boxes):
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_the_data_alone_can_be_drawn():
    """Oracle: the arguments; a hand-made display of two seasons with the same legend."""
    rows = {"sales, season of 7 rows": np.arange(-9, -5), "sales, season of 30 rows": [-31, -30]}
    display = WindowDisplay(np.arange(-4, 0), season_rows=rows).plot(bar_kw={"alpha": 0.5})
    expected = {name: list(own) for name, own in rows.items()}
    assert cells(display) == {"X": span((-4, -1)), **expected, "y": [0]}
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert legend == ["read", "read for a season", "predicted"]


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
    with pytest.raises(ValueError, match="window_length=0 must be at least 1"):
        WindowDisplay.from_estimator(LSTMRegressor(window_length=0))


def test_a_model_without_windows_is_refused():
    with pytest.raises(ValueError, match=r"Ridge.* has no window_length"):
        WindowDisplay.from_estimator(Ridge())
