"""Conformity scores: how far targets are outside their bands, which determines interval widths.

The score of a target y is max(lower - y, y - upper), which is negative inside the band. For a
prediction without a band, it is the absolute error. Each lead of a path has separate scores.

Scores are kept in one of two orders. By target, entry (t, j) is the score of row t by the path that
began j rows earlier, which becomes known with row t. By path, entry (t, j) is the score of lead j
of the path that began in row t.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_array

from sklstm._intervals.bands import Levels, predict_band, predict_steps_band


def score_rows(
    estimator: Any, X: Any, y: Any, levels: Levels | None, n_leads: int = 1, first: int = 0
) -> np.ndarray:
    """Score a fitted regressor on rows, by target, (n_rows, n_leads, n_outputs).

    Paths that begin before the row `first` are left out, and so are their targets before it.
    """
    y = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y")
    predict = predict_band if n_leads == 1 else predict_steps_band
    band = predict(estimator, X, levels)
    shape = band.shape[:-1]
    if len(band) != len(y) or np.prod(shape) != n_leads * y.size:
        raise ValueError(
            f"y has the shape {y.shape}, but the predictions for its rows have {shape}. Give one "
            "target for each prediction."
        )
    band = band.reshape(len(y), n_leads, -1, 2)
    return score_targets(band[first:], y.reshape(len(y), -1)[first:])


def score_targets(band: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Score targets, (n_rows, n_outputs), by the paths that begin in their rows, by target.

    band: (n_rows, n_leads, n_outputs, 2). NaN where a path would begin before the first row.
    """
    lower, upper = band[..., 0], band[..., 1]
    scores = np.full(lower.shape, np.nan)
    for lead, (begun, come) in enumerate(_list_pairs(scores)):
        below, above = lower[begun, lead] - y[come], y[come] - upper[begun, lead]
        scores[come, lead] = np.maximum(below, above)
    return scores


def order_by_path(scores: np.ndarray) -> np.ndarray:
    """Order scores by the row in which their path begins; NaN if the target is not known yet."""
    ordered = np.full(scores.shape, np.nan)
    for lead, (begun, come) in enumerate(_list_pairs(scores)):
        ordered[begun, lead] = scores[come, lead]
    return ordered


def order_by_target(scores: np.ndarray) -> np.ndarray:
    """Order scores by the row of their target; NaN where a path would begin before the first."""
    ordered = np.full(scores.shape, np.nan)
    for lead, (begun, come) in enumerate(_list_pairs(scores)):
        ordered[come, lead] = scores[begun, lead]
    return ordered


def _list_pairs(scores: np.ndarray) -> list[tuple[slice, slice]]:
    """List for each lead the rows in which paths begin, and the rows that they forecast."""
    n_rows, n_leads, _ = scores.shape
    return [(slice(0, n_rows - j), slice(j, None)) for j in range(min(n_leads, n_rows))]
