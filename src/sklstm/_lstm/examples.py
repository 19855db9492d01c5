"""Examples: the targets for training and for validation, with their windows and weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sklstm._closed_form.linear_start import LinearStart
from sklstm._lstm.quantiles import repeat_for_quantiles
from sklstm._lstm.scaling import Scaled, Scaling
from sklstm._rows.reading import Rows
from sklstm._rows.windows import Windows

MOST_FLOATS = 2**18  # in windows that are kept scaled: 1 MB
# Of the path head's inputs: 64 MB. Scaling them again in each epoch would take half of a fit.
MOST_FLOATS_BESIDE = 2**24
ROWS_AT_ONCE = 4096
SMALLEST_TAIL, LARGEST_TAIL = 0.1, 0.2  # of all targets
TAIL_TARGETS = 100  # whose score says enough; with 30, yearly sunspots are forecast 6 % worse
FEWEST_TAIL_TARGETS = 20  # that an epoch can be chosen by
FEWEST_TARGETS_BEFORE = 50  # that a network can learn a correction of a linear forecast from


@dataclass(frozen=True)
class Examples:
    """Windows with their targets."""

    windows: Windows
    scaling: Scaling
    target_rows: np.ndarray  # (n_examples,), of `windows`
    y: np.ndarray  # (n_examples, n_outputs), in the user's units; of all steps, for each quantile
    weight: np.ndarray  # (n_examples, n_outputs), mean 1 in each output
    start: np.ndarray | None = None  # (n_examples, n_targets), what the linear start forecasts
    # (n_examples, steps, n_beside), what the path head reads, None: to be read each time
    beside: np.ndarray | None = None

    def __len__(self) -> int:
        """Count the examples."""
        return len(self.target_rows)

    def scale(self, picks: np.ndarray) -> Scaled:
        """Cut and scale the windows of these examples."""
        start = None if self.start is None else self.start[picks]
        beside = None if self.beside is None else self.beside[picks]
        return self.scaling.cut(self.windows, self.target_rows[picks], start, beside)

    def forecast_start(self) -> np.ndarray:
        """Forecast by the linear start alone, which must be there, (n_examples, n_outputs)."""
        assert self.start is not None
        return self.scale(np.arange(len(self))).centre if self.scaling.levels else self.start

    def without_start(self, scaling: Scaling) -> Examples:
        """Take them for a network that forecasts by itself, with this scaling."""
        beside = self.beside
        if beside is not None and self.start is not None and scaling.path is not None:
            beside = beside[:, :, : scaling.path.count(n_starts=0)]
        return replace(self, scaling=scaling, start=None, beside=beside)

    def scale_once(self) -> Callable[[np.ndarray], Scaled]:
        """Return a function that scales as `scale` does; few windows are scaled once and kept."""
        n_floats = self.windows.alignment.window_length * self.windows.block.shape[1]
        if self.scaling.path is not None:
            n_floats += self.scaling.path.lags.size
        if len(self) * n_floats > MOST_FLOATS:
            return self.scale
        return self.scale(np.arange(len(self))).take


@dataclass(frozen=True)
class TailRule:
    """The rule for the number of last targets that early stopping holds back."""

    fraction: float | str  # "auto": of few targets more
    is_optional: bool  # no tail at all where it would be too small to choose an epoch by
    of_paths: bool = False  # whose targets overlap, so that as many say less

    def count(self, n_targets: int) -> int:
        """Return how many of `n_targets` targets are held back."""
        if isinstance(self.fraction, str):
            few = min(TAIL_TARGETS, math.floor(LARGEST_TAIL * n_targets))
            share = LARGEST_TAIL if self.of_paths else SMALLEST_TAIL
            return max(math.ceil(share * n_targets), few)
        return math.ceil(self.fraction * n_targets)


def list_target_rows(windows: Windows, rows: Rows) -> np.ndarray:
    """List the rows of targets to learn from: those of positive weight with a full window.

    A path needs only one step of positive weight.
    """
    full = _list_full_target_rows(windows)
    steps = windows.alignment.steps
    if steps == 1:
        return drop_weightless(full, rows.weight)
    _, weight = rows.take(np.arange(len(rows.X)), steps)
    _refuse_steps_without_targets((weight[full] > 0).any(axis=0), windows)
    return drop_weightless(full, weight.max(axis=1))


def _refuse_steps_without_targets(has_target: np.ndarray, windows: Windows) -> None:
    """Refuse a path whose last steps have no target to train on; has_target: of each step."""
    if not has_target.all():
        alignment = windows.alignment
        needed = alignment.reach + alignment.steps
        raise ValueError(
            f"steps={alignment.steps} with window_length={alignment.window_length} and "
            f"horizon={alignment.horizon} needs at least {needed} rows, and targets of positive "
            f"weight for all steps; X has n_samples = {len(windows)}. Use fewer steps, a shorter "
            "window, or give more rows."
        )


def split_target_rows(
    target_rows: np.ndarray, rule: TailRule | None, gap: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """Split the rows into those for training and the tail for validation, if there is one.

    gap: number of rows to leave out between them.
    """
    if rule is None or (rule.is_optional and not suffices(target_rows, rule, gap)):
        return target_rows, None
    train, tail = split_tail(target_rows, rule, gap)
    if len(tail) < 2:
        raise ValueError(
            f"validation_fraction={rule.fraction!r} holds back {len(tail)} of {len(target_rows)} "
            "targets, but a score needs at least 2. Use a larger fraction or more rows."
        )
    return train, tail


def suffices(target_rows: np.ndarray, rule: TailRule, gap: int) -> bool:
    """Tell whether there are enough targets to choose an epoch by the last ones."""
    n_tail = rule.count(len(target_rows))
    n_train = np.searchsorted(target_rows, target_rows[-n_tail] - gap) if n_tail else 0
    return n_tail >= FEWEST_TAIL_TARGETS and n_train >= FEWEST_TARGETS_BEFORE


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


def split_tail(target_rows: np.ndarray, rule: TailRule, gap: int) -> tuple[np.ndarray, np.ndarray]:
    """Split the last targets off for validation, with `gap` rows between them and the others.

    Returns the rows of the targets to train on and those of the tail, each oldest first.
    """
    n_tail = rule.count(len(target_rows))
    n_train = int(np.searchsorted(target_rows, target_rows[-n_tail] - gap))
    if n_train < 1:
        raise ValueError(
            f"validation_fraction={rule.fraction!r} leaves no row to train on: the last {n_tail} "
            f"of {len(target_rows)} rows with a full window are for validation, and {gap} rows "
            "before them are left out. Use a smaller fraction, a shorter window_length, more rows, "
            "or early_stopping=False."
        )
    return target_rows[:n_train], target_rows[-n_tail:]


def drop_weightless(target_rows: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Leave out the targets of weight 0, which serve only as history."""
    is_weighted = (weight > 0)[target_rows]
    weighted = target_rows if is_weighted.all() else target_rows[is_weighted]
    if len(weighted) == 0:
        raise ValueError(
            f"sample_weight is 0 for all of the {len(target_rows)} rows with a full window. Give "
            "at least one of them a positive weight."
        )
    return weighted


