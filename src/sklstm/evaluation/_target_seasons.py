"""The seasons of the training targets, which the baselines read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from sklstm._closed_form.natural_lengths import find_natural_lengths
from sklstm._closed_form.seasons import find_season_lengths
from sklstm._rows.labels import Labels
from sklstm._rows.number_columns import fill_forward

MOST_SEASONS = 2


@dataclass(frozen=True)
class TargetSeasons:
    """The season that the seasonal naive forecast repeats, and those that regressions read."""

    length: int = 1  # 1: there is none
    lengths: tuple[int, ...] = ()  # in the order found; empty where `length` is the dates' alone

    def __str__(self) -> str:
        """Describe the rows that the seasonal naive forecast reads."""
        if self.length == 1:
            return "1 row, no season"
        return f"seasons of {self.length} rows" + ("" if self.lengths else ", from the dates")


def find_target_seasons(outputs: np.ndarray, labels: Labels | None = None) -> TargetSeasons:
    """Find the seasons of training targets (n_rows, n_outputs), whose rows have these labels.

    With several outputs, they are the two that most outputs have. Missing targets are filled with
    the last known one. If no season is found, the shortest natural length of the rows is used.
    """
    outputs = fill_forward(outputs)
    outputs = outputs[np.isfinite(outputs).all(axis=1)]
    natural = find_natural_lengths(labels)
    found = Counter(length for y in outputs.T for length in find_season_lengths(y, natural))
    lengths = tuple(length for length, _ in found.most_common(MOST_SEASONS))
    if lengths:
        return TargetSeasons(_choose_best(outputs, lengths), lengths)
    held = [length for length in natural if 3 * length <= len(outputs)]
    return TargetSeasons(held[0] if held else 1)


def _choose_best(outputs: np.ndarray, lengths: tuple[int, ...]) -> int:
    """Choose the season that forecasts the targets best, with outputs in standard deviations."""
    scale = np.std(outputs, axis=0)
    outputs = outputs / np.where(scale > 0, scale, 1)
    errors = [np.mean(np.abs(outputs[length:] - outputs[:-length])) for length in lengths]
    return lengths[int(np.argmin(errors))]
