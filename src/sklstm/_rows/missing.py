"""NaN and infinity in rows of time: which rows have them, and the ways out that move no window.

scikit-learn's own text advises to drop such rows. Here that would join the rows around them, and
every later window would reach back farther in time than it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from sklstm._rows.tables import MOST_NAMED, join_names, name_columns, to_frame

WAYS_OUT = {
    "X": "Fill them, by X.ffill() or by an imputer in a Pipeline",
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
    """Say which rows have it and what to do; None if none is found."""
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
        f"{_name_columns(frame, has_it)}. Do not drop these rows: windows count rows, so all later "
        f"windows would move. {WAYS_OUT[name]}; see docs/missing_values.md."
    )


def _find(frame: pd.DataFrame, kind: str) -> np.ndarray:
    if kind == "NaN":
        return frame.isna().to_numpy()
    return np.isinf(frame.to_numpy(dtype=np.float64, na_value=np.nan))


def _name_row(index: pd.Index, row: int) -> str:
    is_numbered = isinstance(index, pd.RangeIndex) and index.equals(pd.RangeIndex(len(index)))
    return f"row {row}" if is_numbered else f"row {row} ({index[row]})"


def _name_columns(frame: pd.DataFrame, has_it: np.ndarray) -> str:
    """Name the columns that have it, where there is more than one column."""
    if frame.shape[1] == 1:
        return ""
    return f", in {name_columns(frame.columns[np.flatnonzero(has_it.any(axis=0))])}"
