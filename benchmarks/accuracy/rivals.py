"""Simple forecasts that a network has to beat.

Each predicts the rows from `first` on of a series and reads, for row t, the target up to row
t - h (h: the horizon) and the calendar of row t. The seasons are given, not found.
"""

from collections.abc import Callable

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.accuracy.held_out import HeldOut

N_LAGS = 8
PENALTIES = np.logspace(-4, 4, 17)


def repeat_last_value(series: HeldOut, h: int) -> np.ndarray:
    return _shift(series, h)[series.first :]


def repeat_season(series: HeldOut, h: int) -> np.ndarray:
    """Repeat the value at the same phase; of several seasons, the one that turns out best."""
    lags = [round_up(h, season) for season in series.seasons]
    return min((_shift(series, lag)[series.first :] for lag in lags), key=series.rmse)


def ridge(series: HeldOut, h: int) -> np.ndarray:
    return _regress(make_ridge(), series, h, [])


def ridge_with_seasons(series: HeldOut, h: int) -> np.ndarray:
    return _regress(make_ridge(), series, h, _seasonal_lags(series, h))


def trees_with_seasons(series: HeldOut, h: int) -> np.ndarray:
    trees = HistGradientBoostingRegressor(random_state=0)
    return _regress(trees, series, h, _seasonal_lags(series, h))


RIVALS: dict[str, Callable[[HeldOut, int], np.ndarray]] = {
    "last value": repeat_last_value,
    "seasonal naive": repeat_season,
    "ridge": ridge,
    "ridge, seasons": ridge_with_seasons,
    "trees, seasons": trees_with_seasons,
}
LINEAR = ["last value", "ridge", "ridge, seasons"]
FOR_LONGER_HORIZONS = ["last value", "seasonal naive", "ridge, seasons"]


def rivals_at(horizon: int) -> dict[str, Callable[[HeldOut, int], np.ndarray]]:
    names = RIVALS if horizon == 1 else FOR_LONGER_HORIZONS
    return {name: RIVALS[name] for name in names}


def _seasonal_lags(series: HeldOut, h: int) -> list[int]:
    """Lags next to the same phase one or more seasons back, beyond the latest values."""
    phases = [round_up(h + 1, season) for season in series.seasons]
    lags = [phase + step for phase in phases for step in (-1, 0, 1)]
    return [lag for lag in lags if lag >= h + N_LAGS]


def round_up(h: int, season: int) -> int:
    """The least multiple of the season that is at least h."""
    return -(-h // season) * season


def make_ridge():
    return make_pipeline(StandardScaler(), RidgeCV(PENALTIES))


def _regress(model, series: HeldOut, h: int, seasonal: list[int]) -> np.ndarray:
    """Fit and predict from the latest values, the calendar and the seasonal lags."""
    recent = range(h, h + N_LAGS)
    calendar = series.X[series.calendar].to_numpy()
    Z = np.column_stack(
        [
            *(_shift(series, lag) for lag in recent),
            calendar,  # trees break ties by the order of columns
            *(_shift(series, lag) for lag in seasonal),
        ]
    )
    train = slice(max(*recent, *seasonal), series.first)
    return model.fit(Z[train], series.y[train]).predict(Z[series.first :])


def _shift(series: HeldOut, lag: int) -> np.ndarray:
    return series.y.shift(lag).to_numpy()
