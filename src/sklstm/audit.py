"""What leaks: ways in which a split would show the model what it is to forecast."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from sklstm.spaces import find_parts_with


def find_needed_gap(estimator: Any, X: Any, y: Any) -> int:
    """Find how many rows must lie between training and test rows, so that no target is in both."""
    return max(
        (int(part.needed_gap(X, y)) for _, part in find_parts_with(estimator, "needed_gap")),
        default=0,
    )


def refuse_future_training(folds: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
    """Raise if a fold trains on rows at or after its first test row."""
    for number, (train, test) in enumerate(folds):
        if train.max() >= test.min():
            raise ValueError(
                f"Fold {number} of cv trains on row {train.max()}, at or after its first test row "
                f"{test.min()}: the model would learn from the future. Use TimeSeriesSplit, or "
                "set allow_future_train=True if the order of the rows does not matter."
            )
