"""The linear start: a ridge regression for each output, whose forecast the network corrects.

If the target is a column of X, the ridge forecasts its change from the last value. It reads the
changes between earlier values and the last one, and the values around the same time a season ago.
If the series returns to a level, it also reads the last value itself. It reads columns known in
advance only in the predicted row, and all other columns over the window.

Rows whose season is missing are forecast by a second ridge, which reads no season.

Each step of a path has a separate ridge. It reads known columns in the row of the step, and the
values around the same time in the last seasons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.linalg import block_diag

from sklstm._closed_form.ridge import ROWS_AT_ONCE, Block, Ridge, RidgeFit, fit_ridge
from sklstm._closed_form.unit_root import find_wandering
from sklstm._rows.means import exact_mean
from sklstm._rows.targets import TargetColumn
from sklstm._rows.windows import Alignment, Windows, list_lags_around_season
from sklstm._threads import map_in_threads

MOST_LAGS = 24
FEW_LAGS = 8  # with fewer targets than `TARGETS_PER_LAG` times the most
TARGETS_PER_LAG = 10
# Seasonal series need more: with 72 lags the start's error falls by 2 % on eight of them, while it
# rises by 1 % on prices.
MOST_LAGS_BY_SEASON = 72
TARGETS_PER_FAR_LAG = 15
FARTHEST = 10.0  # deviations from the mean; beyond, and beyond training, columns are read as it
MOST_KEPT = 2**22  # numbers that are read once for all passes: 32 MB
MOST_TARGETS = 50_000  # evenly spaced; they are enough for the largest number of coefficients


@dataclass(frozen=True)
class Features:
    """The features of a ridge: one number for each position in a column."""

    columns: np.ndarray  # (n_features,), position in X
    lags: np.ndarray  # (n_features,), rows before row t
    is_change: np.ndarray  # (n_features,), counted from the column's value in row t-h
    is_seasonal: np.ndarray  # (n_features,)
    lowest: np.ndarray  # (n_features,), smaller numbers are read as it
    highest: np.ndarray  # (n_features,)

    def read(self, windows: Windows, target_rows: np.ndarray) -> np.ndarray:
        """Read them for these target rows, (n_rows, n_features); missing rows are the oldest."""
        values = _read(windows, target_rows, self.columns, self.lags)
        if self.is_change.any():
            newest = np.full(len(self.lags), windows.alignment.horizon)
            newest = _read(windows, target_rows, self.columns, newest)
            np.subtract(values, newest, out=values, where=self.is_change)
        return np.clip(values, self.lowest, self.highest, out=values)


def _read(
    windows: Windows, target_rows: np.ndarray, columns: np.ndarray, lags: np.ndarray
) -> np.ndarray:
    return windows.block[windows.find_rows(target_rows, lags), columns]


def _read_newest(windows: Windows, target_rows: np.ndarray, column: int) -> np.ndarray:
    """Read a column in the newest row that the prediction for each target row may read."""
    horizon = np.array([windows.alignment.horizon])
    return windows.block[windows.find_rows(target_rows, horizon)[:, 0], column]


@dataclass(frozen=True)
class OutputStart:
    """The linear start of one output in one step."""

    target: TargetColumn | None  # None: no column tells its level
    features: Features
    seasonal: Ridge | None  # None: there are no seasons
    plain: Ridge  # reads no season

    def predict(self, windows: Windows, target_rows: np.ndarray) -> np.ndarray:
        """Forecast the output for these target rows, (n_rows,)."""
        forecast = self._read_level(windows, target_rows)
        features = self.features.read(windows, target_rows)
        if self.seasonal is None:
            return forecast + self.plain.predict(features)
        has_seasons = windows.has_seasons(target_rows)
        plain = self.plain.predict(features[:, ~self.features.is_seasonal])
        return forecast + np.where(has_seasons, self.seasonal.predict(features), plain)

    def _read_level(self, windows: Windows, target_rows: np.ndarray) -> np.ndarray:
        if self.target is None:
            return np.zeros(len(target_rows))
        return self.target.read(_read_newest(windows, target_rows, self.target.column))

    def read(self, windows: Windows, target_rows: np.ndarray) -> np.ndarray:
        """Read the features that `list_lines` maps, after the last value if it counts."""
        features = self.features.read(windows, target_rows)
        features[np.ix_(~windows.has_seasons(target_rows), self.features.is_seasonal)] = np.nan
        if self.target is None:
            return features
        newest = _read_newest(windows, target_rows, self.target.column)
        return np.column_stack([newest, features])

    def list_coefficients(self, horizon: int) -> dict[tuple[int, int] | None, float]:
        """List the coefficient of each value, by column and by rows before row t; None: intercept.

        It is the same forecast, written in values instead of changes between them.
        """
        ridge, features = self.seasonal or self.plain, self.features
        found: dict[tuple[int, int] | None, float] = {None: ridge.intercept}
        if self.target is not None:
            found = {None: ridge.intercept + self.target.intercept}
            found[self.target.column, horizon] = self.target.slope
        read = zip(
            features.columns.tolist(),
            features.lags.tolist(),
            features.is_change.tolist(),
            ridge.coefficients.tolist(),
            strict=True,
        )
        for column, lag, is_change, coefficient in read:
            found[column, lag] = found.get((column, lag), 0.0) + coefficient
            if is_change:
                found[column, horizon] = found.get((column, horizon), 0.0) - coefficient
        return found

    def list_lines(self) -> list[tuple[np.ndarray, float]]:
        """List coefficients and intercept of both ridges, for all that `read` reads."""
        own = [] if self.target is None else [self.target.slope]
        level = 0.0 if self.target is None else self.target.intercept
        is_read, plain = ~self.features.is_seasonal, np.zeros(len(self.features.lags))
        plain[is_read] = self.plain.coefficients
        seasonal = self.seasonal or Ridge(self.plain.intercept, plain, self.plain.penalty)
        return [
            (np.concatenate([own, coefficients]), level + intercept)
            for coefficients, intercept in [
                (seasonal.coefficients, seasonal.intercept),
                (plain, self.plain.intercept),
            ]
        ]


@dataclass(frozen=True)
class LinearStart:
    """The linear start of all outputs, step by step."""

    outputs: tuple[OutputStart, ...]

    def predict(self, windows: Windows, target_rows: np.ndarray) -> np.ndarray:
        """Forecast for these target rows, (n_rows, n_outputs); rows do not affect each other."""
        forecasts = np.empty((len(target_rows), len(self.outputs)))
        for some in _split(np.arange(len(target_rows))):
            for number, output in enumerate(self.outputs):
                forecasts[some, number] = output.predict(windows, target_rows[some])
        return forecasts

    def read(self, windows: Windows, target_rows: np.ndarray) -> np.ndarray:
        """Read the features of all outputs, in adjacent columns."""
        return np.concatenate([o.read(windows, target_rows) for o in self.outputs], axis=1)

    def list_maps(self) -> dict[str, dict[str, list]]:
        """List the linear maps from all features to all outputs, with and without seasons."""
        lines = [output.list_lines() for output in self.outputs]
        return {
            name: {
                "kernel": block_diag(*(line[i][0][:, None] for line in lines)).tolist(),
                "intercept": [float(line[i][1]) for line in lines],
            }
            for i, name in enumerate(("seasonal", "plain"))
        }


@dataclass(frozen=True)
class StartFit:
    """A linear start, and its leave-one-out residuals."""

    start: LinearStart
    target_rows: np.ndarray  # (n_targets,), those that it was fitted to
    left_out: np.ndarray  # (n_targets, n_outputs), NaN where the weight is 0


def count_lags(n_targets: int, has_season: bool = False) -> int:
    """Count the rows of a target's column for which the targets can determine coefficients."""
    if n_targets < TARGETS_PER_LAG * MOST_LAGS:
        return min(FEW_LAGS, max(1, n_targets // TARGETS_PER_LAG))
    if has_season:
        return min(MOST_LAGS_BY_SEASON, max(MOST_LAGS, n_targets // TARGETS_PER_FAR_LAG))
    return MOST_LAGS


def fit_linear_start(
    windows: Windows,
    targets: Sequence[TargetColumn | None],
    target_rows: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
) -> StartFit:
    """Fit it to the targets y, (n_targets, n_outputs), of these rows with their weights.

    With several steps, the outputs of the first come first. `targets` are the columns of one step.
    """
    if len(target_rows) > MOST_TARGETS:
        picks = np.linspace(0, len(target_rows) - 1, MOST_TARGETS).round().astype(np.intp)
        target_rows, y, weight = target_rows[picks], y[picks], weight[picks]
    wanders = find_wandering(windows.rows_read(target_rows))
    left_out = np.full(y.shape, np.nan)

    def fit(number: int) -> OutputStart:
        step, place = divmod(number, len(targets))
        counts = weight[:, number] > 0
        rows = target_rows if counts.all() else target_rows[counts]
        y_own, weight_own = y[counts, number], weight[counts, number]
        output, left_out[counts, number] = _fit_output(
            windows, targets[place], step, rows, y_own, weight_own, wanders
        )
        return output

    outputs = map_in_threads(fit, range(y.shape[1]))
    return StartFit(LinearStart(tuple(outputs)), target_rows, left_out)


def _fit_output(
    windows: Windows,
    target: TargetColumn | None,
    step: int,
    target_rows: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    wanders: np.ndarray,
) -> tuple[OutputStart, np.ndarray]:
    """Fit the start of one output; also returns its residuals of leave-one-out, (n_targets,)."""
    mean = exact_mean(weight)  # divided by it, so that the penalty is fair to weights of any size
    weight = weight if mean == 1 else weight / mean
    features = _list_features(windows.alignment, target, step, wanders)
    read = _keep_if_small(features, windows, target_rows)
    features = _limit(features, target, read, len(target_rows))
    start = OutputStart(target, features, None, Ridge(0.0, np.zeros(len(features.lags)), 0.0))
    changes = y - start._read_level(windows, target_rows)

    def fit(rows: np.ndarray, is_read: np.ndarray | slice) -> RidgeFit:
        def make_blocks() -> Iterator[Block]:
            for some in _split(rows):
                Z = np.clip(read(some), features.lowest, features.highest)
                yield Z[:, is_read], changes[some], weight[some]

        return fit_ridge(make_blocks)

    everything = np.arange(len(target_rows))
    plain, left_out = fit(everything, ~features.is_seasonal)
    seasonal = None
    if features.is_seasonal.any():
        rows = np.flatnonzero(windows.has_seasons(target_rows))
        seasonal, left_out[rows] = fit(rows, slice(None))
    return OutputStart(target, features, seasonal, plain), left_out


def _list_features(
    alignment: Alignment, target: TargetColumn | None, step: int, wanders: np.ndarray
) -> Features:
    """List what the ridge of one output reads for this step, without limits."""
    horizon, known = alignment.horizon, alignment.known
    window = np.arange(horizon, horizon + alignment.window_length)
    places: list[tuple[int, int, bool, bool]] = []  # column, lag, is a change, is seasonal
    if target is not None:
        own = target.column
        near = range(horizon, horizon + alignment.n_lags)
        places += [(own, horizon, False, False)] if not wanders[own] else []
        places += [(own, lag, True, False) for lag in near[1:]]
        seasonal = list_season_rows(alignment, target, step, alignment.seasons_back)
        places += [(own, lag, True, True) for lag in seasonal if lag not in near]
    for column in range(len(wanders)):
        if column in known:
            places.append((column, -step, False, False))
        elif target is None:
            places.append((column, horizon, False, False))
        elif column != target.column:
            places += [(column, horizon, False, False)] if not wanders[column] else []
            places += [(column, int(lag), True, False) for lag in window[1:]]
    columns, lags, is_change, is_seasonal = (
        np.array([place[i] for place in places], dtype)
        for i, dtype in enumerate([np.intp, np.intp, bool, bool])
    )
    none = np.full(len(places), np.inf)
    return Features(columns, lags, is_change, is_seasonal, -none, none)


def list_season_rows(
    alignment: Alignment, target: TargetColumn, step: int = 0, seasons_back: int = 1
) -> list[int]:
    """List the lags of its seasons, relative to row t: S + 1, S and S - 1 of each, once."""
    lags = [
        lag + number * season.length - step
        for season in alignment.seasons
        if season.column == target.column
        for number in range(seasons_back)
        for lag in list_lags_around_season(season.length, alignment.horizon + step, target.lead)
    ]
    return list(dict.fromkeys(lags))


def _keep_if_small(
    features: Features, windows: Windows, target_rows: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that reads the features of some targets; few are read once and kept."""
    if len(target_rows) * len(features.lags) > MOST_KEPT:
        return lambda some: features.read(windows, target_rows[some])
    return features.read(windows, target_rows).__getitem__


def _limit(
    features: Features,
    target: TargetColumn | None,
    read: Callable[[np.ndarray], np.ndarray],
    n_targets: int,
) -> Features:
    """Limit features from columns other than the target's to the range seen in training."""
    is_limited = np.ones(len(features.lags), bool)
    if target is not None:
        is_limited = (features.columns != target.column) | ~features.is_change
    if not is_limited.any():
        return features
    low, high = np.inf, -np.inf
    total: Any = 0.0
    squares: Any = 0.0
    blocks = _split(np.arange(n_targets))
    for rows in blocks:
        values = read(rows)
        low, high = np.minimum(low, values.min(axis=0)), np.maximum(high, values.max(axis=0))
        total = total + values.sum(axis=0)
    mean = total / n_targets
    for rows in blocks:
        squares = squares + np.sum((read(rows) - mean) ** 2, axis=0)
    span = FARTHEST * np.sqrt(squares / n_targets)
    lowest = np.where(is_limited, np.minimum(low, mean - span), -np.inf)
    highest = np.where(is_limited, np.maximum(high, mean + span), np.inf)
    return replace(features, lowest=lowest, highest=highest)


def _split(rows: np.ndarray) -> list[np.ndarray]:
    return [rows[first : first + ROWS_AT_ONCE] for first in range(0, len(rows), ROWS_AT_ONCE)]
