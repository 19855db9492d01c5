"""Scaling: from the user's units to the network's and back, by training rows or by each window.

Scaling by the window centres a column on the window's last row. Zero then means "repeat the last
value", and a price level that was never seen in training looks like any other (NLinear, Zeng et
al., "Are transformers effective for time series forecasting?", AAAI 2023; RevIN, Kim et al., ICLR
2022, centres on the window's mean). Statistics are float64; only centred values become float32.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from sklstm._lstm.path_inputs import PathInputs
from sklstm._lstm.quantiles import repeat_for_quantiles, take_first_quantile
from sklstm._lstm.scaling_kinds import choose_kind
from sklstm._rows.means import exact_deviation, exact_mean
from sklstm._rows.targets import TargetColumn, is_bent_image
from sklstm._rows.windows import Windows
from sklstm._warnings import warn_caller

KINDS = ("window", "center", "both", "standard", "minmax")
BY_WINDOW = ("window", "center", "both")
MOST_WINDOWS = 10_000  # evenly spread, enough for a median and a mean square to three digits
MOST_FLOATS = 2**21  # in a run of rows or windows: 16 MB
LEAST_DEVIATION = 1e-3  # of the median window's: flat windows must not blow up to noise
# A normal change over the deviation of two normal rows is Cauchy distributed: without a mean.
FEWEST_ROWS_TO_DIVIDE = 3
FARTHEST = 10.0  # scales from the centre: a trend stays within, volumes in a crash reach 500


@dataclass(frozen=True)
class ColumnScales:
    """The source, centre and scale of each column that the network reads."""

    source: np.ndarray  # (n_columns,), position in the raw window: a column of X, or a season's
    centred_on: np.ndarray  # (n_columns,), the raw column whose last row it is centred on, or -1
    is_divided: np.ndarray  # (n_columns,), by the window's standard deviation
    centre: np.ndarray  # (n_columns,), where not centred by the window
    scale: np.ndarray  # (n_columns,), where not divided by the window
    floor: np.ndarray  # (n_columns,), least standard deviation of a window to divide by
    limit: np.ndarray  # (n_columns,), scaled values beyond it on either side are read as it


@dataclass(frozen=True)
class OutputScales:
    """The mapping of each output to units of y: by its column's scale in the window, or its own."""

    column: np.ndarray  # (n_outputs,), position in X, -1: by its own centre and scale
    slope: np.ndarray  # (n_outputs,), y = slope * column + intercept
    intercept: np.ndarray  # (n_outputs,)
    centre: np.ndarray  # (n_outputs,)
    scale: np.ndarray  # (n_outputs,)
    unit: np.ndarray  # (n_outputs,), how much of a scale the linear start misses, 1 without one
    shift: np.ndarray  # (n_outputs,), in scales, from the centre to where a quantile starts


@dataclass(frozen=True)
class Scaled:
    """Windows in the network's units, with the way back for their predictions."""

    windows: np.ndarray  # (n, window_length, n_features), float32
    centre: np.ndarray  # (n, n_outputs), float64
    scale: np.ndarray  # (n, n_outputs), float64
    beside: np.ndarray | None = None  # (n, steps, n_beside), float32, None with a single step

    def take(self, picks):
        """Take some of the windows."""
        beside = None if self.beside is None else self.beside[picks]
        return Scaled(self.windows[picks], self.centre[picks], self.scale[picks], beside)

    def scale_targets(self, y):
        """Bring targets (n, n_outputs) to the network's units, float32."""
        return ((y - self.centre) / self.scale).astype(np.float32)

    def restore(self, prediction):
        """Bring the network's predictions (n, n_outputs) back to the units of y, float64."""
        return self.centre + self.scale * prediction.astype(np.float64)


