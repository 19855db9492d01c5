"""The widths of intervals: the conformal quantile of the scores of the rows before."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def conformal_quantile(scores: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Find the ceil((n + 1) (1 - alpha))-th smallest score of each output or lead.

    scores is (n, ...), alpha and the quantiles are (...). Scores that are NaN are ignored. Beyond
    the largest score the quantile is infinite. Below the smallest it is minus infinity, which makes
    the interval empty.
    """
    n_scores = np.count_nonzero(~np.isnan(scores), axis=0)
    low = np.full((1, *scores.shape[1:]), -np.inf)
    ordered = np.sort(np.where(np.isnan(scores), np.inf, scores), axis=0)
    ordered = np.concatenate([low, ordered, -low])
    rank = np.clip(find_rank(n_scores, alpha), 0, n_scores + 1)
    return np.take_along_axis(ordered, rank[None], axis=0)[0]


def find_rank(n_scores: Any, alpha: Any) -> np.ndarray:
    """Find which of n scores in order is their quantile: ceil((n + 1) (1 - alpha))."""
    # Rounded, because otherwise 0.55 of 100 would be the 56th: the product is 55.00000000000001.
    return np.ceil(np.round((n_scores + 1) * (1 - alpha), 9)).astype(int)


def widen(band: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Move both ends of a band, (..., 2), outwards by q; ends that would cross meet between them.

    The interval is [lower - q, upper + q]; a negative q makes it narrower than the band.
    """
    lower, upper = band[..., 0], band[..., 1]
    is_crossed = lower - q > upper + q
    middle = lower + (upper - lower) / 2
    ends = [np.where(is_crossed, middle, lower - q), np.where(is_crossed, middle, upper + q)]
    return np.stack(ends, axis=-1)


def refuse_few_scores(n_rows: int, n_leads: int, coverage: float) -> None:
    """Refuse intervals up to a lead that was calibrated on too few rows.

    With n rows, the last of these leads has n - n_leads + 1 scores.
    """
    n_scores = n_rows - n_leads + 1
    if find_rank(n_scores, 1 - coverage) <= n_scores:
        return
    needed = math.ceil(round(coverage / (1 - coverage), 9)) + n_leads - 1
    of_a_path = f" the {n_leads} steps of a path" if n_leads > 1 else ""
    raise ValueError(
        f"coverage={coverage} needs at least {needed} rows to calibrate{of_a_path}, but there are "
        f"{n_rows}. Use a lower coverage, a larger calibration_fraction or more rows."
    )
