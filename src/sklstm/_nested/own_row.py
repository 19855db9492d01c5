"""The warning about an estimator that reads the target in the predicted row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.base import is_regressor

from sklstm._nested.metadata import find_weight_of_rows
from sklstm._nested.parts import reads_windows
from sklstm._rows.columns import locate_columns
from sklstm._rows.number_columns import read_outputs, read_table
from sklstm._rows.targets import find_target_column
from sklstm._warnings import warn_caller


def describe_own_row(
    estimator: Any,
    X: Any,
    y: Any,
    known_columns: Any = None,
    fit_params: Mapping[str, Any] | None = None,
) -> str | None:
    """Describe the column of X from which a regressor that is not a forecaster may copy its target.

    None if there is no such column. Columns in `known_columns` are not checked, because they are
    known in advance.
    """
    if y is None or not is_regressor(estimator) or reads_windows(estimator):
        return None
    weight = find_weight_of_rows(estimator, fit_params or {})
    table, outputs = read_table(X), read_outputs(y, weight)
    if outputs is None:
        return None
    names = list(table.columns)
    known = locate_columns("known_columns", known_columns, len(names), names)
    unknown = [position for position in range(len(names)) if position not in known]
    found = [
        find_target_column(table.to_numpy(), output, last_lead=0, columns=unknown)
        for output in outputs.T
    ]
    copied = [repr(names[target.column]) for target in found if target]
    if not copied:
        return None
    return (
        f"y is column {', '.join(copied)} of X in the same row, and {type(estimator).__name__} is "
        "not a forecaster. Unless it ignores that column, it copies the target, and its scores say "
        "nothing about forecasts. Give it columns of earlier rows, such as X.shift(1), or use a "
        "forecaster such as LSTMRegressor."
    )


def warn_of_own_row(estimator: Any, X: Any, y: Any, known_columns: Any = None, **fit: Any) -> None:
    """Warn the caller if `describe_own_row` finds such a column."""
    text = describe_own_row(estimator, X, y, known_columns, **fit)
    if text is not None:
        warn_caller(text)
