"""Simple forecasts of paths that a network has to beat.

Each forecasts, from each origin r on, the rows r .. r + steps - 1 (leads 0 .. steps - 1), and reads
the target up to row r - 1 and the calendar of the row that it forecasts. The seasons are given, not
found.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.accuracy.path_series import PathSeries
from benchmarks.accuracy.rivals import make_ridge, round_up

N_LAGS = 24


def repeat_day(series: PathSeries) -> np.ndarray:
    return _repeat(series, series.day)


def repeat_week(series: PathSeries) -> np.ndarray:
    return _repeat(series, series.week)


def direct_ridge(series: PathSeries) -> np.ndarray:
    return _regress(series, [])


def direct_ridge_with_calendar(series: PathSeries) -> np.ndarray:
    return _regress(series, series.calendar)


RIVALS: dict[str, Callable[[PathSeries], np.ndarray]] = {
    "seasonal naive, day": repeat_day,
    "seasonal naive, week": repeat_week,
    "direct ridge": direct_ridge,
    "direct ridge, calendar": direct_ridge_with_calendar,
}


def _repeat(series: PathSeries, season: int) -> np.ndarray:
    """Repeat the newest value at the same phase."""
    origins = series.first + np.arange(series.n_origins)[:, None]
    leads = np.arange(series.steps)
    return series.y.to_numpy()[origins + leads - round_up(leads + 1, season)]


def _regress(series: PathSeries, calendar: list[str]) -> np.ndarray:
    leads = range(series.steps)
    return np.column_stack([_regress_at(lead, series, calendar) for lead in leads])


def _regress_at(lead: int, series: PathSeries, calendar: list[str]) -> np.ndarray:
    """Forecast one lead from the newest values, those at the same phase and the calendar."""
    lags = _choose_lags(lead, series)
    inputs = np.column_stack(  # a row for each origin
        [*(series.y.shift(lag) for lag in lags), series.X[calendar].shift(-lead)]
    )
    target = series.y.shift(-lead).to_numpy()
    train = slice(max(lags), series.first - lead)
    origins = slice(series.first, series.first + series.n_origins)
    return make_ridge().fit(inputs[train], target[train]).predict(inputs[origins])


def _choose_lags(lead: int, series: PathSeries) -> list[int]:
    """Lags of the origin, the last N_LAGS ones and those next to the target's phase."""
    phases = [round_up(lead + 2, season) - lead for season in series.seasons]
    return sorted({*range(1, N_LAGS + 1), *(lag + e for lag in phases for e in (-1, 0, 1))})
