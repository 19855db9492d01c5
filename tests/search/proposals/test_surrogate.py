"""The model of the scores."""

import math

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.stats import norm
from sklearn.base import clone
from skopt.learning import GaussianProcessRegressor
from skopt.utils import cook_estimator

from sklstm._search.proposals.surrogate import log_prior, make_gaussian_process, make_kernel

# A hyperparameter at a bound is a warning, which a search does not pass on.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def draw_scores(n_points, n_inputs, n_relevant, seed=0):
    """Draw points, and scores that are smooth in the first inputs; the others do not matter."""
    X = np.random.default_rng(seed).uniform(size=(n_points, n_inputs))
    y = np.sum((X[:, :n_relevant] - 0.3) ** 2, axis=1)
    return X, (y - y.mean()) / y.std()


def test_the_prior_is_log_normal_and_leaves_the_amplitude_open():
    """Oracle: scipy's density of the logarithms; medians 1 and 1e-3, deviations 1.5 and 2."""
    theta = np.log([7.0, 0.2, 1.0, 5.0, 0.04])  # amplitude, three length scales, noise

    def density(theta):
        noise = norm.logpdf(theta[-1], math.log(1e-3), 2.0)
        return norm.logpdf(theta[1:-1], 0.0, 1.5).sum() + noise

    at_median = np.log([1.0, 1.0, 1.0, 1.0, 1e-3])
    expected = density(theta) - density(at_median)
    assert log_prior(theta)[0] == pytest.approx(expected)
    assert log_prior(at_median)[0] == 0


def test_the_gradient_of_the_posterior_is_that_of_its_value():
    """Oracle: finite differences."""
    X, y = draw_scores(12, 3, 2)
    model = make_gaussian_process().fit(X, y)
    theta = np.log([0.5, 0.3, 2.0, 1.5, 0.1])
    error = check_grad(
        model.log_marginal_likelihood,
        lambda theta: model.log_marginal_likelihood(theta, eval_gradient=True)[1],
        theta,
    )
    assert error < 1e-4


def test_fit_finds_a_maximum_of_likelihood_times_prior():
    """Oracle: scikit-optimize's own likelihood plus the prior, at the maximum and around it."""
    X, y = draw_scores(15, 4, 2)
    model = make_gaussian_process().fit(X, y)
    with np.errstate(divide="ignore"):  # scikit-optimize takes the noise out after the fit
        theta = model.kernel_.theta.copy()
    theta[-1] = math.log(model.noise_)
    peer = GaussianProcessRegressor(make_kernel(4), normalize_y=True, noise="gaussian").fit(X, y)

    def posterior(theta):
        return peer.log_marginal_likelihood(theta) + log_prior(theta)[0]

    assert model.log_marginal_likelihood_value_ == pytest.approx(posterior(theta))
    low, high = make_kernel(4).bounds.T
    for step in 0.1 * np.vstack([np.eye(len(theta)), -np.eye(len(theta))]):
        assert posterior(np.clip(theta + step, low, high)) <= posterior(theta) + 1e-4


def test_ten_scores_do_not_drive_length_scales_to_the_ends():
    """Oracle: scikit-optimize's default model, of which several end at a bound, 0.01 or 100."""
    X, y = draw_scores(10, 13, 2)
    space = [(0.0, 1.0)] * 13
    peer = cook_estimator("GP", space=space, random_state=0).fit(X, y)
    model = make_gaussian_process().fit(X, y)

    def count_at_ends(fitted):
        length_scales = fitted.kernel_.k1.k2.length_scale
        return np.sum((length_scales < 0.02) | (length_scales > 50))

    assert count_at_ends(peer) >= 3
    assert count_at_ends(model) == 0


def test_what_does_not_matter_gets_the_longer_length_scales():
    """Oracle: the function, of which only the first two of six inputs matter."""
    X, y = draw_scores(40, 6, 2)
    length_scales = make_gaussian_process().fit(X, y).kernel_.k1.k2.length_scale
    assert max(length_scales[:2]) < min(length_scales[2:])


def test_a_smooth_function_is_met_without_noise():
    """Oracle: the function at new points."""
    X, y = draw_scores(60, 2, 2)
    model = make_gaussian_process().fit(X[:50], y[:50])
    np.testing.assert_allclose(model.predict(X[50:]), y[50:], atol=0.05)


def test_a_clone_fits_as_the_model_and_keeps_the_noise_of_each_score():
    """Oracle: the model itself; a score that is told to be off by much is hardly met."""
    X, y = draw_scores(12, 3, 2)
    model = make_gaussian_process()
    query = np.full((1, 3), 0.5)
    np.testing.assert_array_equal(
        clone(model).fit(X, y).predict(query), model.fit(X, y).predict(query)
    )
    off = y.copy()
    off[0] += 10
    doubted = make_gaussian_process().set_params(alpha=np.where(off == off[0], 1e4, 1e-10))
    gap = abs(clone(doubted).fit(X, off).predict(X[:1])[0] - off[0])
    assert gap > 5


def test_equal_scores_can_be_fitted():
    X, _ = draw_scores(5, 3, 2)
    model = make_gaussian_process().fit(X, np.zeros(5))
    assert model.predict(X).tolist() == [0] * 5
