"""Errors about columns of X that cannot be read as numbers, with their remedies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from sklstm._rows.tables import name_columns, to_frame

DATES, DURATIONS, TEXTS, OTHERS = "dates", "durations", "texts", "values that are not numbers"
INFERRED = {  # as pandas calls what a column of objects holds
    "string": TEXTS,
    "datetime": DATES,
    "datetime64": DATES,
    "date": DATES,
    "period": DATES,
    "timedelta": DURATIONS,
    "timedelta64": DURATIONS,
}
WAYS_OUT = {
    DATES: "Make them the index of X, or turn them into numbers, such as the day of the week",
    DURATIONS: "Turn them into numbers, such as seconds",
    TEXTS: "Turn them into numbers, for example with a OneHotEncoder in a ColumnTransformer",
    OTHERS: "Turn them into numbers",
}


@contextmanager
def naming_columns(X: Any) -> Iterator[None]:
    """Refuse dates and durations, and reword errors about other columns that are not numbers."""
    # Before they are read, because NumPy reads a table that has only dates as numbers.
    frame = to_frame(X) if _may_hold_times(X) else None
    if frame is not None:
        _refuse(frame, [_find_kind_by_type(dtype) for dtype in frame.dtypes], TypeError)
    try:
        yield
    except (TypeError, ValueError) as error:
        table = to_frame(X) if _is_about_types(error) else None
        if table is not None:
            kinds = [_find_kind(table.iloc[:, position]) for position in range(table.shape[1])]
            raised = TypeError if isinstance(error, TypeError) else ValueError
            _refuse(table, kinds, raised, f": {error}")
        raise


def _may_hold_times(X: Any) -> bool:
    if hasattr(X, "to_pandas"):  # polars, whose numbers are not to be copied for this
        return any(dtype.is_temporal() for dtype in getattr(X, "dtypes", ()))
    is_array_of_times = isinstance(X, np.ndarray) and X.dtype.kind in "mM"
    return is_array_of_times or isinstance(X, pd.DataFrame)


def _is_about_types(error: Exception) -> bool:
    return isinstance(error, TypeError) or "could not convert" in str(error)


def _refuse(
    frame: pd.DataFrame, kinds: Sequence[str | None], error: type[Exception], reason: str = ""
) -> None:
    """Raise the error if a column is not numeric; name all columns of the first one's kind."""
    kind = next((kind for kind in kinds if kind), None)
    if kind is not None:
        columns = frame.columns[np.flatnonzero([each == kind for each in kinds])]
        raise error(
            f"X has {kind} in {name_columns(columns)}{reason}. {WAYS_OUT[kind]}, or leave them out."
        ) from None


def _find_kind_by_type(dtype: Any) -> str | None:
    if isinstance(dtype, pd.PeriodDtype):
        return DATES
    return {"M": DATES, "m": DURATIONS}.get(dtype.kind)


def _find_kind(column: pd.Series) -> str | None:
    """Tell what a column holds, None if it can be read as numbers."""
    values = column.dropna().astype(object)
    try:
        np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        return INFERRED.get(pd.api.types.infer_dtype(values), OTHERS)
    return None
