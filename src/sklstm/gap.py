"""How many rows must lie between training and test rows, so that no target is in both."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_regressor

from sklstm.parts import find_parts_with
from sklstm.targets import find_target_columns, largest_lead, read_tables


def find_needed_gap(estimator: Any, X: Any, y: Any) -> int:
    """Find how many rows must lie between training and test rows, so that no target is in both.

    The estimator or a part of it may tell; of others, the target is looked for among later rows
    of the columns of X.
    """
    return find_gap(estimator, X, y)[0]


def find_gap(estimator: Any, X: Any, y: Any) -> tuple[int, bool]:
    """Find the needed gap, and whether it is certain: by values alone it may be chance."""
    parts = find_parts_with(estimator, "needed_gap")
    gaps = [int(part.needed_gap(X, y)) for _, part in parts]
    return (max(gaps), True) if gaps else (_find_lead(estimator, X, y), False)


def _find_lead(estimator: Any, X: Any, y: Any) -> int:
    """Find by how many rows a regressor's target lies after its row, by values alone; 0 if not."""
    if y is None or not is_regressor(estimator) or np.iscomplexobj(X) or np.iscomplexobj(y):
        return 0
    try:
        columns, targets = read_tables(X, y)
    except (TypeError, ValueError):  # no table of numbers: there is nothing to find by value
        return 0
    if not (np.isfinite(columns).all() and np.isfinite(targets).all()):
        return 0
    return largest_lead(find_target_columns(columns, targets, horizon=1))