@dataclass(frozen=True)
class Scaling:
    """The fitted scales of columns and outputs."""

    kind: str | None
    columns: ColumnScales
    outputs: OutputScales
    n_newest: int | None = None  # rows of a window that the network reads, None: all of them
    path: PathInputs | None = None  # None with a single step
    levels: tuple[float, ...] = ()  # of quantiles, in the order of a target's outputs

    def cut(self, windows: Windows, target_rows, start=None, beside=None):
        """Cut and scale the windows of these rows, and the inputs of the path head.

        start: (n, n_targets), the linear start's forecasts, which are then the centres.
        beside: (n, steps, n_beside), the path head's inputs if they are already scaled.
        """
        raw_windows = windows.cut(target_rows)
        scaled = self.apply(raw_windows, start)
        if self.path is None or beside is not None:
            return replace(scaled, beside=beside)
        raw = self.path.read(windows, target_rows)
        first = slice(len(self.outputs.unit) // len(self.path.lags))  # outputs of the first step
        centre, scale = (
            take_first_quantile(part[:, first], self.levels)
            for part in self._scale_outputs(*self._scale(raw_windows))
        )
        return replace(scaled, beside=self.path.apply(raw, centre, scale, start))

    def apply(self, raw, start=None):
        """Scale raw windows (n, window_length, n_raw_columns)."""
        columns = self.columns
        windows = raw if self._reads_as_is else raw[:, :, columns.source]
        windows = windows[:, -self.n_newest :] if self.n_newest else windows
        centre, scale = self._scale(raw)
        scaled = (windows - centre[:, None]) / scale[:, None]
        np.clip(scaled, -columns.limit, columns.limit, out=scaled)
        centre, scale = self._scale_outputs(centre, scale)
        if start is not None:
            centre = repeat_for_quantiles(start, self.levels)
        if self.levels:
            centre = centre + self.outputs.shift * scale
        return Scaled(scaled.astype(np.float32), centre, self.outputs.unit * scale)

    def _scale(self, raw):
        """Find centre and scale of each column in each window, (n, n_columns)."""
        columns = self.columns
        last = raw[:, -1]
        centre = np.where(columns.centred_on >= 0, last[:, columns.centred_on], columns.centre)
        scale = np.broadcast_to(columns.scale, centre.shape)
        if columns.is_divided.any():
            deviation = exact_deviation(raw, axis=1)[:, columns.centred_on]
            scale = np.where(columns.is_divided, np.maximum(deviation, columns.floor), scale)
        return centre, scale

    @property
    def _reads_as_is(self):
        return len(self.columns.source) == self.columns.source[-1] + 1

    def _scale_outputs(self, centre, scale):
        own = self.outputs
        by_column = own.column >= 0
        return (
            np.where(by_column, own.slope * centre[:, own.column] + own.intercept, own.centre),
            # Positive, so that a quantile stays the same one where the column is upside down.
            np.where(by_column, np.abs(own.slope) * scale[:, own.column], own.scale),
        )


@dataclass(frozen=True)
class TrainingRows:
    """The data that scales are fitted to: the rows that training windows read, and targets."""

    windows: np.ndarray  # (n_windows, window_length, n_features), a sample spread evenly
    X: np.ndarray  # (n_rows, n_features), every row that some window reads, once
    y: np.ndarray  # (n_targets, n_outputs)


def resolve_kind(kind, read, X, y, target_columns, linear_start=False):
    """Return the kind to fit: resolve "auto", and scale by the window only if a target is a column.

    `read` are the rows of training windows; X and y are all training rows. With a linear start, the
    network need not find the level by itself, so a series that returns to its level is read twice.
    """
    by_window = [target for target in target_columns if target]
    if kind == "auto" and len(by_window) == len(target_columns):
        kind = choose_kind(read.X[:, by_window[0].column])
        if kind == "standard" and linear_start:
            return "both"
        if kind == "window" and read.windows.shape[1] < FEWEST_ROWS_TO_DIVIDE:
            return "center"
        return kind
    if kind in BY_WINDOW and not by_window:
        _warn(f"scaling={kind!r} needs the target's column, but y is not a column of X")
        return "standard"
    if kind != "auto":
        return kind
    if any(is_bent_image(x, output) for output in y.T for x in X.T):
        _warn("y is a nonlinear function of a column of X, such as its logarithm")
    return "standard"


def _warn(reason):
    warn_caller(
        f"{reason}. Therefore scaling_ is 'standard', with which a network cannot follow a level "
        "that it has not seen in training. Name the column in target_column, or transform the "
        "column as y was transformed, for example by the logarithm."
    )


def repeat_outputs(outputs: OutputScales, steps: int, levels: Sequence[float]) -> OutputScales:
    """Scale each step of a path, and each quantile of a target, like the first one."""
    names = [field.name for field in fields(OutputScales)]
    repeated = (repeat_for_quantiles(getattr(outputs, name), levels) for name in names)
    return OutputScales(*(np.tile(values, steps) for values in repeated))


def spread_sample(n):
    """Return the positions of at most `MOST_WINDOWS` of n windows, evenly spaced."""
    return np.linspace(0, n - 1, min(n, MOST_WINDOWS)).round().astype(np.intp)


def fit_scaling(
    kind,
    rows: TrainingRows,
    target_columns: Sequence[TargetColumn | None],
    window_columns: Sequence[int],
    season_columns: Sequence[int] = (),
):
    """Fit the scales of this kind; `window_columns` are scaled by the window like the target's.

    season_columns: the column of X that each column of a season, after those of X, belongs to.
    """
    by_window: list[int] = []
    if kind in BY_WINDOW:
        by_window = [*window_columns, *(target.column for target in target_columns if target)]
    else:
        target_columns = [None] * len(target_columns)
    columns = [
        _fit_columns(kind, rows, by_window),
        _fit_seasons(kind, rows, season_columns),
        *([_fit_levels(rows, by_window)] if kind == "both" else []),
    ]
    return Scaling(kind, _join(columns), _fit_outputs(kind, rows, target_columns))


def _join(columns: Sequence[ColumnScales]):
    names = [field.name for field in fields(ColumnScales)]
    return ColumnScales(*(np.concatenate([getattr(c, name) for c in columns]) for name in names))


def _fit_columns(kind, rows, by_window):
    """Fit the scales of the columns of X."""
    n_features = rows.X.shape[1]
    source = np.arange(n_features)
    is_centred = np.isin(source, by_window)
    is_divided = is_centred & (kind == "window")
    centre, scale = _centre_and_scale(kind, rows.X)
    floor = np.ones(n_features)
    windows = rows.windows[:, :, :n_features]
    if len(by_window):
        scale = np.where(is_centred, _never_zero(_find_spread(windows)), scale)
    if kind == "window":
        floor = _never_zero(LEAST_DEVIATION * _find_deviation(windows))
    is_bounded = ~is_centred & (kind is not None)
    limit = np.where(is_bounded, _find_limit(rows.X, centre, scale), np.finfo(float).max)
    centred_on = np.where(is_centred, source, -1)
    return ColumnScales(source, centred_on, is_divided, centre, scale, floor, limit)


def _fit_seasons(kind, rows, season_columns):
    """Fit the scales of the season columns, which are centred on the window's last value."""
    n_features, n = rows.X.shape[1], len(season_columns)
    source = n_features + np.arange(n)
    centred_on = np.array(season_columns, dtype=np.intp)
    scale, floor = np.ones(n), np.ones(n)
    if kind is None:
        centred_on = np.full(n, -1)
    elif n:
        away = rows.windows[:, :, source] - rows.windows[:, -1:, centred_on]
        scale = _never_zero(np.sqrt(_mean_square(_split(away))))
    if kind == "window" and n:
        floor = _never_zero(LEAST_DEVIATION * _find_deviation(rows.windows[:, :, centred_on]))
    is_divided = np.full(n, kind == "window")
    limit = np.full(n, np.finfo(float).max)
    return ColumnScales(source, centred_on, is_divided, np.zeros(n), scale, floor, limit)


def _fit_levels(rows, by_window):
    """Fit the scales of the columns whose level is read too."""
    source = np.unique(np.array(by_window, dtype=np.intp))
    centre, scale = (values[source] for values in _centre_and_scale("standard", rows.X))
    limit = _find_limit(rows.X[:, source], centre, scale)
    n = len(source)
    return ColumnScales(source, np.full(n, -1), np.zeros(n, bool), centre, scale, np.ones(n), limit)


def _find_limit(rows, centre, scale):
    """Return the limit at which a column is clipped: somewhat beyond its range in training.

    A network, and even more its linear skip, has learnt nothing about values far beyond.
    """
    farthest = np.maximum(rows.max(axis=0) - centre, centre - rows.min(axis=0)) / scale
    return np.maximum(FARTHEST, farthest)


def _find_spread(windows):
    """Compute the quadratic mean of each column's distance from the last row of its window."""
    return np.sqrt(_mean_square(run - run[:, -1:] for run in _split(windows)))


def _find_deviation(windows):
    """Compute the standard deviation of each column in its median window."""
    deviations = [exact_deviation(run, axis=1) for run in _split(windows)]
    return np.median(np.concatenate(deviations), axis=0)


def _fit_outputs(kind, rows, target_columns):
    y, own = rows.y, TargetColumn(-1, 0, 1.0, 0.0)
    centre, scale = _centre_and_scale(kind, y)
    # Untrained, the network says nothing, and nothing is learnt from targets that are their centre:
    # what never changed in training is forecast as it was, without scaling too.
    centre = np.where(np.ptp(y, axis=0) > 0, centre, y[0])
    found = [
        target if target and tells_level(target, rows.X, output) else own
        for target, output in zip(target_columns, y.T, strict=True)
    ]
    column, slope, intercept = (
        np.array([getattr(target, name) for target in found])
        for name in ("column", "slope", "intercept")
    )
    n = len(scale)
    return OutputScales(column, slope, intercept, centre, scale, np.ones(n), np.zeros(n))


def tells_level(target, X, output):
    """Tell whether a target's column determines its level and scale.

    It does not determine the scale of a target that does not move with it. It determines the level
    of a constant target only if the line through both gives it exactly.
    """
    if np.ptp(output) == 0 and (target.read(X[:, target.column]) != output[0]).any():
        return False
    return target.slope != 0


def _centre_and_scale(kind, rows):
    """Compute one centre and one scale per column, from all rows."""
    if kind is None:
        return np.zeros(rows.shape[1]), np.ones(rows.shape[1])
    if kind == "minmax":  # to -1 .. 1
        low, high = rows.min(axis=0), rows.max(axis=0)
        return (low + high) / 2, _never_zero((high - low) / 2)
    centre = exact_mean(rows)
    deviation = np.sqrt(_mean_square(run - centre for run in _split(rows)))
    return centre, _never_zero(np.where(np.ptp(rows, axis=0) > 0, deviation, 0.0))


def _split(values):
    """Split rows or windows into runs, because std and squares copy their whole argument."""
    size = max(1, MOST_FLOATS // values[0].size)
    return (values[first : first + size] for first in range(0, len(values), size))


def _mean_square(runs):
    """Compute the mean square of each column, of rows or windows in runs that may be overwritten.

    A run continues the sum so far, row by row as NumPy does, so its length changes no bit. NumPy
    adds up a single column in another way, so there several runs may be rounded differently.
    """
    total, n = 0.0, 0
    for run in runs:
        squares = np.square(run, out=run).reshape(-1, run.shape[-1])
        squares[0] += total
        total, n = squares.sum(axis=0), n + len(squares)
        del run, squares  # before the next run is made
    return total / n


def _never_zero(scale):
    return np.where(scale > 0, scale, 1.0)
