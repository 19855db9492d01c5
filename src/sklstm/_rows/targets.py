"""The target's column: the column of X that the target is taken from, and its lead in rows.

Its last value is the level that forecasts start from. The column is found by its values: y[t] is
a X[t+d, c] + b on all training rows, for one column c and the smallest lead d. A scaler before the
forecaster is affine too, so it changes only a and b. Rows with a NaN in the target or the column,
which is missing or does not count, are not compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sklstm._rows.columns import locate_column
from sklstm._rows.means import exact_mean
from sklstm._warnings import warn_caller

LAST_LEAD = 32  # rows; a target further ahead than this is not looked for
FEWEST_PAIRS = 10  # fewer rows may lie on a line by chance
# Largest miss, in standard deviations of y. It is small because neighbouring rows of a slow series
# have a correlation of 0.9997: a looser test would mistake the row before for the row itself.
TOLERANCE = 1e-5
LARGEST_SAMPLE_MISS = 1e-2  # a column that misses y by more is not read to find its rounding
SAMPLE_SIZE = 64  # rows, enough to reject nearly every column without reading the others


@dataclass(frozen=True)
class TargetColumn:
    """The target as a column of X: y[t] = slope * X[t + lead, column] + intercept."""

    column: int  # position in X
    lead: int  # rows by which the column is later than the target's row
    slope: float
    intercept: float

    def read(self, x: np.ndarray) -> np.ndarray:
        """Compute the target from values of its column."""
        return self.slope * x + self.intercept


def find_target_column(
    X: np.ndarray,
    y_column: np.ndarray,
    first_lead: int = 0,
    last_lead: int = LAST_LEAD,
    columns: Sequence[int] | None = None,
) -> TargetColumn | None:
    """Find the column of X that the target is taken from; None if there is none.

    X is (n_rows, n_features) and y_column (n_rows,), both float64, with NaN for numbers that are
    not compared. The smallest lead wins, then the first column. `columns` are the positions to try;
    None tries all.
    """
    columns = range(X.shape[1]) if columns is None else columns
    tolerance = cache(lambda column: _find_tolerance(X[:, column]))
    for lead in range(first_lead, min(last_lead, len(y_column) - FEWEST_PAIRS) + 1):
        y = y_column[: len(y_column) - lead]
        there = _drop_missing(y)
        if len(there) < FEWEST_PAIRS or not _varies(there):
            continue
        for column, miss in zip(columns, _sample_misses(X, y, lead, columns), strict=True):
            if miss > LARGEST_SAMPLE_MISS or miss > tolerance(column):
                continue  # nearly always, and nearly always without reading the whole column
            x, y_paired = _pair(X, y_column, column, lead)
            if len(x) < FEWEST_PAIRS or not _varies(y_paired):
                continue
            target = _fit_at_lead(x, y_paired, column, lead)
            if _largest_miss(target, x, y_paired) <= tolerance(column):
                return target
    return None


def _drop_missing(series: np.ndarray) -> np.ndarray:
    missing = np.isnan(series)
    return series[~missing] if missing.any() else series


def _pair(X: np.ndarray, y_column: np.ndarray, column: int, lead: int) -> tuple[np.ndarray, ...]:
    """Pair the column `lead` rows later with the target if neither is NaN, each (n_pairs,)."""
    x, y = X[lead:, column], y_column[: len(y_column) - lead]
    missing = np.isnan(x) | np.isnan(y)
    return (x[~missing], y[~missing]) if missing.any() else (x, y)


def fit_target_column(
    X: np.ndarray, y_column: np.ndarray, column: int, first_lead: int = 0
) -> TargetColumn:
    """Fit the target to a column that the user named, affine or not.

    The lead is the one at which the target is the column, else `first_lead`.
    """
    if first_lead >= len(y_column):
        raise ValueError(
            f"The target's column is searched for {first_lead} rows later, but X has only "
            f"{len(y_column)} rows. Give more rows."
        )
    x, y = _pair(X, y_column, column, first_lead)
    if len(x) == 0:
        raise ValueError(
            f"No row has both a target of positive weight and a value of column {column} "
            f"{first_lead} rows later. Give at least one such row a positive weight."
        )
    found = find_target_column(X, y_column, first_lead, columns=[column])
    return found or _fit_at_lead(x, y, column, first_lead)


def _fit_at_lead(x: np.ndarray, y: np.ndarray, column: int, lead: int) -> TargetColumn:
    """Fit the line by least squares; a constant column has slope 1, a constant target slope 0."""
    intercept = float(exact_mean(y) - x[0])
    rounds = np.ptp(y) == 0 and x[0] + intercept != y[0]  # the line would miss a constant target
    if not _varies(x) and not rounds:
        return TargetColumn(int(column), lead, 1.0, intercept)
    if not _varies(y):
        return TargetColumn(int(column), lead, 0.0, float(y[0]))
    return TargetColumn(int(column), lead, *_fit_line(x, y))


def locate_target_columns(
    target_column: Any, n_outputs: int, n_features: int, feature_names: Sequence[str] | None = None
) -> list[int | None]:
    """Locate the columns that the user named: one position per output, or None to find it.

    `target_column` is a name, a position or None for all outputs, or a list with one for each.
    """
    is_list = not isinstance(target_column, str) and np.ndim(target_column) > 0
    columns = list(target_column) if is_list else [target_column] * n_outputs
    if len(columns) != n_outputs:
        raise ValueError(
            f"target_column={target_column!r} names {len(columns)} columns, but y has {n_outputs} "
            "outputs. Name one column per output, or a single one for all outputs."
        )
    return [
        None
        if column is None
        else locate_column("target_column", column, n_features, feature_names)
        for column in columns
    ]


def find_target_columns(
    X: np.ndarray, y: np.ndarray, horizon: int, columns: Sequence[int | None] | None = None
) -> list[TargetColumn | None]:
    """Find the column of each output of y (n_rows, n_outputs), or fit it to the one named.

    With horizon=0, which reads the target's own row, it is sought in later rows only.
    """
    first_lead = 0 if horizon else 1
    return [
        find_target_column(X, output, first_lead)
        if column is None
        else fit_target_column(X, output, column, first_lead)
        for output, column in zip(y.T, columns or [None] * y.shape[1], strict=True)
    ]


def largest_lead(target_columns: Sequence[TargetColumn | None]) -> int:
    """Return the largest lead of an output, in rows."""
    return max((column.lead for column in target_columns if column), default=0)


def refuse_own_row(
    X: np.ndarray,
    y: np.ndarray,
    horizon: int,
    known: Sequence[int],
    is_plain_regression: bool = False,
) -> None:
    """Refuse a target that is a column of the predicted row, if that row is read.

    Plain regression, which reads only the row itself, just warns: y may be any function of its row.
    """
    columns = range(X.shape[1]) if horizon == 0 else known
    for output in y.T:
        target = find_target_column(X, output, last_lead=0, columns=columns)
        if target is None:
            continue
        reader, way_out = "horizon=0", "Use horizon=1, or make y this column of a later row"
        if horizon > 0:
            reader = f"known_columns with column {target.column}"
            way_out = (
                "This column is the target itself, which is not known in advance. Remove it from "
                "known_columns"
            )
        message = (
            f"{reader} reads the row that is predicted, but y is column {target.column} of X in "
            f"this row, so the window would contain the target. {way_out}."
        )
        if not is_plain_regression:
            raise ValueError(message)
        warn_caller(message)


def warn_of_leads(target_columns: Sequence[TargetColumn | None], horizon: int) -> None:
    """Warn if y is shifted and is forecast `horizon` rows further ahead in addition."""
    leads = [column.lead for column in target_columns if column]
    if leads and min(leads) >= 1:
        warn_caller(
            f"With horizon={horizon} and y taken from a column of X {min(leads)} rows later, "
            f"the forecast is {horizon + min(leads)} rows ahead. Use horizon=0 with a shifted y, "
            "or do not shift y."
        )


def is_bent_image(x: np.ndarray, y: np.ndarray) -> bool:
    """Tell whether y is a monotonic but not a linear function of the column x.

    An example is the logarithm. Rows with NaN in one of them do not count.
    """
    x, y = _pair(x[:, None], y, 0, 0)
    if len(y) < FEWEST_PAIRS or not _varies(y) or find_target_column(x[:, None], y, last_lead=0):
        return False
    few = _spread(len(y))  # they tell it of nearly every column, without sorting the others
    return _are_in_one_order(x[few], y[few]) and _are_in_one_order(x, y)


def _are_in_one_order(x: np.ndarray, y: np.ndarray) -> bool:
    """Tell whether y orders the rows as x does, or in reverse."""
    order = np.argsort(x)
    x_rises, y_rises = np.sign(np.diff(x[order])), np.sign(np.diff(y[order]))
    return np.array_equal(x_rises, y_rises) or np.array_equal(x_rises, -y_rises)


def _spread(n_rows: int) -> np.ndarray:
    """Return the positions of about `SAMPLE_SIZE` rows, evenly spaced."""
    return np.arange(0, n_rows, max(1, n_rows // SAMPLE_SIZE))


def _varies(series: np.ndarray) -> bool:
    """Tell whether the series, if there is one, has a positive standard deviation.

    That of a constant may be a rounding error, and that of changes below about 1e-162 is 0.
    """
    return len(series) > 0 and np.ptp(series) > 0 and np.std(series) > 0


def _sample_misses(X: np.ndarray, y: np.ndarray, lead: int, columns: Sequence[int]) -> np.ndarray:
    """Measure how far y is from a line of each column, (n_columns,), in standard deviations of y.

    The result is the quadratic mean over a sample of rows, from the best line of the sample. It
    never exceeds the worst error of the line of all rows.
    """
    extremes = [np.nanargmin(y), np.nanargmax(y)]  # y varies, however rare its events
    there = np.flatnonzero(~np.isnan(y))
    rows = np.append(there[_spread(len(there))], extremes)
    x = X[np.ix_(rows + lead, np.asarray(columns, dtype=np.intp))].T  # (n_columns, n_sampled)
    y_there = y if len(there) == len(y) else y[there]
    missing = np.isnan(x)
    if missing.any():
        return _sample_misses_with_gaps(x, y[rows], missing) / np.std(y_there)
    dx, dy = _center(x), _center(y[rows])
    misses = dy - _find_slope(dx, dy)[:, None] * dx
    return np.sqrt(np.mean(misses**2, axis=1)) / np.std(y_there)


def _sample_misses_with_gaps(x: np.ndarray, y: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """The same of columns x (n_columns, n_sampled) that are missing in some rows, in units of y."""
    n = np.maximum(1, np.sum(~missing, axis=1, keepdims=True))
    dx, dy = (
        np.where(missing, 0.0, values - np.sum(values, axis=1, keepdims=True, where=~missing) / n)
        for values in (x, np.broadcast_to(y, x.shape))
    )
    misses = dy - _find_slope(dx, dy)[:, None] * dx
    return np.sqrt(np.sum(misses**2, axis=1) / n[:, 0])


def _largest_miss(target: TargetColumn, x: np.ndarray, y: np.ndarray) -> float:
    """Measure how far y is from the line at its worst row, in standard deviations of y."""
    misses = target.slope * x
    misses += target.intercept
    misses -= y
    return max(np.max(misses), -np.min(misses)) / np.std(y)


def _find_tolerance(x: np.ndarray) -> float:
    """Return the largest allowed error of a line of x, in standard deviations of y."""
    x = _drop_missing(x)
    if not _varies(x):
        return TOLERANCE
    rounding = 8 * np.finfo(np.float64).eps * max(np.max(x), -np.min(x)) / np.std(x)
    return max(TOLERANCE, rounding)


# Sums, not matrix products, whose bits depend on the number of threads.


def _fit_line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Compute slope and intercept by least squares, exact if x equals y."""
    if np.array_equal(x, y):
        return 1.0, 0.0
    slope = _find_slope(_center(x), _center(y))
    return float(slope), float(np.mean(y) - slope * np.mean(x))


def _find_slope(dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """Compute the least squares slope of the centred dy (n,) on each centred series dx (..., n)."""
    squares = np.sum(dx**2, axis=-1)
    return np.sum(dx * dy, axis=-1) / np.where(squares > 0, squares, 1)


def _center(series: np.ndarray) -> np.ndarray:
    return series - np.mean(series, axis=-1, keepdims=True)
