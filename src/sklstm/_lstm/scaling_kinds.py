"""Which kind of scaling suits a series, told by how it moves."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

CRITICAL_VALUE = -3.43  # Dickey & Fuller (1979): 1 % level with a constant, many rows
LAGGED_CHANGES = 4
ROWS_AT_ONCE = 10_000  # in Dickey & Fuller's test: 0.6 MB of regressors
N_BLOCKS = 10
CALM_TO_WILD = 2.0  # of the same spread throughout, ten blocks of 50 changes differ by 1.5 at most


def choose_kind(series):
    """Choose the scaling for a target's column (n_rows,) by two looks at its training rows.

    A series that returns to its level (Dickey & Fuller's test rejects a unit root at 1 %) keeps
    that level as information: "standard". One that wanders is centred by the window: with one scale
    ("center") while its changes are of one size, else divided by the window's deviation too
    ("window").
    """
    if _returns_to_level(series):
        return "standard"
    rounding = np.finfo(np.float64).eps * np.abs(series).max()
    return "window" if _changes_vary(np.diff(series), rounding) else "center"


def _returns_to_level(x):
    """Dickey & Fuller's test with a constant and a few lagged changes."""
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


def _factorise_regression(x):
    """The R of a QR of the test's regression: level, constant, lagged changes, change to explain.

    By blocks of rows, since all regressors and the solver's copy are 12 times as large as x.
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


def _changes_vary(change, rounding):
    """Whether the changes of some tenth of the rows are much larger than those of another.

    Differences as small as rounding are none: the changes of a line differ by it alone.
    """
    if len(change) < 3 * N_BLOCKS:
        return False
    sizes = np.array([block.std() for block in np.array_split(change, N_BLOCKS)])
    return bool(sizes.max() > CALM_TO_WILD * max(sizes.min(), rounding))
