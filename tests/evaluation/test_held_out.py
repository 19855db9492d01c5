"""Forecasts of rows that were held out, beside their targets."""

import numpy as np
from sklearn.linear_model import LinearRegression
from small_forecasters import Bands

from sklstm.evaluation._held_out import follow_targets, forecast_folds, forecast_rows

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2)).cumsum(axis=0)
y = X[:, 0]
FOLDS = [(np.arange(20), np.arange(20, 35)), (np.arange(35), np.arange(35, 50))]


def test_targets_follow_a_row_up_to_the_last():
    """Oracle: by hand."""
    outputs = np.array([[1.0], [2.0], [3.0]])
    expected = [[1, 2], [2, 3], [3, np.nan]]
    np.testing.assert_array_equal(follow_targets(outputs, 2)[:, :, 0], expected)
    assert follow_targets(outputs, 5).shape == (3, 5, 1)


def test_errors_of_paths_are_those_of_each_fold_by_itself():
    """Oracle: fits and paths one by one; no target of another fold counts."""
    model = Bands(steps=3, quantiles=(0.1, 0.9))
    found = forecast_folds(model, X, y, FOLDS, n_leads=2)
    assert found.errors.shape == found.truth.shape == (30, 2, 1)
    assert found.band.levels == (0.1, 0.5, 0.9)
    for number, (train, test) in enumerate(FOLDS):
        fitted = Bands(steps=3, quantiles=(0.1, 0.9)).fit(X[train], y[train])
        own = slice(15 * number, 15 * number + 15)
        paths = fitted.predict_steps(X[test])[:, :2]
        quantiles = fitted.predict_steps_quantiles(X[test])[:, :2]
        for lead in range(2):
            there = slice(0, 15 - lead)
            expected = y[test][lead:] - paths[there, lead]
            np.testing.assert_allclose(found.errors[own][there, lead, 0], expected)
            np.testing.assert_array_equal(
                found.band.quantiles[own][there, lead, 0], quantiles[there, lead]
            )
        assert np.isnan(found.errors[own][14, 1, 0])
    squares = found.errors[:, :, 0] ** 2
    np.testing.assert_allclose(found.squares, np.nanmean(squares, axis=1))


def test_single_rows_are_predictions():
    """Oracle: `predict`."""
    fitted = LinearRegression().fit(X[:40], y[:40])
    found = forecast_rows(fitted, X[40:], y[40:], 1.5)
    np.testing.assert_allclose(found.errors[:, 0, 0], y[40:] - fitted.predict(X[40:]), atol=1e-12)
    assert (found.band, found.fit_seconds, found.model) == (None, 1.5, fitted)
