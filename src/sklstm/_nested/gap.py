"""The gap between training and test rows that keeps targets of training rows out of test rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any

from sklearn.base import is_regressor

from sklstm._nested.metadata import find_weight, find_weight_of_rows
from sklstm._nested.parts import find_parts_with
from sklstm._rows.number_columns import read_outputs, read_table
from sklstm._rows.targets import find_target_columns, largest_lead


@dataclass(frozen=True)
class Gap:
    """The number of rows by which a training target can be later than its own row."""

    n_rows: int
    is_certain: bool  # False where it was found by values alone, which may agree by chance


def find_needed_gap(
    estimator: Any, X: Any, y: Any, fit_params: Mapping[str, Any] | None = None
) -> int:
    """Find the number of rows needed between training and test rows, as `find_gap` does."""
    return find_gap(estimator, X, y, fit_params).n_rows


def find_gap(estimator: Any, X: Any, y: Any, fit_params: Mapping[str, Any] | None = None) -> Gap:
    """Find the gap that an estimator needs between training and test rows.

    The estimator or a nested one may have it in ``needed_gap``. Otherwise the target is searched
    for in later rows of the columns of X. `fit_params` are those of the estimator's fit, with the
    weights of rows.
    """
    gaps = [
        _ask(part, X, y, find_weight(estimator, prefix, fit_params or {}))
        for prefix, part in find_parts_with(estimator, "needed_gap")
    ]
    if gaps:
        return Gap(max(gaps), is_certain=True)
    weight = find_weight_of_rows(estimator, fit_params or {})
    return Gap(_find_lead(estimator, X, y, weight), is_certain=False)


def _ask(part: Any, X: Any, y: Any, sample_weight: Any) -> int:
    if sample_weight is None or "sample_weight" not in signature(part.needed_gap).parameters:
        return int(part.needed_gap(X, y))
    return int(part.needed_gap(X, y, sample_weight=sample_weight))


def _find_lead(estimator: Any, X: Any, y: Any, sample_weight: Any) -> int:
    """Find by how many rows a regressor's target is later than its row, from its values; else 0."""
    if y is None or not is_regressor(estimator):
        return 0
    outputs = read_outputs(y, sample_weight)
    if outputs is None:  # no numbers: there is nothing to find by value
        return 0
    return largest_lead(find_target_columns(read_table(X).to_numpy(), outputs, horizon=1))
