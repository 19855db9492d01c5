"""A ridge on the last rows and on rows whole seasons back: its residuals and its hold-out error.

Both the target y[t] and the features y[t-b] are differences from the last value, y[t-1].
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sklstm._closed_form.ridge import fit_ridge, split_rows

N_LAGS = 8  # rows that the ridge always reads
HELD_OUT = 5  # the last fifth of the rows is held out


def find_rows_back(season_length: int) -> int:
    """Find the distance to the latest whole season outside the rows that the ridge always reads."""
    return season_length * -(-(N_LAGS + 2) // season_length)  # its row s - 1 is the first one new


def leave_residuals(series: np.ndarray, seasons: Sequence[int]) -> np.ndarray:
    """Compute the residuals of the ridge on the series and its seasons, one for each target."""
    features, changes = _cut_lags(series, seasons, _find_first(seasons))
    return changes - fit_ridge(split_rows(features, changes)).ridge.predict(features)


def compare_on_hold_out(series: np.ndarray, seasons: Sequence[int], more: int) -> tuple:
    """Hold out the last rows; return the RMSE with these seasons, and with one more."""
    first = _find_first([*seasons, more])  # both fits and both errors are of the same rows
    without = _measure_hold_out(*_cut_lags(series, seasons, first))
    return without, _measure_hold_out(*_cut_lags(series, [*seasons, more], first))


def _measure_hold_out(features: np.ndarray, changes: np.ndarray) -> float:
    end = len(changes) - len(changes) // HELD_OUT
    ridge = fit_ridge(split_rows(features[:end], changes[:end])).ridge
    errors = changes[end:] - ridge.predict(features[end:])
    return float(np.sqrt(np.mean(errors**2)))


def _find_first(seasons: Sequence[int]) -> int:
    """Find the first row for which all rows that are read exist."""
    return max([N_LAGS, *(find_rows_back(season) + 1 for season in seasons)])


def _cut_lags(
    series: np.ndarray, seasons: Sequence[int], first: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cut features (n_rows - first, n_lags) and changes (n_rows - first,) from row `first` on."""
    centres = [find_rows_back(season) for season in seasons]
    lags = [*range(2, N_LAGS + 1), *(row for s in centres for row in (s - 1, s, s + 1))]
    last, end = series[first - 1 : -1], len(series)
    columns = [series[first - lag : end - lag] - last for lag in dict.fromkeys(lags)]
    return np.stack(columns, axis=1), series[first:] - last
