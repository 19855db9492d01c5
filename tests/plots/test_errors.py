"""What a forecast leaves, over time and by lag."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from sklearn.dummy import DummyRegressor
from statsmodels.tsa.stattools import acf

from sklstm.plots import ResidualDisplay
from sklstm.plots._errors import autocorrelate

DAYS = pd.date_range("2020-01-01", periods=10)
Y = pd.Series(np.arange(10.0) ** 2, DAYS, name="price")
TRAIN, TEST = Y[:6], Y[6:]


@pytest.mark.parametrize("n_lags", [None, 1, 5, 79])
def test_the_autocorrelation_is_that_of_statsmodels(n_lags):
    """Oracle: statsmodels' acf, without lag 0."""
    noise = np.random.default_rng(0).normal(size=80)
    values = noise + 0.5 * np.roll(noise, 1) + 3
    expected = acf(values, nlags=19 if n_lags is None else n_lags, fft=False)[1:]
    np.testing.assert_allclose(autocorrelate(values, n_lags), expected)


def test_residuals_are_truth_minus_forecast_over_time_and_by_lag():
    """Oracle: NumPy, and statsmodels' acf; 1.96 / sqrt(4) = 0.98."""
    display = ResidualDisplay.from_predictions(TEST, [30, 50, 60, 80], n_lags=2)
    residuals = np.array([6.0, -1, 4, 1])
    np.testing.assert_array_equal(display.line_.get_xdata(), DAYS[6:])
    np.testing.assert_array_equal(display.line_.get_ydata(), residuals)
    heights = [bar.get_height() for bar in display.bars_]
    np.testing.assert_allclose(heights, acf(residuals, nlags=2)[1:])
    centres = [bar.get_x() + bar.get_width() / 2 for bar in display.bars_]
    np.testing.assert_allclose(centres, [1, 2])
    assert (display.band_.get_y(), display.band_.get_height()) == (-0.98, 2 * 0.98)


def test_the_estimator_makes_the_forecast():
    """Oracle: by hand: the truth less 5."""
    five = DummyRegressor(strategy="constant", constant=5).fit(TRAIN.to_frame(), TRAIN)
    display = ResidualDisplay.from_estimator(five, TEST.to_frame(), TEST)
    np.testing.assert_array_equal(display.residuals, TEST - 5)


def test_residuals_take_two_axes_or_one_to_be_divided():
    figure, axes = pyplot.subplots(1, 2)
    assert ResidualDisplay.from_predictions(TEST, TEST**2, ax=axes).axes_ == list(axes)
    divided = ResidualDisplay.from_predictions(TEST, TEST**2, ax=axes[0])
    assert divided.figure_ is figure
    assert len(divided.axes_) == 2


def test_residuals_without_variation_are_refused():
    with pytest.raises(ValueError, match="must be finite and must not all be equal"):
        ResidualDisplay.from_predictions(TEST, TEST)


@pytest.mark.parametrize("n_lags", [0, 4])
def test_lags_beyond_the_rows_are_refused(n_lags):
    with pytest.raises(ValueError, match=f"n_lags={n_lags} must be between 1 and 3"):
        ResidualDisplay.from_predictions(TEST, TEST**2, n_lags=n_lags)
