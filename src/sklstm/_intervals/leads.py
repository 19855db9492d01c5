"""Leads: the distances, in rows, from the first row of a path to the rows that it forecasts."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from sklstm._nested.inside import walk_inside


def list_leads(estimator: Any, n_leads: int, n_rows: int) -> np.ndarray:
    """List the leads with which the rows after the last one are forecast, (n_rows,).

    The first `horizon` rows have the first lead; the others have the later leads of the last path.
    """
    if n_leads == 1:
        return np.zeros(n_rows, dtype=int)
    return np.maximum(0, np.arange(1, n_rows + 1) - _find_horizon(estimator))


def refuse_far_rows(estimator: Any, n_leads: int, n_rows: Any) -> None:
    """Refuse to forecast intervals beyond the last path: no lead was calibrated there."""
    horizon = _find_horizon(estimator)
    last = horizon + n_leads - 1
    if isinstance(n_rows, Integral) and int(n_rows) > last:
        raise ValueError(
            f"n_rows={n_rows} is too large: intervals exist only for the last path, up to "
            f"horizon + steps - 1 = {last} rows ahead. Use fewer rows, or a model with more steps."
        )


def _find_horizon(estimator: Any) -> int:
    """Find the `horizon` of the model inside; 1 if it has none."""
    found = (getattr(part, "horizon", None) for part in walk_inside(estimator))
    return next((int(value) for value in found if isinstance(value, Integral)), 1)
