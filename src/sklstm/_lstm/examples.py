"""Examples: which targets of the rows train and which validate, with their windows and weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sklstm._lstm.scaling import Scaled, Scaling
from sklstm._rows.windows import Windows


@dataclass(frozen=True)
class Examples:
    """Windows with their targets."""

    windows: Windows
    scaling: Scaling
    rows: np.ndarray  # (n_examples,), target rows of `windows`
    y: np.ndarray  # (n_examples, n_outputs), in the user's units
    weight: np.ndarray  # (n_examples,), mean 1

    def __len__(self) -> int:
        """Count the examples."""
        return len(self.rows)

    def scale(self, picks: np.ndarray) -> Scaled:
        """Cut and scale the windows of these examples."""
        return self.scaling.apply(self.windows.cut(self.rows[picks]))


def split_tail(targets: np.ndarray, fraction: float, gap: int) -> tuple[np.ndarray, np.ndarray]:
    """Split the last targets off for validation, with `gap` rows between them and the others.

    Returns the targets to train on and the tail, each oldest first.
    """
    n_tail = max(1, math.ceil(fraction * len(targets)))
    n_train = len(targets) - n_tail - gap
    if n_train < 1:
        raise ValueError(
            f"validation_fraction={fraction} leaves no row to train on: of {len(targets)} rows "
            f"with a full window the last {n_tail} validate, and {gap} must stand between. Use a "
            "smaller fraction, a shorter window_length, more rows, or early_stopping=False."
        )
    return targets[:n_train], targets[n_train + gap :]


def normalise(weight):
    """Weights of mean 1; equal ones are not written out by dividing them."""
    mean = weight.mean()
    return weight if mean == 1 else weight / mean


def pick(values, targets):
    """The values of these targets: no copy where they follow each other, as most often they do."""
    if len(targets) and targets[-1] - targets[0] == len(targets) - 1:
        return values[targets[0] : targets[-1] + 1]
    return values[targets]


def drop_weightless(targets, rows):
    """Leave out the targets of weight 0: they are history, and not trained on."""
    is_weighted = pick(rows.weight, targets) > 0
    weighted = targets if is_weighted.all() else targets[is_weighted]
    if len(weighted) == 0:
        raise ValueError(
            f"sample_weight is 0 for all of the {len(targets)} rows with a full window. Give at "
            "least one of them a positive weight."
        )
    return weighted
