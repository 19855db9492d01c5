"""Forecasts and residuals: the numbers drawn."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.dates import date2num

from sklstm import LastValueRegressor
from sklstm.plots import ForecastDisplay, ResidualDisplay

DAYS = pd.date_range("2020-01-01", periods=10)
Y = pd.Series(np.arange(10.0) ** 2, DAYS, name="price")
TRAIN, TEST = Y[:6], Y[6:]


class WithInterval:
    """Predicts 0, between -1 and 2."""

    def predict(self, X):
        return np.zeros(len(X))

    def predict_interval(self, X):
        return np.tile([-1.0, 2.0], (len(X), 1))


def test_truth_and_forecast_are_drawn_at_their_dates():
    """Oracle: the last value is the one of the day before."""
    X = Y.to_frame()
    forecaster = LastValueRegressor(target_column="price").fit(X[:6], TRAIN)
    display = ForecastDisplay.from_estimator(forecaster, X[6:], TEST)
    np.testing.assert_array_equal(display.pred_line_.get_xdata(), DAYS[6:])
    np.testing.assert_array_equal(display.pred_line_.get_ydata(), [25, 36, 49, 64])
    np.testing.assert_array_equal(display.true_line_.get_ydata(), [36, 49, 64, 81])
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("date", "price")
    assert (display.band_, display.spans_) == (None, {})


def test_dates_of_x_serve_where_y_is_an_array():
    X = TEST.to_frame()
    display = ForecastDisplay.from_estimator(WithInterval(), X, TEST.to_numpy())
    np.testing.assert_array_equal(display.times, DAYS[6:])


def test_the_training_rows_stand_before_and_both_parts_are_shaded():
    display = ForecastDisplay.from_predictions(TEST, TEST + 1, train=TRAIN)
    np.testing.assert_array_equal(display.true_line_.get_xdata(), DAYS)
    np.testing.assert_array_equal(display.true_line_.get_ydata(), Y)
    assert shaded(display) == {"train": days(0, 5), "test": days(6, 9)}
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert legend == ["truth", "prediction", "train", "test"]


def shaded(display):
    """First and last x of each span."""
    ends = {name: (span.get_x(), span.get_width()) for name, span in display.spans_.items()}
    return {name: (x, x + width) for name, (x, width) in ends.items()}


def days(first, last):
    """As matplotlib counts them."""
    return tuple(date2num(DAYS[[first, last]]))


def test_spans_may_be_named_by_hand():
    spans = {"train": ("2020-01-01", "2020-01-04"), "validation": (DAYS[4], DAYS[5])}
    display = ForecastDisplay.from_predictions(TEST, TEST, train=TRAIN, spans=spans)
    assert shaded(display) == {"train": days(0, 3), "validation": days(4, 5)}


def test_arrays_are_numbered_on_after_training():
    display = ForecastDisplay.from_predictions([6, 7], [6, 6], train=[1, 2, 3])
    assert display.pred_line_.get_xdata().tolist() == [3, 4]
    assert shaded(display) == {"train": (0, 2), "test": (3, 4)}
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("row", "y")


def test_an_estimator_s_interval_is_drawn():
    display = ForecastDisplay.from_estimator(WithInterval(), TEST.to_frame(), TEST)
    assert set(display.band_.get_paths()[0].vertices[:, 1]) == {-1, 2}
    np.testing.assert_array_equal(display.interval, [[-1, 2]] * 4)


def test_an_unknown_truth_leaves_a_hole():
    display = ForecastDisplay.from_predictions([1.0, np.nan], [1.0, 2.0])
    np.testing.assert_array_equal(display.true_line_.get_ydata(), [1, np.nan])


def test_it_draws_into_the_given_axes_in_the_given_style():
    figure, (other, ax) = pyplot.subplots(2)
    display = ForecastDisplay.from_predictions([1, 2], [2, 2], ax=ax, line_kw={"color": "red"})
    assert (display.ax_, display.figure_) == (ax, figure)
    assert display.pred_line_.get_color() == "red"
    assert not other.has_data()


@pytest.mark.parametrize("show", [ForecastDisplay, ResidualDisplay])
@pytest.mark.parametrize(
    ("true", "pred", "text"),
    [
        ([1, 2], [1], "y_true has 2 rows and y_pred has 1"),
        (
            np.ones((3, 2)),
            np.ones((3, 2)),
            r"y_true has the shape \(3, 2\); it must be a single target",
        ),
        ([], [], r"y_true has the shape \(0,\); it must be a single target with at least one row"),
    ],
)
def test_what_is_not_one_target_with_its_forecast_is_refused(show, true, pred, text):
    with pytest.raises(ValueError, match=text):
        show.from_predictions(true, pred)


def test_an_interval_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"interval has the shape \(4,\); it must be \(4, 2\)"):
        ForecastDisplay.from_predictions(TEST, TEST, interval=np.ones(4))
