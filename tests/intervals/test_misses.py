"""How far targets lie outside their bands, and in which order the scores of paths stand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_paths import Paths, draw_paths

from sklstm._intervals.misses import order_by_path, order_by_target, score_rows, score_targets

SIZES = {
    "n_rows": st.integers(1, 12),
    "n_leads": st.integers(1, 6),
    "n_outputs": st.integers(1, 2),
    "seed": st.integers(0, 9),
}


@given(**SIZES)
def test_scores_are_those_of_the_article_read_literally(n_rows, n_leads, n_outputs, seed):
    """Oracle: Romano et al., E_i = max(lower - y, y - upper), as a double loop over paths."""
    rng = np.random.default_rng(seed)
    band = rng.normal(size=(n_rows, n_leads, n_outputs, 2))
    y = rng.normal(size=(n_rows, n_outputs))
    expected = np.full((n_rows, n_leads, n_outputs), np.nan)
    for t in range(n_rows):
        for j in range(n_leads):
            for output in range(n_outputs):
                if t - j >= 0:
                    lower, upper = band[t - j, j, output]
                    expected[t, j, output] = max(lower - y[t, output], y[t, output] - upper)
    np.testing.assert_array_equal(score_targets(band, y), expected)


@given(**SIZES)
def test_by_path_a_score_stands_where_its_path_begins(n_rows, n_leads, n_outputs, seed):
    """Oracle: a double loop; and back again."""
    rng = np.random.default_rng(seed)
    by_path = np.full((n_rows, n_leads, n_outputs), np.nan)
    by_target = by_path.copy()
    for begin in range(n_rows):
        for j in range(min(n_leads, n_rows - begin)):
            by_path[begin, j] = by_target[begin + j, j] = rng.normal(size=n_outputs)
    np.testing.assert_array_equal(order_by_path(by_target), by_path)
    np.testing.assert_array_equal(order_by_target(by_path), by_target)


@pytest.mark.parametrize("n_outputs", [None, 1, 2])
def test_rows_are_scored_by_the_paths_from_the_first_row_on(n_outputs):
    """Oracle: the model's paths in a double loop; rows before the first begin no path."""
    X, y = draw_paths(20, n_outputs)
    model = Paths(steps=3, horizon=2).fit(X, y)
    paths = model.predict_steps(X).reshape(20, 3, -1)
    scores = score_rows(model, X, y, None, n_leads=3, first=4)
    assert scores.shape == (16, 3, n_outputs or 1)
    for t in range(4, 20):
        for j in range(3):
            missed = np.abs(y[t] - paths[t - j, j]) if t - j >= 4 else np.nan
            np.testing.assert_array_equal(scores[t - 4, j], missed)


def test_targets_of_another_shape_are_refused():
    X, y = draw_paths(20)
    model = Paths(steps=3).fit(X, y)
    with pytest.raises(ValueError, match=r"shape \(20, 2\), but the predictions .* \(20, 3\)"):
        score_rows(model, X, X, None, n_leads=3)
    with pytest.raises(ValueError, match=r"shape \(19,\), but the predictions .* \(20,\)"):
        score_rows(model, X, y[1:], None)
    with pytest.raises(ValueError, match="y contains NaN"):
        score_rows(model, X, np.where(y > 0, y, np.nan), None)