def make_examples(
    rows: Rows,
    windows: Windows,
    scaling: Scaling,
    target_rows: np.ndarray,
    start: LinearStart | None = None,
) -> Examples:
    """Combine the targets of these rows with their windows, weights and linear forecasts."""
    y, weight = rows.take(target_rows, windows.alignment.steps)
    forecast = None if start is None else start.predict(windows, target_rows)
    y, weight = (repeat_for_quantiles(part, scaling.levels) for part in (y, normalise(weight)))
    examples = Examples(windows, scaling, target_rows, y, weight, forecast)
    return _keep_beside(examples) if scaling.path else examples


def join_examples(first: Examples, others: Examples, rows: Rows) -> Examples:
    """Join examples of the same rows; their weights are those of the rows."""
    names = ("target_rows", "y", "start", "beside")
    pairs = {name: (getattr(first, name), getattr(others, name)) for name in names}
    joined: dict[str, Any] = {
        name: None if any(part is None for part in pair) else np.concatenate(pair)
        for name, pair in pairs.items()
    }
    _, weight = rows.take(joined["target_rows"], first.windows.alignment.steps)
    weight = repeat_for_quantiles(normalise(weight), first.scaling.levels)
    return replace(first, weight=weight, **joined)


def _keep_beside(examples: Examples) -> Examples:
    """Scale the path head's inputs once, unless they are too large to keep."""
    runs = np.array_split(np.arange(len(examples)), -(-len(examples) // ROWS_AT_ONCE))
    parts: list[np.ndarray] = []
    for run in runs:
        beside = examples.scale(run).beside
        if beside is None or beside[0].size * len(examples) > MOST_FLOATS_BESIDE:
            return examples
        parts.append(beside)
    return replace(examples, beside=np.concatenate(parts))


def normalise(weight: np.ndarray) -> np.ndarray:
    """Return weights of mean 1 in each output; equal ones are not copied by a division."""
    mean = np.array([own.mean() for own in weight.T])
    return weight if np.all(mean == 1) else weight / mean
