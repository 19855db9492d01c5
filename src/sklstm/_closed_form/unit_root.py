"""The test of Dickey & Fuller, which tells whether a series returns to a level.

Dickey & Fuller, "Distribution of the estimators for autoregressive time series with a unit root",
Journal of the American Statistical Association 74 (1979).
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

CRITICAL_VALUE = -3.43  # Dickey & Fuller (1979): 1 % level with a constant, many rows
LAGGED_CHANGES = 4
ROWS_AT_ONCE = 10_000  # in the test: 0.6 MB of regressors


def returns_to_level(x: np.ndarray) -> bool:
    """Tell whether a series (n_rows,) returns to a level: the test rejects a unit root at 1 %."""
    n = len(x) - 1 - LAGGED_CHANGES
    if n < 5 * LAGGED_CHANGES or np.ptp(x) == 0:
        return False
    triangle = _factorise_regression(x)
    R, projected, residual = triangle[:-1, :-1], triangle[:-1, -1], abs(triangle[-1, -1])
    beta, _, rank, _ = np.linalg.lstsq(R, projected, rcond=n * np.finfo(float).eps)
    if rank < len(beta):
        return False
    error = residual / np.sqrt(n - len(beta)) * np.linalg.norm(np.linalg.inv(R)[0])
    return bool(beta[0] < CRITICAL_VALUE * error)


def find_wandering(rows: np.ndarray) -> np.ndarray:
    """Tell for each column of rows (n_rows, n_columns) whether it returns to no level."""
    return np.array([not returns_to_level(column) for column in rows.T], dtype=bool)


def _factorise_regression(x: np.ndarray) -> np.ndarray:
    """Compute R of a QR of the test's regression: level, constant, lagged changes, target change.

    It works by blocks of rows, because all regressors and the solver's copy need 12 times the
    memory of x.
    """
    changes = sliding_window_view(np.diff(x), len(x) - 1 - LAGGED_CHANGES)[::-1]  # latest first
    levels, mean = x[LAGGED_CHANGES:-1], x.mean()
    R = np.empty((0, LAGGED_CHANGES + 3))
    for first in range(0, len(levels), ROWS_AT_ONCE):
        change, *lagged = changes[:, first : first + ROWS_AT_ONCE]
        level = levels[first : first + ROWS_AT_ONCE] - mean
        block = np.column_stack([level, np.ones(len(level)), *lagged, change])
        R = np.linalg.qr(np.vstack([R, block])).R
    return R
