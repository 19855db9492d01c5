"""Examples: which targets of the rows train and which validate, with their windows and weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sklstm._lstm.scaling import Scaled, Scaling
from sklstm._rows.reading import Rows
from sklstm._rows.windows import Windows

MOST_FLOATS = 2**18  # in windows that are kept scaled: 1 MB


@dataclass(frozen=True)
class Examples:
    """Windows with their targets."""

    windows: Windows
    scaling: Scaling
    target_rows: np.ndarray  # (n_examples,), of `windows`
    y: np.ndarray  # (n_examples, n_outputs), in the user's units
    weight: np.ndarray  # (n_examples,), mean 1

    def __len__(self) -> int:
        """Count the examples."""
        return len(self.target_rows)

    def scale(self, picks: np.ndarray) -> Scaled:
        """Cut and scale the windows of these examples."""
        return self.scaling.apply(self.windows.cut(self.target_rows[picks]))

    def scale_once(self) -> Callable[[np.ndarray], Scaled]:
        """Do as `scale` does time and again; few windows are kept as they are scaled now."""
        n_floats = len(self) * self.windows.alignment.window_length * self.windows.block.shape[1]
        if n_floats > MOST_FLOATS:
            return self.scale
        return self.scale(np.arange(len(self))).take


def choose_target_rows(
    windows: Windows, weight: np.ndarray, validation_fraction: float | None, lead: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """Choose the rows whose targets train, and those of the tail that validates, if a share does.

    Only those with a full window may. weight: (n_rows,), that of each target; lead: how many rows
    after its own row a target lies at most.
    """
    target_rows = _list_full_target_rows(windows)
    if validation_fraction is None:
        return drop_weightless(target_rows, weight), None
    gap = windows.alignment.reach + lead
    train, tail = split_tail(target_rows, validation_fraction, gap)
    train, tail = drop_weightless(train, weight), drop_weightless(tail, weight)
    if len(tail) < 2:
        raise ValueError(
            f"validation_fraction={validation_fraction} holds {len(tail)} of {len(target_rows)} "
            "targets back, and a score needs at least 2. Use a larger fraction or more rows."
        )
    return train, tail


def _list_full_target_rows(windows: Windows) -> np.ndarray:
    target_rows = windows.full_target_rows()
    if len(target_rows) == 0:
        alignment = windows.alignment
        raise ValueError(
            f"window_length={alignment.window_length} with horizon={alignment.horizon} needs at "
            f"least {alignment.reach + 1} rows; X has n_samples = {len(windows)}. Use a shorter "
            "window or give more rows."
        )
    return target_rows


def split_tail(target_rows: np.ndarray, fraction: float, gap: int) -> tuple[np.ndarray, np.ndarray]:
    """Split the last targets off for validation, with `gap` rows between them and the others.

    Returns the rows of the targets to train on and those of the tail, each oldest first.
    """
    n_tail = max(1, math.ceil(fraction * len(target_rows)))
    n_train = len(target_rows) - n_tail - gap
    if n_train < 1:
        raise ValueError(
            f"validation_fraction={fraction} leaves no row to train on: of {len(target_rows)} rows "
            f"with a full window the last {n_tail} validate, and {gap} must stand between. Use a "
            "smaller fraction, a shorter window_length, more rows, or early_stopping=False."
        )
    return target_rows[:n_train], target_rows[n_train + gap :]


def drop_weightless(target_rows: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Leave out the targets of weight 0: they are history, and not trained on."""
    is_weighted = (weight > 0)[target_rows]
    weighted = target_rows if is_weighted.all() else target_rows[is_weighted]
    if len(weighted) == 0:
        raise ValueError(
            f"sample_weight is 0 for all of the {len(target_rows)} rows with a full window. Give "
            "at least one of them a positive weight."
        )
    return weighted


def make_examples(
    rows: Rows, windows: Windows, scaling: Scaling, target_rows: np.ndarray
) -> Examples:
    """Put the targets of these rows together with their windows and weights."""
    y, weight = rows.take(target_rows)
    return Examples(windows, scaling, target_rows, y, normalise(weight))


def normalise(weight: np.ndarray) -> np.ndarray:
    """Weights of mean 1; equal ones are not written out by dividing them."""
    mean = weight.mean()
    return weight if mean == 1 else weight / mean
