"""A copy of an estimator that lags behind, so that the paths of its last rows are complete.

A path that began some rows ago is scored when the row of its last step arrives. To predict it then,
with the known columns of all its rows, the history of the estimator must end before the path.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_consistent_length

from sklstm._nested.forecasting import update
from sklstm._nested.reaching import can_reach
from sklstm._rows.labels import are_of_one_kind, is_numbered, read_labels, without_labels
from sklstm._rows.tables import to_frame
from sklstm._sklearn_compat import num_samples, safe_indexing


@dataclass(frozen=True)
class Lagging:
    """A fitted estimator, and the rows that follow its history."""

    estimator: Any
    X: Any  # the rows that follow, (n_rows, n_features)
    y: np.ndarray  # their targets, (n_rows,) or (n_rows, n_outputs)
    n_behind: int  # how many rows are to follow once the history is moved on

    def followed_by(self, X: Any, y: Any) -> Lagging:
        """Add newer rows after these."""
        check_consistent_length(X, y)
        y = np.asarray(y)
        if y.size != len(y) * np.prod(self.y.shape[1:], dtype=int):
            raise ValueError(
                f"y has the shape {y.shape}; in fit it was {('n_rows', *self.y.shape[1:])}. Give "
                "the same number of outputs."
            )
        y = np.concatenate([self.y, y.reshape(len(y), *self.y.shape[1:])])
        return replace(self, X=join_rows(self.X, X), y=y)

    def move_on(self) -> Lagging:
        """Extend the history by all but the last `n_behind` rows."""
        n_moved = len(self.y) - self.n_behind
        moved, left = slice(0, n_moved), slice(n_moved, len(self.y))
        if n_moved and can_reach(self.estimator, "update"):
            update(self.estimator, take_rows(self.X, moved), self.y[moved])
        return replace(self, X=take_rows(self.X, left), y=self.y[left])


def lag_behind(estimator: Any, X: Any, y: Any, n_behind: int) -> Lagging:
    """Copy a fitted estimator, and update the copy with all but the last `n_behind` rows."""
    return Lagging(deepcopy(estimator), X, np.asarray(y), n_behind).move_on()


def join_rows(older: Any, newer: Any) -> Any:
    """Join rows that follow each other; an index is kept if it labels both.

    If one is a table and the other an array, the array gets the columns of the table.
    """
    if not num_samples(older):
        return newer
    tables = [_read_table(older), _read_table(newer)]
    columns = next((table.columns for table in tables if table is not None), None)
    if columns is None:
        return np.concatenate([np.asarray(older), np.asarray(newer)])
    frames = [
        pd.DataFrame(np.asarray(rows), columns=columns) if table is None else table
        for table, rows in zip(tables, (older, newer), strict=True)
    ]
    joined = pd.concat(frames)
    return joined if _are_labelled_alike(*frames) else without_labels(joined)


def _read_table(rows: Any) -> pd.DataFrame | None:
    """Read a table of pandas, polars or pyarrow; None if the rows are an array or a list."""
    return to_frame(rows) if hasattr(rows, "columns") else None


def _are_labelled_alike(older: pd.DataFrame, newer: pd.DataFrame) -> bool:
    labels, others = read_labels(older), read_labels(newer)
    return labels is not None and others is not None and are_of_one_kind(labels, others)


def take_rows(X: Any, rows: slice) -> Any:
    """Take some rows. Rows without labels are renumbered 0 .. n-1.

    Otherwise their numbers would be mistaken for labels.
    """
    taken = safe_indexing(X, rows)
    return without_labels(taken) if is_numbered(X) else taken
