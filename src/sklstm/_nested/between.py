"""The rows between training and test rows of a fold: not trained on, but known at test time.

Without them, a forecaster that keeps its rows would join the last training row to the first test
row if neither labels nor values show that rows are missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sklstm._nested.forecasting import update
from sklstm._nested.reaching import can_reach
from sklstm._sklearn_compat import safe_split


def find_rows_between(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """List the rows after the last training row and before the first test row, oldest first.

    There are none unless both parts of the fold are blocks of rows in order.
    """
    if not (_is_block(train) and _is_block(test)):
        return np.arange(0)
    return np.arange(train[-1] + 1, test[0])


def _is_block(rows: np.ndarray) -> bool:
    return np.array_equal(rows, np.arange(rows[0], rows[0] + len(rows)))


def hand_over_between(
    fitted: Any, X: Any, y: Any, train: np.ndarray, test: np.ndarray
) -> np.ndarray:
    """Update a model that was fitted on the training rows with the rows before the test rows.

    Returns the rows that were passed: none for a model without ``update``.
    """
    rows = find_rows_between(train, test)
    if len(rows) == 0 or not can_reach(fitted, "update"):
        return np.arange(0)
    # Where X is a matrix of similarities, its columns are the training rows.
    update(fitted, *safe_split(fitted, X, y, rows, train))
    return rows
