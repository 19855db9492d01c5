"""The score of a tail: how much of its loss predictions take off, beside the best constant.

Of squared errors it is R2. Of the other losses it is D2 (Hastie, Tibshirani & Wainwright,
"Statistical learning with sparsity", 2015, section 3.4.1), so that an epoch is chosen by the loss
that it was trained by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sklstm._lstm.examples import Examples
from sklstm._lstm.scaling import Scaled
from sklstm._network.switches import HUBER_DELTA
from sklstm._rows.means import exact_mean, weighted_quantile


@dataclass(frozen=True)
class Loss:
    """What training minimises."""

    kind: str
    quantile: float = 0.5

    def measure(self, error: np.ndarray) -> np.ndarray:
        """Measure each error, y minus prediction in scaled units, of any shape."""
        size = np.abs(error)
        if self.kind == "squared_error":
            return error**2
        if self.kind == "absolute_error":
            return size
        if self.kind == "huber":
            return np.where(
                size <= HUBER_DELTA, 0.5 * error**2, HUBER_DELTA * (size - 0.5 * HUBER_DELTA)
            )
        return np.maximum(self.quantile * error, (self.quantile - 1) * error)

    def find_constant(self, y: np.ndarray, weight: np.ndarray) -> float:
        """Find the constant that y, (n,), is best predicted by; of Huber's loss the median."""
        if self.kind == "squared_error":
            return float(exact_mean(y, weight))
        return weighted_quantile(y, weight, self.quantile if self.kind == "quantile" else 0.5)


def score_tail(
    loss: Loss,
    tail: Examples,
    prediction: np.ndarray,
    scale: Callable[[np.ndarray], Scaled],
) -> float:
    """Score the predictions, (n, n_outputs), of a tail; the mean over the outputs, at most 1."""
    unit: np.ndarray | float = 1.0
    if loss.kind == "huber":  # the only one whose share depends on the unit
        unit = scale(np.arange(len(tail))).scale
    return compute_score(loss, tail.y, prediction, tail.weight, unit)


def compute_score(
    loss: Loss,
    y: np.ndarray,
    prediction: np.ndarray,
    weight: np.ndarray,
    unit: np.ndarray | float = 1.0,
) -> float:
    """Compute R2 or D2, the mean over the outputs, as scikit-learn's scores do.

    Those take 0.4 ms more to check their arguments, a fifth of what it takes to score an epoch.
    """
    pairs = zip(y.T, weight.T, strict=True)
    constant = np.array([loss.find_constant(output, own) for output, own in pairs])
    missed, spread = (
        np.sum(weight * loss.measure((y - other) / unit), axis=0)
        for other in (prediction, constant)
    )
    share = np.divide(missed, spread, out=np.where(missed > 0, 1.0, 0.0), where=spread > 0)
    return float(np.mean(1.0 - share))
