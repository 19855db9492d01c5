"""Forecasts beyond the first path, for which forecast rows are fed back as rows of X.

Every column of X must be known for these rows: it is a target's, known in advance, or constant.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sklstm._lstm.forecaster import Forecaster
from sklstm._rows.windows import Windows


def forecast_rows(forecaster: Forecaster, windows: Windows, later: np.ndarray) -> np.ndarray:
    """Forecast the rows `later`, which follow X, (n_later, ...), then as y.

    later: (n_later, n_features), values of known columns, NaN elsewhere.
    """
    n_at_once, forecasts = forecaster.alignment.n_rows_ahead, []
    place = forecaster.preprocessing.design.median_place
    for first in range(0, len(later), n_at_once):
        rows = later[first : first + n_at_once]
        forecasts.append(forecast_at_once(forecaster, windows, rows)[..., place])
        if first + n_at_once < len(later):
            windows = windows.followed_by(_fill(forecaster, windows, rows, forecasts[-1]))
    return np.concatenate(forecasts)


def forecast_at_once(forecaster: Forecaster, windows: Windows, rows: np.ndarray) -> np.ndarray:
    """Forecast rows with first steps, as `predict` does, and then with the rest of the last path.

    Returns their quantiles, (n_rows, ..., n_quantiles), or just the forecast without quantiles.
    """
    n_rows, alignment = len(windows), forecaster.alignment
    ahead = alignment.list_rows_ahead(n_rows)
    missing = np.full((alignment.n_rows_ahead - len(rows), rows.shape[1]), np.nan)
    followed = windows.followed_by(np.concatenate([rows, missing]))
    paths = forecaster.predict_quantiles(followed, ahead)
    path = paths[-1][n_rows - ahead[-1] :] if alignment.horizon == 0 else paths[-1]
    return np.concatenate([paths[:-1, 0], path])[: len(rows)]


def _fill(
    forecaster: Forecaster, windows: Windows, rows: np.ndarray, forecasts: np.ndarray
) -> np.ndarray:
    """Fill unknown values of the rows: targets with their forecasts, others from the last row."""
    filled, targets = rows.copy(), forecaster.preprocessing.target_columns
    unknown = [c for c in range(rows.shape[1]) if c not in forecaster.alignment.known]
    filled[:, unknown] = windows.block[-1, unknown]
    for target, y in zip(targets, forecasts.reshape(len(rows), -1).T, strict=True):
        if target and target.column in unknown:
            filled[:, target.column] = (y - target.intercept) / target.slope
    return filled


def refuse_unknown_columns(
    forecaster: Forecaster, windows: Windows, n_rows: int, name: Callable[[int], str]
) -> None:
    """Refuse to forecast beyond the first path if a column of X would not be known there."""
    at_once = forecaster.alignment.n_rows_ahead
    for column in range(windows.block.shape[1]):
        if not _is_told(forecaster, windows, column):
            raise ValueError(
                f"n_rows={n_rows} is too large: only the next {at_once} rows can be forecast. "
                f"Beyond them, forecasts are fed back as rows of X, but column {name(column)} of X "
                "is neither a target's column, nor known in advance, nor constant. Name it in "
                "known_columns and give its values in known, leave it out, or use more steps."
            )


def _is_told(forecaster: Forecaster, windows: Windows, column: int) -> bool:
    """Tell whether the column is known in advance, constant, or a target's in the same row."""
    if column in forecaster.alignment.known or np.ptp(windows.block[:, column]) == 0:
        return True
    targets = filter(None, forecaster.preprocessing.target_columns)
    return any(t.column == column and t.lead == 0 and t.slope != 0 for t in targets)
