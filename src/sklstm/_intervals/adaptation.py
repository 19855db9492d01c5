"""Adaptive conformal inference, which updates scores and widths with newer rows, for each lead.

In the notation of Gibbs & Candes, eq. (2), alpha is the target rate of misses, err is 1 if a target
was outside its interval, and gamma is the step. The share of targets to leave out is alpha_t, with

    alpha_(t+1) = alpha_t + gamma (alpha - err_t).
"""

from __future__ import annotations

import numpy as np

from sklstm._intervals.misses import order_by_path, order_by_target
from sklstm._intervals.widths import find_rank


def adapt(
    scores: np.ndarray, alpha_t: np.ndarray, newer: np.ndarray, *, alpha: float, gamma: float
) -> tuple[np.ndarray, np.ndarray]:
    """Learn from the scores of newer rows, one row after the other; return scores and alpha_t.

    scores: (n_rows, n_leads, n_outputs), by path. newer: (n_newer, n_leads, n_outputs), by target.
    alpha_t: (n_leads, n_outputs). Each newer row replaces the oldest one.
    """
    n_rows, n_leads, _ = scores.shape
    by_target = np.concatenate([order_by_target(scores), newer])
    # Lead j has n_rows - j scores: those of the paths that began in the last n_rows rows.
    counts = np.arange(n_rows)[:, None, None] >= np.arange(n_leads)[:, None]
    n_scores = np.count_nonzero(counts, axis=0)
    for t, score in enumerate(newer):
        # A score exceeds the k-th smallest if at least k are smaller: nothing needs to be sorted.
        n_smaller = np.count_nonzero((by_target[t : t + n_rows] < score) & counts, axis=0)
        err = n_smaller >= np.clip(find_rank(n_scores, alpha_t), 0, n_scores + 1)
        alpha_t = np.where(n_scores > 0, alpha_t + gamma * (alpha - err), alpha_t)
    return order_by_path(by_target[len(newer) :]), alpha_t
