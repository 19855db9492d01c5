"""The model of the scores: a Gaussian process with a prior on how fast the scores change.

It has a length scale for each input, an amplitude and a noise. The thirty scores of a search cannot
determine all of them: with maximum likelihood, length scales end at a hundredth or at a hundred
times the range, and the model is overconfident. Here the posterior is maximised. The priors are
log-normal, as in Hvarfner, Hellsten & Nardi, "Vanilla Bayesian optimization performs great in high
dimensions", 2024, but with a median that does not grow with the number of inputs. See
docs/search_strategies.md for the figures.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from skopt.learning import GaussianProcessRegressor
from skopt.learning.gaussian_process.kernels import ConstantKernel, Matern, Sum, WhiteKernel

# Length scales in units of the inputs' range; amplitude and noise in those of the scores' variance.
LENGTH_SCALE_BOUNDS = (0.01, 100.0)
AMPLITUDE_BOUNDS = (0.05, 20.0)
NOISE_BOUNDS = (1e-6, 1.0)
# The median, and the standard deviation of the logarithm.
LENGTH_SCALE_PRIOR = (1.0, 1.5)
NOISE_PRIOR = (1e-3, 2.0)  # wide: to fit without noise costs, but smooth functions have none


class PriorGaussianProcess(GaussianProcessRegressor):
    """scikit-optimize's Gaussian process, with the prior added to the likelihood.

    Its inputs lie between 0 and 1, and its kernel is that of `make_kernel`.
    """

    def fit(self, X: Any, y: Any) -> PriorGaussianProcess:
        """Fit the model, with a kernel for as many inputs as X has."""
        self.kernel = make_kernel(np.shape(X)[1])
        return super().fit(X, y)

    def log_marginal_likelihood(
        self, theta: Any = None, eval_gradient: bool = False, clone_kernel: bool = True
    ) -> Any:
        """Return the logarithm of likelihood times prior, which `fit` maximises over theta."""
        answer = super().log_marginal_likelihood(theta, eval_gradient, clone_kernel)
        if theta is None:
            return answer
        value, slope = log_prior(theta)
        return (answer[0] + value, answer[1] + slope) if eval_gradient else answer + value


def make_gaussian_process() -> PriorGaussianProcess:
    """Make the model with which a search begins."""
    # No restarts: they are for a likelihood with many maxima, and each costs as much as a fit.
    return PriorGaussianProcess(noise="gaussian", normalize_y=True, n_restarts_optimizer=0)


def to_plain_model(model: Any) -> Any:
    """Convert a fitted model to scikit-optimize's class, for pickling; it predicts the same."""
    if not isinstance(model, PriorGaussianProcess):
        return model
    plain = GaussianProcessRegressor.__new__(GaussianProcessRegressor)
    plain.__dict__.update(vars(model))
    return plain


def make_kernel(n_inputs: int) -> Sum:
    """Make the kernel, at the medians of the prior, where `fit` starts to search."""
    length_scales = np.full(n_inputs, LENGTH_SCALE_PRIOR[0])
    smooth = Matern(length_scales, [LENGTH_SCALE_BOUNDS] * n_inputs, nu=2.5)
    noise = WhiteKernel(NOISE_PRIOR[0], NOISE_BOUNDS)
    return ConstantKernel(1.0, AMPLITUDE_BOUNDS) * smooth + noise


def log_prior(theta: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the logarithm of the prior, but for a constant, and its gradient.

    theta: the logarithms of the amplitude, of each length scale and of the noise.
    """
    medians, deviations = np.zeros(len(theta)), np.full(len(theta), np.inf)  # inf: any amplitude
    medians[1:-1], deviations[1:-1] = math.log(LENGTH_SCALE_PRIOR[0]), LENGTH_SCALE_PRIOR[1]
    medians[-1], deviations[-1] = math.log(NOISE_PRIOR[0]), NOISE_PRIOR[1]
    u = (theta - medians) / deviations
    return -0.5 * float(u @ u), -u / deviations
