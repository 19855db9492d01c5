"""How much of a second forecast counts beside a first one, by what both would have missed.

Bates & Granger, "The combination of forecasts", 1969. The targets that tell are few, so the first
forecast is given up no further than they demand: the least share of the second one is taken that
they do not tell from the best share, as the rule of one standard error does (Breiman et al.,
"Classification and regression trees", 1984).
"""

from __future__ import annotations

import numpy as np

from sklstm._lstm.tail_scores import Loss
from sklstm._rows.means import exact_mean

SHARES = np.arange(21) / 20
# Of the best share's advantage. By half of one the seventeen series are forecast 0.5 % better than
# by a whole one (on the fifth before the last); by a fixed share of a half, 7 % worse.
STANDARD_ERRORS = 0.5


def choose_shares(
    loss: Loss,
    y: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    weight: np.ndarray,
    unit: np.ndarray | None = None,
) -> np.ndarray:
    """Choose the share of the second forecast in each output, (n_outputs,), from 0 to 1.

    y, first, second: (n_targets, n_outputs); weight: (n_targets,). unit: what errors are measured
    in, (n_targets, n_outputs), for a loss whose shape depends on it.
    """
    error, away = y - first, second - first
    if unit is None:
        size = np.sqrt(exact_mean(error**2, weight))
        unit = np.where(size > 0, size, 1.0)
    pairs = zip((error / unit).T, (away / unit).T, strict=True)
    return np.array([_choose(loss, e, a, weight) for e, a in pairs])


def _choose(loss: Loss, error: np.ndarray, away: np.ndarray, weight: np.ndarray) -> float:
    def miss(share: float) -> np.ndarray:
        return loss.measure(error - share * away)

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
