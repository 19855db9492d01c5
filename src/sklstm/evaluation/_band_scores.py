"""Scores of the quantile forecasts of several models, on the quantiles that they share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sklstm.evaluation._held_out import Band, Forecasts
from sklstm.metrics import interval_coverage, interval_score, weighted_quantile_loss

ROUNDING = 1e-9  # of levels whose sum is 1


@dataclass(frozen=True)
class Levels:
    """The quantiles that all bands have, and the interval between the outermost pair of them."""

    shared: tuple[float, ...]
    interval: tuple[float, float] | None  # q and 1 - q

    @property
    def coverage(self) -> float:
        """The nominal coverage of the interval."""
        assert self.interval is not None
        return self.interval[1] - self.interval[0]


def find_levels(bands: Iterable[Band | None]) -> Levels | None:
    """Find the levels on which all bands can be scored; None if no model has a band."""
    of_bands = [set(band.levels) for band in bands if band]
    if not of_bands:
        return None
    shared = sorted(set.intersection(*of_bands))
    pairs = [(low, high) for low in shared for high in shared if low < high]
    pairs = [pair for pair in pairs if abs(sum(pair) - 1) < ROUNDING]
    return Levels(tuple(shared), min(pairs, default=None))


def score_band(forecasts: Forecasts, levels: Levels) -> dict[str, float]:
    """Score a model's band; NaN if it has none."""
    scores = dict.fromkeys(("wql", "coverage", "interval_score"), np.nan)
    if forecasts.band is None or not levels.shared:
        return scores
    is_there = np.isfinite(forecasts.truth)
    truth, quantiles = forecasts.truth[is_there], forecasts.band.quantiles[is_there]
    places = [forecasts.band.levels.index(level) for level in levels.shared]
    if truth.any():
        scores["wql"] = weighted_quantile_loss(truth, quantiles[:, places], levels.shared)
    if levels.interval is not None:
        ends = quantiles[:, [forecasts.band.levels.index(level) for level in levels.interval]]
        scores["coverage"] = interval_coverage(truth, ends)
        scores["interval_score"] = interval_score(truth, ends, levels.coverage)
    return scores
