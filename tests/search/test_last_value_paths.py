"""The last value as a forecaster of paths and quantiles."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from small_forecasters import Bands

from sklstm import LastValueRegressor
from sklstm._search.last_value_paths import LastValuePaths, imitate_paths

X = np.random.default_rng(0).normal(size=(40, 2)).cumsum(axis=0)
Y = X[:, 0]


@pytest.mark.parametrize("y", [Y, X], ids=["one output", "two outputs"])
def test_each_row_of_a_path_and_each_quantile_is_the_last_value_known(y):
    """Oracle: by hand: with horizon=1, the target of the row before."""
    model = LastValuePaths(LastValueRegressor(), steps=3, quantiles=(0.1, 0.9)).fit(X[:30], y[:30])
    paths, quantiles = model.predict_steps(X[30:]), model.predict_steps_quantiles(X[30:])
    assert paths.shape == (10, 3, *y.shape[1:]) and quantiles.shape == (*paths.shape, 2)
    for step in range(3):
        np.testing.assert_allclose(paths[:, step], y[29:39])
        np.testing.assert_allclose(quantiles[:, step], np.stack([y[29:39]] * 2, axis=-1))
    np.testing.assert_allclose(model.predict(X[30:]), y[29:39])


def test_it_moves_on_with_newer_rows_and_can_be_cloned():
    """Oracle: by hand."""
    model = clone(LastValuePaths(LastValueRegressor(), steps=2)).fit(X[:30], Y[:30])
    model.update(X[30:38], Y[30:38])
    np.testing.assert_allclose(model.predict_steps(X[38:]), [[Y[37]] * 2, [Y[38]] * 2])


def test_it_has_the_steps_and_quantiles_of_the_model_that_it_is_compared_with():
    """Oracle: the model's own, inside a Pipeline; the median is always among them."""
    model = make_pipeline(Bands(steps=3, quantiles=(0.1, 0.9))).fit(X, Y)
    made = imitate_paths(LastValueRegressor(), model)
    assert (made.steps, made.quantiles) == (3, (0.1, 0.5, 0.9))
    made = imitate_paths(LastValueRegressor(), make_pipeline(Bands()).fit(X, Y))
    assert (made.steps, made.quantiles) == (1, ())
