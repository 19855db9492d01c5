"""How training went: the numbers drawn are the regressor's."""

import numpy as np
import pytest
from matplotlib import pyplot
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_regressor import tiny
from small_search import draw_rows

from sklstm.plots import LossCurveDisplay

X, Y, _ = draw_rows(80)


def test_loss_and_validation_score_are_drawn_by_epoch():
    regressor = tiny(epochs=3, early_stopping=True).fit(X, Y)
    display = LossCurveDisplay.from_estimator(regressor)
    assert display.line_.get_xdata().tolist() == [1, 2, 3]
    np.testing.assert_array_equal(display.line_.get_ydata(), regressor.loss_curve_)
    np.testing.assert_array_equal(
        display.validation_line_.get_ydata(), regressor.validation_scores_
    )
    assert display.validation_ax_ is not display.ax_


def test_without_early_stopping_there_is_the_loss_alone():
    model = make_pipeline(StandardScaler(), TransformedTargetRegressor(tiny())).fit(X, Y)
    display = LossCurveDisplay.from_estimator(model)
    np.testing.assert_array_equal(display.line_.get_ydata(), model[-1].regressor_.loss_curve_)
    assert (display.validation_line_, display.validation_ax_) == (None, None)


def test_scikit_learn_s_network_may_be_drawn_beside():
    network = MLPRegressor(hidden_layer_sizes=2, n_iter_no_change=2, tol=1e9, random_state=0)
    figure, ax = pyplot.subplots()
    display = LossCurveDisplay.from_estimator(
        network.fit(X, Y), ax=ax, yscale="log", line_kw={"lw": 3}
    )
    assert (display.ax_, display.figure_) == (ax, figure)
    np.testing.assert_array_equal(display.line_.get_ydata(), network.loss_curve_)
    assert ax.get_yscale() == "log"
    assert display.line_.get_linewidth() == 3


def test_what_was_not_trained_is_refused():
    with pytest.raises(NotFittedError):
        LossCurveDisplay.from_estimator(tiny())


def test_what_has_no_epochs_is_refused():
    with pytest.raises(ValueError, match=r"Ridge.* has no loss_curve_"):
        LossCurveDisplay.from_estimator(Ridge().fit(X, Y))
