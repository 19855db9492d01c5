"""The share of a second forecast when it is combined with a first one, from the errors of both.

Bates & Granger, "The combination of forecasts", 1969. There are few targets to decide by, so the
second forecast gets the smallest share that is not significantly worse than the best share, as in
the rule of one standard error (Breiman et al., "Classification and regression trees", 1984).
"""

from __future__ import annotations

import numpy as np

from sklstm._lstm.tail_scores import Loss
from sklstm._rows.means import exact_mean

SHARES = np.arange(21) / 20
# Of the best share's advantage. With half of one, the forecasts of the seventeen series are 0.5 %
# better than with a whole one (on the fifth before the last); with a fixed share of 0.5, 7 % worse.
STANDARD_ERRORS = 0.5


def choose_shares(
    loss: Loss,
    y: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    weight: np.ndarray,
    unit: np.ndarray | None = None,
    steps: int = 1,
) -> np.ndarray:
    """Choose the share of the second forecast in each output, (n_outputs,), from 0 to 1.

    y, first, second, weight: (n_targets, n_outputs). unit: the unit of the errors, of the same
    shape, for a loss whose shape depends on it. All `steps` of a path and all quantiles of a target
    have the same share.
    """
    error, away = y - first, second - first
    if unit is None:
        pairs = zip(error.T, weight.T, strict=True)
        squares = np.array([exact_mean(e**2, own) for e, own in pairs])
        size = np.sqrt(squares.reshape(-1, loss.n_columns).mean(axis=1))
        unit = np.repeat(np.where(size > 0, size, 1.0), loss.n_columns)
    shape = len(y), steps, -1, loss.n_columns
    parts = [values.reshape(shape) for values in (error / unit, away / unit, weight)]
    shares = [
        _choose(loss, *(part[:, :, n].reshape(len(y), -1) for part in parts))
        for n in range(parts[0].shape[2])
    ]
    return np.tile(np.repeat(shares, loss.n_columns), steps)


def _choose(loss: Loss, error: np.ndarray, away: np.ndarray, weight: np.ndarray) -> float:
    """Choose the share for one target; all are (n_targets, steps * n_columns)."""
    weights = weight
    weight = weights.sum(axis=1)

    def miss(share: float) -> np.ndarray:
        missed = loss.measure(error - share * away)
        if missed.shape[1] == 1:
            return missed[:, 0]
        return np.sum(missed * weights, axis=1) / np.where(weight > 0, weight, 1.0)

    best = miss(min(SHARES, key=lambda share: exact_mean(miss(share), weight)))
    return next(
        float(share)
        for share in SHARES
        if exact_mean(miss(share) - best, weight)
        <= STANDARD_ERRORS * _find_error(miss(share) - best, weight)
    )


def _find_error(values: np.ndarray, weight: np.ndarray) -> float:
    """Find the standard error of a weighted mean; unequal weights count as fewer targets."""
    n_equal = weight.sum() ** 2 / np.sum(weight**2)
    return float(
        np.sqrt(np.average((values - exact_mean(values, weight)) ** 2, weights=weight) / n_equal)
    )
