"""The score on the validation targets: by which share predictions reduce the best constant's loss.

For squared errors it is R2. For the other losses it is D2 (Hastie, Tibshirani & Wainwright,
"Statistical learning with sparsity", 2015, section 3.4.1), so that an epoch is chosen by the loss
that it was trained with.
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
    """The loss that training minimises."""

    kind: str
    quantiles: tuple[float, ...] = ()  # with the quantile loss, in the order of their columns

    @property
    def n_columns(self) -> int:
        """The number of forecast columns of each target."""
        return max(1, len(self.quantiles))

    def measure(self, error: np.ndarray) -> np.ndarray:
        """Compute the loss of each error, y minus prediction in scaled units, (..., n_outputs)."""
        size = np.abs(error)
        if self.kind == "squared_error":
            return error**2
        if self.kind == "absolute_error":
            return size
        if self.kind == "huber":
            return np.where(
                size <= HUBER_DELTA, 0.5 * error**2, HUBER_DELTA * (size - 0.5 * HUBER_DELTA)
            )
        level = np.resize(self.quantiles, error.shape[-1])
        return np.maximum(level * error, (level - 1) * error)

    def find_constants(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Find the best constant predictions of y, (n_outputs,); the median for Huber's loss."""
        pairs = list(zip(y.T, weight.T, strict=True))
        if self.kind == "squared_error":
            return np.array([exact_mean(output, own) for output, own in pairs])
        levels = np.resize(self.quantiles or (0.5,), len(pairs))
        return np.array(
            [weighted_quantile(*pair, level) for pair, level in zip(pairs, levels, strict=True)]
        )


@dataclass(frozen=True)
class TailScore:
    """Scores repeated predictions of the same targets: R2 or D2, like scikit-learn's metrics.

    It is the mean over the targets, at most 1; the losses of a target's quantiles are added up.
    scikit-learn's own metrics check their arguments, which takes 0.4 ms, a fifth of the time of
    scoring an epoch.
    """

    loss: Loss
    y: np.ndarray  # (n, n_outputs)
    weight: np.ndarray  # (n, n_outputs)
    unit: np.ndarray | float  # in which errors are measured
    spread: np.ndarray  # (n_targets,), what the best constants miss

    def compute(self, prediction: np.ndarray) -> float:
        """Score the predictions, (n, n_outputs)."""
        missed = _miss(self.loss, self.y, prediction, self.weight, self.unit)
        share = np.divide(
            missed, self.spread, out=np.where(missed > 0, 1.0, 0.0), where=self.spread > 0
        )
        return float(np.mean(1.0 - share))


def make_score(
    loss: Loss, y: np.ndarray, weight: np.ndarray, unit: np.ndarray | float = 1.0
) -> TailScore:
    """Make the score of these targets, (n, n_outputs), with their weights."""
    spread = _miss(loss, y, loss.find_constants(y, weight), weight, unit)
    return TailScore(loss, y, weight, unit, spread)


def make_tail_score(loss: Loss, tail: Examples, scale: Callable[[np.ndarray], Scaled]) -> TailScore:
    """Make the score of a tail, whose windows are scaled so."""
    unit: np.ndarray | float = 1.0
    if loss.kind == "huber":  # the only one whose share depends on the unit
        unit = scale(np.arange(len(tail))).scale
    return make_score(loss, tail.y, tail.weight, unit)


def _miss(
    loss: Loss, y: np.ndarray, other: np.ndarray, weight: np.ndarray, unit: np.ndarray | float
) -> np.ndarray:
    """Add up the losses of each target, those of its quantiles together, (n_targets,)."""
    missed = np.sum(weight * loss.measure((y - other) / unit), axis=0)
    return missed.reshape(-1, loss.n_columns).sum(axis=1) if loss.n_columns > 1 else missed
