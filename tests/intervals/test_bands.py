"""The band that an interval is put around: which quantiles, or the prediction twice."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from small_paths import Paths, draw_paths

from sklstm._intervals.bands import (
    choose_levels,
    forecast_band,
    predict_band,
    predict_steps_band,
)

X, Y = draw_paths(20)


@pytest.mark.parametrize(
    ("quantiles", "coverage", "levels"),
    [
        ((0.05, 0.95), 0.9, (0.05, 0.95)),
        ((0.05, 0.95), 0.5, (0.05, 0.95)),
        ((0.05, 0.1, 0.25, 0.75, 0.9, 0.95), 0.8, (0.1, 0.9)),
        ((0.05, 0.1, 0.25, 0.75, 0.9, 0.95), 0.7, (0.1, 0.9)),  # 0.15 and 0.85: the nearest
        ((0.1, 0.2, 0.8, 0.9), 0.7, (0.1, 0.9)),  # as near as 0.2 and 0.8: the outer ones
        ((0.2, 0.9), 0.8, (0.2, 0.9)),
    ],
)
def test_the_nearest_level_on_each_side_is_taken(quantiles, coverage, levels):
    """Oracle: by hand."""
    model = Paths(quantiles=quantiles).fit(X, Y)
    assert choose_levels(model, coverage) == levels
    assert choose_levels(make_pipeline("passthrough", model), coverage) == levels


def test_a_model_without_quantiles_has_no_levels():
    assert choose_levels(Paths().fit(X, Y), 0.9) is None
    assert choose_levels(Ridge(), 0.9) is None


@pytest.mark.parametrize(("quantiles", "side"), [((0.1, 0.3), "above"), ((0.7,), "below")])
def test_levels_on_one_side_alone_are_refused(quantiles, side):
    """Oracle: the message names the quantiles, the coverage and levels that would do."""
    model = Paths(quantiles=quantiles).fit(X, Y)
    message = rf"no quantile {side} 0\.5, .* best .* coverage=0\.8 are \(0\.1, 0\.9\)"
    with pytest.raises(ValueError, match=message):
        choose_levels(model, 0.8)


@pytest.mark.parametrize("n_outputs", [None, 1, 2])
def test_a_band_is_two_quantiles_or_the_prediction_twice(n_outputs):
    """Oracle: the model's own methods; of the levels 0.1, 0.5, 0.9 the first and the last."""
    rows, y = draw_paths(20, n_outputs)
    model = Paths(quantiles=(0.1, 0.9), horizon=2).fit(rows, y)
    known = np.ones((4, 2))
    cases = [
        (predict_band, (rows,), "predict", "predict_quantiles"),
        (predict_steps_band, (rows,), "predict_steps", "predict_steps_quantiles"),
    ]
    for band, given, plain, quantiles in cases:
        expected = getattr(model, quantiles)(*given)[..., [0, 2]]
        np.testing.assert_array_equal(band(model, *given, (0.1, 0.9)), expected)
        expected = getattr(model, plain)(*given)
        np.testing.assert_array_equal(band(model, *given, None), np.stack([expected] * 2, -1))
    expected = model.forecast_quantiles(None, known, 3)[..., [0, 2]]
    np.testing.assert_array_equal(forecast_band(model, None, known, 3, (0.1, 0.9)), expected)
    expected = np.stack([model.forecast(rows, known)] * 2, -1)
    np.testing.assert_array_equal(forecast_band(model, rows, known, None, None), expected)
