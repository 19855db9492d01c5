"""Conformalized quantile regression: the band of a model, widened or narrowed until it covers."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapie.regression import ConformalizedQuantileRegressor
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import SkipTestWarning
from sklearn.linear_model import QuantileRegressor, Ridge
from sklearn.utils.estimator_checks import check_estimator
from small_paths import Paths, draw_paths

from sklstm import ConformalRegressor
from sklstm.metrics import interval_coverage


class Quantiles(RegressorMixin, BaseEstimator):
    """A linear model for each quantile."""

    def __init__(self, quantiles=(0.1, 0.5, 0.9)):
        self.quantiles = quantiles

    def fit(self, X, y):
        self.quantiles_ = np.array(self.quantiles)
        self.models_ = [QuantileRegressor(quantile=q, alpha=0).fit(X, y) for q in self.quantiles]
        return self

    def predict(self, X):
        return self.models_[1].predict(X)

    def predict_quantiles(self, X):
        return np.stack([model.predict(X) for model in self.models_], axis=-1)


def draw(n_rows, seed=0):
    """Noise that grows with the first column."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0, 3, size=(n_rows, 2))
    return X, X @ [1.0, -2.0] + (0.2 + X[:, 0]) * rng.normal(size=n_rows)


@given(
    percent=st.sampled_from([50, 60, 80]),
    quantiles=st.sampled_from([(0.1, 0.9), (0.25, 0.75), (0.01, 0.05, 0.8, 0.99)]),
    n_outputs=st.sampled_from([None, 2]),
    seed=st.integers(0, 99),
)
def test_the_interval_is_that_of_the_article_read_literally(percent, quantiles, n_outputs, seed):
    """Oracle: Romano et al., Algorithm 1, as loops: E_i = max(lower - y, y - upper), and
    [lower - Q, upper + Q] with Q the (1 - alpha)(1 + 1 / n)-th empirical quantile.
    """
    X, y = draw_paths(60, n_outputs, seed)
    coverage = percent / 100
    regressor = ConformalRegressor(
        Paths(1, quantiles=quantiles), coverage=coverage, calibration_fraction=0.5
    ).fit(X[:40], y[:40])
    model = regressor.estimator_
    low, high = regressor.band_
    taken = [list(model.quantiles_).index(low), list(model.quantiles_).index(high)]
    twin = Paths(1, quantiles=quantiles).fit(X[:20], y[:20])
    calibration = twin.predict_quantiles(X[20:40]).reshape(20, -1, len(model.quantiles_))
    bands = model.predict_quantiles(X[40:]).reshape(20, -1, len(model.quantiles_))
    interval = regressor.predict_interval(X[40:]).reshape(20, -1, 2)
    for output in range(n_outputs or 1):
        targets = y[20:40].reshape(20, -1)[:, output]
        lower, upper = calibration[:, output, taken].T
        scores = sorted(max(lower[i] - targets[i], targets[i] - upper[i]) for i in range(20))
        q = scores[-(-21 * percent // 100) - 1]
        for t in range(20):
            lower_end, upper_end = bands[t, output, taken] + [-q, q]
            if lower_end > upper_end:
                lower_end = upper_end = bands[t, output, taken].mean()
            np.testing.assert_allclose(interval[t, output], [lower_end, upper_end])


def test_the_levels_next_to_the_coverage_are_the_band():
    """Oracle: by hand."""
    X, y = draw_paths(60)
    model = Paths(1, quantiles=(0.05, 0.1, 0.25, 0.75, 0.9, 0.95))
    for coverage, band in ((0.9, (0.05, 0.95)), (0.8, (0.1, 0.9)), (0.5, (0.25, 0.75))):
        regressor = ConformalRegressor(model, coverage=coverage, calibration_fraction=0.5)
        assert regressor.fit(X, y).band_ == band
    assert ConformalRegressor(Paths(1)).fit(X, y).band_ is None


def test_quantiles_on_one_side_are_refused_at_fit():
    X, y = draw_paths(60)
    with pytest.raises(ValueError, match=r"no quantile below 0\.5, .* coverage=0\.9"):
        ConformalRegressor(Paths(1, quantiles=(0.9,))).fit(X, y)


def test_mapie_widens_the_same_bands_by_as_much():
    """Oracle: MAPIE's conformalized quantile regressor, with one correction for both ends."""
    X, y = draw(300)
    regressor = ConformalRegressor(Quantiles(), coverage=0.8, calibration_fraction=0.5)
    regressor.fit(X[:200], y[:200])
    low, median, high = Quantiles().fit(X[:100], y[:100]).models_
    peer = ConformalizedQuantileRegressor([low, high, median], confidence_level=0.8, prefit=True)
    peer.conformalize(X[100:200], y[100:200])
    _, intervals = peer.predict_interval(X[200:], symmetric_correction=True)
    np.testing.assert_allclose(regressor.predict_interval(X[200:]), intervals[:, :, 0])


def test_a_band_that_is_too_wide_is_narrowed():
    """Oracle: by hand; quantiles 0.01 and 0.99 for a coverage of 0.5."""
    X, y = draw(1200)
    regressor = ConformalRegressor(Quantiles((0.01, 0.5, 0.99)), coverage=0.5)
    regressor.fit(X[:1000], y[:1000])
    interval = regressor.predict_interval(X[1000:])
    assert np.mean(regressor.scores_ < 0) > 0.9
    assert interval_coverage(y[1000:], interval) == pytest.approx(0.5, abs=0.1)
    assert (interval[:, 1] >= interval[:, 0]).all()


def test_widths_still_differ_from_row_to_row():
    """Oracle: the noise, which grows with the first column."""
    X, y = draw(1000)
    regressor = ConformalRegressor(Quantiles(), coverage=0.8).fit(X, y)
    widths = np.ptp(regressor.predict_interval(X), axis=1)
    assert np.corrcoef(widths, X[:, 0])[0, 1] > 0.9


def test_adaptive_with_quantiles_by_hand():
    """Oracle: by hand. Four scores, coverage 0.6, step 0.1: the rank is ceil(5 (1 - alpha)).

    The band is always -1 .. 1. Targets 0, 2, 3, 0.5 have the scores -1, 1, 2, -0.5: rank 3 is 1. A
    target of 4 scores 3, outside: alpha falls to 0.34, and -1 goes. Rank 4 of 1, 2, -0.5, 3 is 3.
    """

    class Level(RegressorMixin, BaseEstimator):
        def fit(self, X, y):
            self.quantiles_ = np.array([0.2, 0.5, 0.8])
            return self

        def predict_quantiles(self, X):
            return np.tile([-1.0, 0.0, 1.0], (len(X), 1))

        def predict(self, X):
            return np.zeros(len(X))

    y = np.array([0, 0, 0, 0, 0, 2, 3, 0.5])
    parameters = {"coverage": 0.6, "method": "adaptive", "step_size": 0.1}
    regressor = ConformalRegressor(Level(), calibration_fraction=0.5, **parameters)
    regressor.fit(np.zeros((8, 1)), y)
    assert regressor.scores_.tolist() == [[-1], [1], [2], [-0.5]]
    assert regressor.predict_interval([[0.0]]).tolist() == [[-2, 2]]
    regressor.update([[0.0]], [4.0])
    assert regressor.alpha_ == pytest.approx([0.34])
    assert regressor.scores_.tolist() == [[1], [2], [-0.5], [3]]
    assert regressor.predict_interval([[0.0]]).tolist() == [[-4, 4]]


@pytest.mark.parametrize("horizon", [1, 2])
def test_forecasts_of_quantiles_have_the_widths_of_their_leads(horizon):
    """Oracle: the model's own quantiles, and sorted scores of each lead."""
    X, y = draw_paths(80)
    model = Paths(3, horizon, quantiles=(0.1, 0.9))
    regressor = ConformalRegressor(model, coverage=0.8, calibration_fraction=0.5).fit(X, y)
    quantiles = regressor.estimator_.forecast_quantiles()
    interval = regressor.forecast_interval()
    assert len(interval) == horizon + 2
    for row in range(len(interval)):
        lead = max(0, row + 1 - horizon)
        scores = sorted(regressor.scores_[: 40 - lead, lead, 0])
        q = scores[int(np.ceil(round((41 - lead) * 0.8, 9))) - 1]
        np.testing.assert_allclose(interval[row], quantiles[row, [0, 2]] + [-q, q])
    with pytest.raises(ValueError, match=f"n_rows={horizon + 3}"):
        regressor.forecast_interval(n_rows=horizon + 3)


def test_points_stay_those_of_the_model():
    """Oracle: the model."""
    X, y = draw_paths(80)
    regressor = ConformalRegressor(Paths(3, quantiles=(0.1, 0.9)), coverage=0.8).fit(X, y)
    model = regressor.estimator_
    np.testing.assert_array_equal(regressor.predict(X), model.predict(X))
    np.testing.assert_array_equal(regressor.predict_steps(X), model.predict_steps(X))
    np.testing.assert_array_equal(regressor.forecast(), model.forecast())
    assert not hasattr(regressor, "predict_quantiles")


class Checked(Ridge):
    """A band of fixed width."""

    def fit(self, X, y, sample_weight=None):
        self.quantiles_ = np.array([0.1, 0.5, 0.9])
        return super().fit(X, y, sample_weight)

    def predict_quantiles(self, X):
        return np.stack([self.predict(X) + shift for shift in (-1, 0, 1)], axis=-1)


def test_the_contract_of_scikit_learn_holds_around_quantiles():
    """Oracle: scikit-learn's own checks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        check_estimator(ConformalRegressor(Checked(), method="adaptive"))
