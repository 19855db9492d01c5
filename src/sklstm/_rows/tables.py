"""Tables as a DataFrame, for messages that name their rows or columns."""

from __future__ import annotations

from typing import Any

import pandas as pd
from scipy import sparse

MOST_NAMED = 3  # rows, or columns, that a message names


def to_frame(table: Any) -> pd.DataFrame | None:
    """Read a table of any kind; None if X is sparse or not a table, which other checks report."""
    if sparse.issparse(table):
        return None
    try:
        return pd.DataFrame(table.to_pandas() if hasattr(table, "to_pandas") else table)
    except (TypeError, ValueError, ImportError):  # polars needs pyarrow for it
        return None


def join_names(names: list[str], n_all: int) -> str:
    """Join the first names of a list, and count the others."""
    n_more = n_all - len(names)
    parts = [*names, f"{n_more} more"] if n_more else names
    return ", ".join(parts[:-1]) + f" and {parts[-1]}" if len(parts) > 1 else parts[0]


def name_columns(columns: pd.Index) -> str:
    """Name columns of a table: column 'a', or columns 'a', 'b', 'c' and 2 more."""
    named = join_names([repr(column) for column in columns[:MOST_NAMED].tolist()], len(columns))
    return f"column{'s' if len(columns) > 1 else ''} {named}"
