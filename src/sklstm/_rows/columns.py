"""Columns of X as users name them: by name or by position."""

from collections.abc import Sequence
from typing import Any

import numpy as np

Columns = str | int | Sequence[str | int | None]  # names or positions


def locate_columns(
    parameter: str, columns: Any, n_features: int, feature_names: Sequence[str] | None = None
) -> tuple[int, ...]:
    """Return the positions of the columns that a parameter names: one, a list, or None."""
    if columns is None:
        return ()
    listed = [columns] if isinstance(columns, str) or np.ndim(columns) == 0 else list(columns)
    positions = tuple(
        locate_column(parameter, column, n_features, feature_names) for column in listed
    )
    if len(set(positions)) < len(positions):
        raise ValueError(f"{parameter}={columns!r} names a column twice. Name each column once.")
    return positions


def locate_column(
    parameter: str, column: Any, n_features: int, feature_names: Sequence[str] | None = None
) -> int:
    """Return the position of the column that a parameter names."""
    names = [] if feature_names is None else list(feature_names)
    if isinstance(column, str) and column in names:
        return names.index(column)
    is_position = isinstance(column, int | np.integer) and not isinstance(column, bool)
    if is_position and 0 <= column < n_features:
        return int(column)
    way_out = f" or one of the names {names}" if names else ""
    if isinstance(column, str) and not names:
        way_out = (
            ", or give X column names. In a Pipeline, the steps before the model drop the names "
            'unless you call set_output(transform="pandas") on them'
        )
    raise ValueError(
        f"{parameter}={column!r} is not a column of X. Use a position from 0 to {n_features - 1}"
        f"{way_out}."
    )
