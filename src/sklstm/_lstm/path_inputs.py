"""The inputs of the path head for each step: known columns, and the target one season ago.

Known columns are read in the row of the step. For each output whose target is a column of X, the
rows around the same time a season ago are read, and the linear start's forecast of the step, if
there is one. Targets are scaled as the window scales them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sklstm._rows.means import exact_deviation
from sklstm._rows.targets import TargetColumn
from sklstm._rows.windows import Alignment, Windows, list_lags_around_season

FARTHEST = 10.0  # scales from the centre


@dataclass(frozen=True)
class PathInputs:
    """The numbers that the path head reads, and the scales of known columns."""

    known: np.ndarray  # (n_known,), position in X
    centre: np.ndarray  # (n_known,)
    scale: np.ndarray  # (n_known,)
    columns: np.ndarray  # (n_places,), position in X
    lags: np.ndarray  # (steps, n_places), rows before row t
    outputs: np.ndarray  # (n_places,), the output of each place

    def count(self, n_starts: int) -> int:
        """Count the numbers of a step; n_starts: how many of them a linear start forecasts."""
        return len(self.known) + len(self.columns) + n_starts

    def list_scales(self) -> dict[str, Any]:
        """List the parameters of the Keras layer `ScalePath`."""
        return {
            "centre": self.centre.tolist(),
            "scale": self.scale.tolist(),
            "outputs": self.outputs.tolist(),
            "limit": FARTHEST,
        }

    def read(self, windows: Windows, target_rows: np.ndarray) -> np.ndarray:
        """Read them in the user's units, (n_rows, steps, n_known + n_places)."""
        ahead = windows.find_rows(target_rows, -np.arange(len(self.lags)))
        known = windows.block[ahead[:, :, None], self.known]
        rows = windows.find_rows(target_rows, self.lags.ravel())
        rows = rows.reshape(len(target_rows), *self.lags.shape)
        return np.concatenate([known, windows.block[rows, self.columns]], axis=2)

    def apply(
        self, raw: np.ndarray, centre: np.ndarray, scale: np.ndarray, start: np.ndarray | None
    ) -> np.ndarray:
        """Scale the result of `read`, (n_rows, steps, n_beside), float32; a missing number is 0.

        centre, scale: (n_rows, n_outputs), of a target in the window; start: (n_rows, steps *
        n_outputs), forecasts of the linear start.
        """
        n, n_known = len(raw), len(self.known)
        parts = [(raw[:, :, :n_known] - self.centre) / self.scale]
        own = self.outputs
        parts.append((raw[:, :, n_known:] - centre[:, None, own]) / scale[:, None, own])
        if start is not None:
            start = start.reshape(n, -1, centre.shape[1])
            parts.append((start - centre[:, None]) / scale[:, None])
        scaled = np.nan_to_num(np.concatenate(parts, axis=2))
        return np.clip(scaled, -FARTHEST, FARTHEST).astype(np.float32)


def fit_path_inputs(
    alignment: Alignment, targets: Sequence[TargetColumn | None], read: np.ndarray
) -> PathInputs | None:
    """Choose the inputs, and scale known columns by the rows that training reads, `read`.

    None for a single step, because its window contains all of them.
    """
    if alignment.steps == 1:
        return None
    known = np.array(alignment.known, np.intp)
    deviation = exact_deviation(read[:, known])
    places = [_list_places(alignment, target) for target in targets]
    counts = [lags.shape[1] for lags in places]
    columns = [target.column if target else 0 for target in targets]
    return PathInputs(
        known=known,
        centre=read[:, known].mean(axis=0),
        scale=np.where(deviation > 0, deviation, 1.0),
        columns=np.repeat(columns, counts),
        lags=np.concatenate(places, axis=1),
        outputs=np.repeat(np.arange(len(targets)), counts),
    )


def _list_places(alignment: Alignment, target: TargetColumn | None) -> np.ndarray:
    """List the lags from row t at which a step reads the target's seasons, (steps, n_places)."""
    lags = [
        [
            lag - step
            for season in alignment.seasons
            if target and season.column == target.column
            for lag in list_lags_around_season(season.length, alignment.horizon + step, target.lead)
        ]
        for step in range(alignment.steps)
    ]
    return np.array(lags, np.intp).reshape(alignment.steps, -1)
