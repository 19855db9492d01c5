"""The state that training keeps: arrays without padding, to continue from or to be pickled.

Neither this module nor `settings` imports TensorFlow, so unpickling a regressor does not either.
"""

from dataclasses import dataclass

import numpy as np

from sklstm._network.sizes import Sizes
from sklstm._network.weights import Weights, initial_weights, zero_weights


@dataclass(frozen=True)
class Trained:
    """The trained network, and the record of all calls of `train` so far.

    With early stopping, weights, moments, `n_steps` and `n_epochs` are those of the best epoch;
    `losses`, `scores` and `n_windows` count all epochs that were run.
    """

    weights: Weights
    mean: Weights  # Adam's first moment of each weight's gradient
    variance: Weights  # and its second one
    n_steps: int = 0  # Adam steps done
    n_epochs: int = 0  # passes done
    losses: tuple[float, ...] = ()  # mean loss of each epoch, in scaled units
    scores: tuple[float, ...] = ()  # on the tail, before the first epoch and after each with one
    best_score: float = -np.inf  # of the epoch whose weights these are
    n_windows: int = 0  # windows that training has seen, each epoch counted


def start(sizes: Sizes, seed: int) -> Trained:
    """The network before its first step, with weights drawn from the seed."""
    weights = initial_weights(sizes, np.random.default_rng(seed))
    return Trained(weights, zero_weights(sizes), zero_weights(sizes))
