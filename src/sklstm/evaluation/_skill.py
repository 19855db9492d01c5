"""The skill of one forecast over another, and its uncertainty.

Both forecasts are compared on the same rows, because rows differ in how hard they are to forecast.
Errors of neighbouring rows are correlated, so a test that treats rows as independent would be too
confident. The bootstrap therefore draws blocks of rows, and the test adds autocovariances.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from sklstm._rows.means import ROUNDING

N_RESAMPLES = 2000
COVERAGE = 0.95  # of the bootstrap's interval


def skill_score(squares: np.ndarray, reference: np.ndarray) -> float:
    """Compute the share by which the RMSE is below the reference's: 1 is perfect, < 0 is worse.

    It is the skill score of Murphy, "Skill scores based on the mean square error and their
    relationships to the correlation coefficient", Monthly Weather Review 116, 1988, with the root
    of the mean. Both arguments are squared errors, (n_rows,), of the same rows.
    """
    return float(_find_skill(np.mean(squares), np.mean(reference)))


def bootstrap_skill(
    squares: np.ndarray, reference: np.ndarray, block_length: int, seed: int = 0
) -> tuple[float, float]:
    """Compute the 95 % percentile interval of the skill score with a paired bootstrap.

    Blocks of neighbouring rows are drawn from a circle, the same blocks for both forecasts: Politis
    & Romano, "A circular block-resampling procedure for stationary data", 1992.
    """
    n_rows = len(squares)
    block_length = min(block_length, n_rows)
    n_blocks = math.ceil(n_rows / block_length)
    first = np.random.default_rng(seed).integers(n_rows, size=(N_RESAMPLES, n_blocks))
    ours, theirs = (
        _average_blocks(each, block_length)[first].mean(axis=1) for each in (squares, reference)
    )
    tail = (1 - COVERAGE) / 2
    with np.errstate(invalid="ignore"):  # of skills that are minus infinity
        low, high = np.quantile(_find_skill(ours, theirs), [tail, 1 - tail])
    return float(low), float(high)


def choose_block_length(n_rows: int, horizon: int) -> int:
    """Choose the number of rows in a block.

    It grows with the cube root of the number of rows, the best rate for a variance (Kunsch, "The
    jackknife and the bootstrap for general stationary observations", 1989), and is at least the
    horizon, because the errors of forecasts overlap over that many rows.
    """
    return max(horizon, math.ceil(n_rows ** (1 / 3)))


def diebold_mariano(losses: np.ndarray, others: np.ndarray, horizon: int) -> tuple[float, float]:
    """Test whether two forecasts are equally good; return the statistic and its p-value.

    Diebold & Mariano, "Comparing predictive accuracy", 1995, with the small-sample correction and
    Student's t of Harvey, Leybourne & Newbold, "Testing the equality of prediction mean squared
    errors", 1997. Both are losses, (n_rows,), of the same rows, oldest first. The statistic is
    positive if the first losses are larger. Even the best forecasts `horizon` rows ahead have
    errors that are correlated over horizon - 1 rows. If the autocovariances up to there give no
    positive variance, they are left out.
    """
    d = losses - others
    rounding = ROUNDING * max(np.abs(losses).max(), np.abs(others).max())
    if np.ptp(d) <= rounding:  # there is no variance, but for one that rounding makes
        return math.nan, math.nan
    n, h = len(d), max(horizon, 1)
    centred = d - d.mean()
    autocovariances = [centred[lag:] @ centred[: n - lag] / n for lag in range(min(h, n))]
    variance = (autocovariances[0] + 2 * sum(autocovariances[1:])) / n
    if variance <= 0:
        h, variance = 1, autocovariances[0] / n
    if variance == 0:  # as the squares of differences below 1e-162 are
        return math.nan, math.nan
    correction = math.sqrt(max(n + 1 - 2 * h + h * (h - 1) / n, 0) / n)
    statistic = correction * float(d.mean()) / math.sqrt(variance)
    return statistic, float(2 * stats.t.sf(abs(statistic), n - 1))


def _find_skill(mean_square: np.ndarray | float, reference: np.ndarray | float) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):  # the reference may be perfect
        return 1 - np.sqrt(np.divide(mean_square, reference))


def _average_blocks(values: np.ndarray, block_length: int) -> np.ndarray:
    """Average the block that begins at each row; the first row follows the last."""
    sums = np.cumsum(np.concatenate([[0.0], values, values[:block_length]]))
    n_rows = len(values)
    return (sums[block_length : block_length + n_rows] - sums[:n_rows]) / block_length
