"""The numeric columns of X and y, in any container.

A column is numeric if scikit-learn's check of X can convert it to float64, which includes objects,
decimals, digits as text and booleans. Missing values become NaN. All modules that look at raw rows
read them here, so that they see the same columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sklstm._rows.tables import to_frame
from sklstm._sklearn_compat import num_samples


def read_table(X: Any) -> pd.DataFrame:
    """Read the numeric columns of X as float64, with NaN for missing numbers.

    The table keeps the index and the names of the columns, or their positions if they have no
    names. If X is sparse or not a table, the result has no columns.
    """
    frame = _to_frame(X)
    columns = [_read_numbers(frame.iloc[:, position]) for position in range(frame.shape[1])]
    is_read = [column is not None for column in columns]
    values = [column for column in columns if column is not None]
    table = np.column_stack(values) if values else np.empty((len(frame), 0))
    return pd.DataFrame(table, index=frame.index, columns=frame.columns[is_read])


def read_outputs(y: Any, sample_weight: Any = None) -> np.ndarray | None:
    """Read targets as (n_rows, n_outputs), float64; None if they are not numbers.

    A target is NaN if it is missing or if its row has weight 0, so that it does not count.
    """
    frame = _to_frame(y)
    table = read_table(frame)
    if table.shape[1] < frame.shape[1] or frame.shape[1] == 0:
        return None
    return hide_weightless(table.to_numpy(), sample_weight)


def to_outputs(y: Any) -> np.ndarray:
    """Return targets as (n_rows, n_outputs), float64."""
    return np.asarray(y, dtype=np.float64).reshape(num_samples(y), -1)


def hide_weightless(outputs: np.ndarray, sample_weight: Any) -> np.ndarray:
    """Replace the outputs (n_rows, n_outputs) of rows with weight 0 by NaN."""
    if sample_weight is None:
        return outputs
    weight = np.asarray(sample_weight, dtype=np.float64)
    if weight.shape not in {(), (len(outputs),)}:
        raise ValueError(
            f"sample_weight has the shape {weight.shape}, but y has {len(outputs)} rows. Give one "
            "weight for each row."
        )
    weight = np.broadcast_to(weight, len(outputs))
    return outputs if weight.all() else np.where(weight[:, None] != 0, outputs, np.nan)


def fill_forward(rows: np.ndarray) -> np.ndarray:
    """Fill missing numbers of a column with the last one before them; NaN before the first."""
    if not np.isnan(rows).any():
        return rows
    return pd.DataFrame(rows).ffill().to_numpy()


def find_range(rows: np.ndarray, axis: int | None = None) -> tuple[Any, Any]:
    """Find the lowest and the highest number along an axis, ignoring missing ones."""
    lowest: Any = np.fmin  # the types of `reduce` differ from one NumPy to the next
    highest: Any = np.fmax
    return lowest.reduce(rows, axis=axis), highest.reduce(rows, axis=axis)


def _to_frame(rows: Any) -> pd.DataFrame:
    frame = to_frame(rows)
    return pd.DataFrame(index=range(num_samples(rows))) if frame is None else frame


def _read_numbers(column: pd.Series) -> np.ndarray | None:
    """Read a column as float64; None if it is not numeric."""
    if pd.api.types.is_datetime64_any_dtype(column) or column.dtype.kind in "cmM":
        return None
    values = _to_floats(column)
    if values is None or np.isfinite(values).all():
        return values
    return np.where(np.isfinite(values), values, np.nan)


def _to_floats(column: pd.Series) -> np.ndarray | None:
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    objects = column.to_numpy(dtype=object)
    objects = np.where(pd.isna(objects), np.nan, objects)
    if any(isinstance(value, complex | np.complexfloating) for value in objects):
        return None
    try:
        return objects.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
