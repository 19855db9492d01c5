"""The input of the model of the scores: finite losses without a unit, variances and seconds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sklstm._rows.means import exact_deviation, exact_mean
from sklstm._search.trials.trial import Outcome

LARGEST_LOSS = 1e100  # the squares of larger ones have no sum
SHORTEST_S = 1e-9  # a step of the clock; what took less took none by it


def make_finite_losses(scores: Sequence[float]) -> np.ndarray:
    """Convert scores to losses to minimise, which are finite even if a trial failed.

    A failure costs the worst loss seen plus one standard deviation: enough to avoid it, but not so
    much that it hides the differences between the other losses.
    """
    losses = -np.asarray(scores, dtype=float)
    is_finite = np.isfinite(losses)
    losses = np.clip(losses, -LARGEST_LOSS, LARGEST_LOSS)
    succeeded = losses[is_finite]
    penalty = succeeded.max() + succeeded.std() if len(succeeded) else 0.0
    return np.where(is_finite, losses, penalty)


def standardise(losses: np.ndarray) -> np.ndarray:
    """Express losses in standard deviations from their mean, so that their unit decides nothing.

    scikit-optimize's acquisition has absolute constants, such as an improvement (`xi`) of 0.01 and
    a tolerance of 1e-5 on its gradient: little for prices, huge for daily returns.
    """
    return (losses - exact_mean(losses)) / (exact_deviation(losses) or 1.0)


def restore(standardised: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Convert predictions of a model to the unit of the losses."""
    return exact_mean(losses) + (exact_deviation(losses) or 1.0) * standardised


def express_variances(outcomes: Sequence[Outcome]) -> np.ndarray:
    """Express the scores' variances in the unit of `standardise`; a failure has none."""
    losses = make_finite_losses([outcome.score for outcome in outcomes])
    variances = np.minimum([outcome.variance for outcome in outcomes], LARGEST_LOSS**2)
    return variances / (losses.var() if exact_deviation(losses) else 1.0)


def express_seconds(seconds: Sequence[float], least: float) -> list[float]:
    """Express seconds in a unit in which no logarithm is below `least`.

    The unit changes no result, but scikit-optimize uses the minimum of all losses and log(seconds)
    together as the best loss so far. Unknown seconds (NaN) become the others' geometric mean.
    """
    logs = np.log(np.maximum(seconds, SHORTEST_S))
    known = logs[np.isfinite(logs)]
    logs = np.where(np.isfinite(logs), logs, known.mean() if len(known) else 0.0)
    return np.exp(logs - logs.min() + least).tolist()
