"""Labels: the times of the rows, read from the index of X or y.

Dates, periods, integers, durations and floats are labels; texts, categories and several levels are
not. Everything that takes rows in time order reads them here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

from sklstm._sklearn_compat import num_samples
from sklstm._warnings import warn_caller

# What an index holds, as pandas calls it, and what we call labels of that kind.
KINDS = {
    **dict.fromkeys(["datetime64", "datetime", "date", "period"], "dates"),
    **dict.fromkeys(["timedelta64", "timedelta"], "durations"),
    **dict.fromkeys(["floating", "mixed-integer-float", "decimal"], "floats"),
    "integer": "integers",
    "string": "texts",
}
# An index of these may be something else than time, so it labels rows only where it increases.
MAY_BE_NO_TIME = {"durations", "floats", "texts"}
SHORTEST_RUN = 3  # dates from which pandas infers a frequency


@dataclass(frozen=True)
class Labels:
    """The times of the rows."""

    values: np.ndarray  # (n_rows,): datetime64 in UTC, timedelta64, int64 or float64
    zone: str | None = None  # time zone of aware dates, None for all else
    frequency: str | None = None  # what counts the rows missing between two dates, None if unknown

    @property
    def are_dates(self) -> bool:
        """They are dates."""
        return self.values.dtype.kind == "M"

    @property
    def are_integers(self) -> bool:
        """They are integers."""
        return self.values.dtype.kind == "i"

    @property
    def increase(self) -> bool:
        """Each label is later than the one before it."""
        return first_disorder(self.values) is None

    def show(self, value: Any) -> str:
        """Write one of these labels, or one between them, as their index shows it."""
        if not self.are_dates:
            return str(value)
        date = pd.Timestamp(value)
        return str(date if self.zone is None else date.tz_localize("UTC").tz_convert(self.zone))


def first_disorder(values: np.ndarray) -> int | None:
    """Find the first row that is not later than the row before it; None where all are."""
    wrong = np.flatnonzero(values[1:] <= values[:-1])
    return int(wrong[0]) + 1 if len(wrong) else None


def read_labels(X: Any, y: Any = None, *, must_increase: bool = False) -> Labels | None:
    """Read the labels of the rows; None if no index is about time.

    The labels of X count; if X has none, those of y. Rows of a forecaster `must_increase`: it is an
    error if labels are out of order or missing. Other rows may be in any order, and an index with
    missing labels is ignored.
    """
    return settle_labels(X, y, must_increase=must_increase)[0]


def settle_labels(X: Any, y: Any, *, must_increase: bool = False) -> tuple[Labels | None, Any, Any]:
    """Read the labels of the rows, and return X and y without an index that was ignored.

    Reading the rows again, or a part of them, then gives the same result without a warning.
    """
    own, why_not = _read_index_of(X, "X", must_increase)
    if why_not:
        _warn_as_they_stand("X", why_not)
        X = without_labels(X)
    if y is None or not _have_as_many_rows(X, y):
        return own, X, y
    of_y, why_not = _read_index_of(y, "y", must_increase and own is None)
    if own is None:
        if why_not:
            _warn_as_they_stand("y", why_not)
            y = without_labels(y)
        return of_y, X, y
    if of_y is not None and _have_other_dates(own, of_y):
        _warn_of_other_dates(own, of_y)
        y = y.set_axis(X.index, axis=0)
    return own, X, y


def is_numbered(X: Any) -> bool:
    """Tell whether X is a table of pandas whose index numbers the rows, 0 .. n-1."""
    return isinstance(X, pd.DataFrame | pd.Series) and _is_numbering(X.index)


def without_labels(rows: Any) -> Any:
    """Return X or y with its rows numbered 0 .. n-1 in their present order; arrays unchanged."""
    return rows.reset_index(drop=True) if isinstance(rows, pd.DataFrame | pd.Series) else rows


def _have_as_many_rows(X: Any, y: Any) -> bool:
    return isinstance(y, pd.DataFrame | pd.Series) and num_samples(X) == len(y)


def _have_other_dates(own: Labels, of_y: Labels) -> bool:
    return own.are_dates and of_y.are_dates and not np.array_equal(own.values, of_y.values)


def _warn_of_other_dates(own: Labels, of_y: Labels) -> None:
    row = int(np.flatnonzero(own.values != of_y.values)[0])
    warn_caller(
        f"The dates of X and y differ: row {row} is {own.show(own.values[row])} in X and "
        f"{of_y.show(of_y.values[row])} in y. Rows are matched by position and labelled by X. If "
        "that is wrong, align them first: y = y.loc[X.index]."
    )


def _is_numbering(index: pd.Index) -> bool:
    if isinstance(index, pd.RangeIndex):  # without its values, which pandas would keep: 8 bytes
        return index.equals(pd.RangeIndex(len(index)))
    if isinstance(index, pd.MultiIndex) or index.inferred_type != "integer":
        return False
    return not index.hasnans and bool(np.array_equal(index, np.arange(len(index))))


def _read_index_of(rows: Any, name: str, must_increase: bool) -> tuple[Labels | None, str | None]:
    """Read the labels of X or y, or the reason why its index is ignored."""
    if not isinstance(rows, pd.DataFrame | pd.Series) or rows.empty or _is_numbering(rows.index):
        return None, None
    index = rows.index
    kind = None if isinstance(index, pd.MultiIndex) else KINDS.get(index.inferred_type)
    if kind is None:
        return None, None
    if kind in MAY_BE_NO_TIME:
        return _read_if_increasing(index, kind)
    if index.hasnans:
        row = int(np.flatnonzero(index.isna())[0])
        if not must_increase:
            return None, f"no label for row {row}"
        raise ValueError(
            f"The index of {name} must label every row, but row {row} has no label. Give it one, "
            "or keep the present order of the rows with reset_index(drop=True)."
        )
    labels = _read_dates(index) if kind == "dates" else _read_integers(index)
    if must_increase:
        _refuse_disorder(labels.values, index, name)
    return labels, None


def _read_if_increasing(index: pd.Index, kind: str) -> tuple[Labels | None, str | None]:
    """Read durations or floats that increase; texts are never labels."""
    read = {"durations": _read_durations, "floats": _read_floats, "texts": _read_texts}[kind]
    values = read(index)
    if values is None:
        return None, None
    if bool(pd.isna(values).any()) or first_disorder(values) is not None:
        return None, f"{kind} that do not increase"
    return (None if kind == "texts" else Labels(values)), None


def _warn_as_they_stand(name: str, found: str) -> None:
    warn_caller(
        f"The index of {name} is ignored, because it has {found}. The rows are used in their "
        "present order. If the index is the time, sort by it, oldest first. Otherwise drop it with "
        "reset_index(drop=True)."
    )


def _refuse_disorder(values: np.ndarray, index: pd.Index, name: str) -> None:
    row = first_disorder(values)
    if row is not None:
        raise ValueError(
            f"The index of {name} must be sorted, without duplicates: row {row}, {index[row]}, "
            f"comes after row {row - 1}, {index[row - 1]}. Sort X and y by time, oldest first, and "
            "keep one row per label. To keep the present order, use reset_index(drop=True) on X "
            "and y."
        )


def _read_integers(index: pd.Index) -> Labels:
    limits = np.iinfo(np.int64)
    if limits.min <= index.min() and index.max() <= limits.max:
        return Labels(index.to_numpy(dtype=np.int64))
    return Labels(_read_floats(index))


def _read_floats(index: pd.Index) -> np.ndarray:
    values = np.array([np.nan if pd.isna(x) else float(x) for x in index])
    return np.where(np.isfinite(values), values, np.nan)


def _read_durations(index: pd.Index) -> np.ndarray:
    return pd.to_timedelta(index.astype(object)).to_numpy()


def _read_texts(index: pd.Index) -> np.ndarray | None:
    """Read texts that are all numbers, or all dates as ISO 8601 writes them; else None."""
    texts = pd.Series(index.astype(object))
    numbers = pd.to_numeric(texts, errors="coerce")
    if not numbers.isna().any():
        return np.asarray(numbers, dtype=np.float64)
    dates = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=True)
    return None if dates.isna().any() else dates.dt.tz_convert(None).to_numpy()


def _read_dates(index: pd.Index) -> Labels:
    if index.inferred_type == "period":
        index = pd.PeriodIndex(index)
        # Of ten periods without a gap pandas tells how often they start: "MS" for months, "M".
        starts = pd.period_range(index[0], periods=10, freq=index.freq).to_timestamp()
        return Labels(index.to_timestamp().to_numpy(), frequency=_name_frequency(starts.freq))
    if not isinstance(index, pd.DatetimeIndex):  # date or datetime objects, or Arrow's
        is_aware = getattr(index[0], "tzinfo", None) is not None
        index = pd.DatetimeIndex(pd.to_datetime(index.astype(object), utc=is_aware))
    frequency = _name_frequency(index.freq)
    if index.tz is None:
        return Labels(index.to_numpy(), frequency=frequency)
    return Labels(index.tz_convert(None).to_numpy(), _name_zone(index.tz), frequency)


def _name_frequency(offset: Any) -> str | None:
    """Return the name of an offset; None if the name is not enough, as with custom holidays."""
    if offset is None:
        return None
    try:
        return offset.freqstr if to_offset(offset.freqstr) == offset else None
    except ValueError:
        return None


def _name_zone(zone: tzinfo) -> str:
    """Return the name of a time zone; UTC for the few that pandas cannot find by name."""
    try:
        pd.Timestamp(0, tz=str(zone))
    except (KeyError, ValueError):
        return "UTC"
    return str(zone)


def are_of_one_kind(labels: Labels, others: Labels) -> bool:
    """Whether both labels are of the same kind: dates match only dates, and so on."""
    return labels.values.dtype.kind == others.values.dtype.kind


def agree_on_zones(labels: Labels, others: Labels) -> bool:
    """Whether both have a time zone, no matter which, or neither has one."""
    return (labels.zone is None) == (others.zone is None)


def check_zones(kept: Labels, labels: Labels, name: str = "X") -> None:
    """Refuse to compare dates with a time zone to dates without one."""
    if not agree_on_zones(kept, labels):
        raise TypeError(
            f"The dates of {name} have {labels.zone or 'no time zone'}, but those of the kept rows "
            f"have {kept.zone or 'no time zone'}. They can be compared only if both or neither "
            "have a time zone. Use tz_localize on the index without one."
        )


def find_missing(kept: Labels, labels: Labels, last: Any, first: Any, at_most: int) -> tuple | None:
    """List up to `at_most` labels missing between two rows; None if their number is unknown."""
    if kept.are_integers:
        step = find_step(kept.values)
        return tuple(range(int(last) + step, int(first), step)[:at_most])
    frequency = kept.frequency or labels.frequency  # either side may have lost it by slicing
    if not kept.are_dates or frequency is None:
        return None
    return _list_dates(last, frequency, kept.zone, at_most, before=first)


def find_step(values: np.ndarray) -> int:
    """Find the step of integer labels: 1, or 10 if the rows are every tenth (10, 20, 40)."""
    gcd: Any = np.gcd  # the types of `reduce` differ from one NumPy to the next
    return int(gcd.reduce(np.diff(values))) or 1


def _list_dates(
    last: np.datetime64, frequency: str, zone: str | None, at_most: int, before: Any = None
) -> tuple:
    """List up to `at_most` dates of the frequency between `last` and `before`, oldest first."""
    offset = to_offset(frequency)
    # Hours are evenly spaced; days and longer follow the local clock and may have 23 or 25 hours.
    is_even = isinstance(offset, pd.offsets.Tick) and not isinstance(offset, pd.offsets.Day)
    clock = "UTC" if is_even or zone is None else zone

    def read_clock(date: Any) -> pd.Timestamp:
        return pd.Timestamp(date, tz="UTC").tz_convert(clock).tz_localize(None)

    date, end = read_clock(last), None if before is None else read_clock(before)
    dates: list[pd.Timestamp] = []
    while len(dates) < at_most and (end is None or date + offset < end):
        date += offset
        dates.append(date)
    is_summer = np.ones(len(dates), dtype=bool)  # of an hour that comes twice, the first
    local = pd.DatetimeIndex(dates).tz_localize(clock, is_summer, nonexistent="shift_forward")
    return tuple(local.tz_convert(None).to_numpy())


def is_long(step: Any, kept: Labels, n_steps: int) -> bool:
    """Tell whether a step exceeds `n_steps` of the longest kept one; False if none is kept."""
    return len(kept.values) > 1 and bool(step > n_steps * np.diff(kept.values).max())


def refuse_other_continuation(rows: Labels, later: Labels) -> None:
    """Refuse labels of future rows that do not continue those of the rows before them.

    If the next label is unknown, it must be later by no more than the longest step.
    """
    if not are_of_one_kind(rows, later):
        return
    check_zones(rows, later, "known")
    expected = _list_next(rows, len(later.values))
    steps = np.diff(later.values, prepend=rows.values[-1:].astype(later.values.dtype))
    if expected is not None:
        wrong = _differ(later.values, expected)
    else:
        wrong = np.array([step <= step * 0 or is_long(step, rows, 1) for step in steps])
    if not wrong.any():
        return
    row = int(np.argmax(wrong))
    wanted = "a later label close to it" if expected is None else rows.show(expected[row])
    raise ValueError(
        f"Row {row} of known is labelled {later.show(later.values[row])}, but should be {wanted}, "
        f"because the last row before is {rows.show(rows.values[-1])}. Give the rows that follow, "
        "or pass known as an array if its index is not the time."
    )


def _differ(values: np.ndarray, expected: np.ndarray) -> np.ndarray:
    if values.dtype.kind != "f":
        return values != expected
    return ~np.isclose(values, expected, rtol=1e-9, atol=1e-6 * abs(expected[-1] - expected[0]))


def _list_next(rows: Labels, n: int) -> np.ndarray | None:
    """List the labels of the next n rows; None if the rows have no regular step."""
    if rows.are_dates:
        frequency = rows.frequency or _infer_frequency(rows)
        if frequency is None:
            return None
        return np.array(_list_dates(rows.values[-1], frequency, rows.zone, n))
    steps = np.diff(rows.values)
    if len(steps) == 0 or _differ(steps, np.full(len(steps), steps[0])).any():
        return None
    return rows.values[-1] + steps[0] * np.arange(1, n + 1)


def _infer_frequency(rows: Labels) -> str | None:
    if len(rows.values) < SHORTEST_RUN:
        return None
    dates = pd.DatetimeIndex(rows.values, tz="UTC").tz_convert(rows.zone)
    return _name_frequency(pd.DatetimeIndex(dates, freq="infer").freq)
