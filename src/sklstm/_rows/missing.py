"""Errors about NaN and infinity that name the rows and suggest remedies which shift no window.

scikit-learn's message advises users to drop such rows. Here, that would join the rows around them,
and later windows would reach farther back in time than intended.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from sklstm._documentation import DOCUMENTATION
from sklstm._rows.tables import MOST_NAMED, join_names, name_columns, to_frame

WAYS_OUT = {
    "X": "Fill them, with X.ffill() or with an imputer in a Pipeline",
    "y": "Fill them, or give them any finite y and sample_weight=0",
}


@contextmanager
def naming_rows(**tables: Any) -> Iterator[None]:
    """Reword scikit-learn's errors about NaN or infinity in the tables X and y."""
    try:
        yield
    except ValueError as error:
        for name, table in tables.items():
            for kind in ("NaN", "infinity"):
                if str(error).startswith(f"Input {name} contains {kind}"):
                    raise ValueError(_describe(name, table, kind) or str(error)) from None
        raise


def _describe(name: str, table: Any, kind: str) -> str | None:
    """Describe the rows that have it and the remedy; None if no row is found."""
    frame = to_frame(table)
    if frame is None:
        return None
    has_it = _find(frame, kind)
    rows = np.flatnonzero(has_it.any(axis=1))
    if len(rows) == 0:
        return None
    where = join_names([_name_row(frame.index, row) for row in rows[:MOST_NAMED]], len(rows))
    return (
        f"Input {name} contains {kind} in {len(rows)} of {len(frame)} rows: {where}"
        f"{_name_columns(frame, has_it)}. Do not drop these rows: windows count rows, so dropping "
        f"one shifts all windows after it. {WAYS_OUT[name]}; see {DOCUMENTATION}missing_values.html"
    )


def _find(frame: pd.DataFrame, kind: str) -> np.ndarray:
    if kind == "NaN":
        return frame.isna().to_numpy()
    return np.isinf(frame.to_numpy(dtype=np.float64, na_value=np.nan))


def _name_row(index: pd.Index, row: int) -> str:
    is_numbered = isinstance(index, pd.RangeIndex) and index.equals(pd.RangeIndex(len(index)))
    return f"row {row}" if is_numbered else f"row {row} ({index[row]})"


def _name_columns(frame: pd.DataFrame, has_it: np.ndarray) -> str:
    """Name the columns that have it, if there are several columns."""
    if frame.shape[1] == 1:
        return ""
    return f", in {name_columns(frame.columns[np.flatnonzero(has_it.any(axis=0))])}"
